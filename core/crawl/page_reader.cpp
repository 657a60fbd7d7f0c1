// A body is decoded in passing and read as it comes; none is held, but a page that is in memory
// anyway.
#include "core/crawl/page_reader.hpp"

#include "core/base/note.hpp"
#include "core/web/content.hpp"
#include "core/web/decode.hpp"
#include "core/web/digest.hpp"
#include "core/web/feed.hpp"
#include "core/web/link_header.hpp"
#include "core/web/page_stream.hpp"
#include "core/web/style_stream.hpp"

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <variant>

namespace trawl::crawl {
namespace {

constexpr std::size_t file_block_bytes = 256 * 1024;

using Consume = std::function<bool(std::string_view)>;

void each_block(const PageSource& source, const Consume& consume) {
  if (source.body_file.empty()) {
    consume(source.body);
    return;
  }
  std::ifstream file{source.body_file, std::ios::binary};
  std::string block(file_block_bytes, '\0');
  while (file) {
    file.read(block.data(), static_cast<std::streamsize>(block.size()));
    const auto count = static_cast<std::size_t>(file.gcount());
    if (count == 0 || !consume(std::string_view{block}.substr(0, count))) return;
  }
}

// What reads the text of a body, by its media type: nothing, for most.
class BodyText {
 public:
  BodyText(const PageSource& source, const web::MediaType& type) : source_(source) {
    if (type.is_html() && source.want_words) words_.emplace();
    if (type.is_html()) {
      auto& page = reader_.emplace<web::PageStream>(type, source.robots_token);
      if (!source.want_links) page.ignore_links();
      if (!source.want_repeats) page.skip_repeats();
    } else if (type.is_css() && source.want_links)
      reader_.emplace<web::StyleStream>(type.charset);
    else if (const auto format = web::feed_format(type))
      reader_.emplace<web::FeedReader>(*format, type, source.url);
  }

  void feed(std::string_view bytes) {
    if (words_) words_->feed(bytes);
    if (auto* page = std::get_if<web::PageStream>(&reader_)) page->feed(bytes);
    if (auto* sheet = std::get_if<web::StyleStream>(&reader_)) sheet->feed(bytes);
    if (auto* feed = std::get_if<web::FeedReader>(&reader_)) more_ = more_ && feed->feed(bytes);
  }

  void finish(PageFacts& facts) {
    take_words(facts);
    if (auto* page = std::get_if<web::PageStream>(&reader_))
      add(page->finish(source_.url), page->charset(), facts);
    if (auto* sheet = std::get_if<web::StyleStream>(&reader_))
      add(sheet->finish(source_.url), sheet->charset(), facts);
    if (auto* feed = std::get_if<web::FeedReader>(&reader_))
      add(feed->finish(), feed->charset(), facts);
  }

  // Whether there is anything to be read in the text.
  bool wanted() const { return !std::holds_alternative<std::monostate>(reader_); }

  // A whole body, which for a page is not copied.
  void read(std::string_view body, PageFacts& facts) {
    if (auto* page = std::get_if<web::PageStream>(&reader_)) {
      if (words_) words_->feed(body);
      take_words(facts);
      add(page->finish(source_.url, body), page->charset(), facts);
      return;
    }
    feed(body);
    finish(facts);
  }

 private:
  void take_words(PageFacts& facts) {
    if (words_) facts.text = words_->take();
  }

  // Links of the header, which are there already, come first.
  void add(web::PageLinks page, const std::string& charset, PageFacts& facts) const {
    if (!charset.empty()) facts.charset = charset;
    facts.title = std::move(page.title);
    facts.robots |= page.robots;
    facts.links_cut = page.links_cut;
    if (!source_.want_links) return;
    if (facts.links.empty()) {
      facts.links = std::move(page.links);
      return;
    }
    facts.links.insert(facts.links.end(), std::move_iterator{page.links.begin()},
                       std::move_iterator{page.links.end()});
  }

  const PageSource& source_;
  std::variant<std::monostate, web::PageStream, web::StyleStream, web::FeedReader> reader_;
  std::optional<web::TextWords> words_;
  bool more_ = true;
};

// Decodes the body and hands its bytes out; notes errors and bounds in the facts.
void decode_body(const PageSource& source, std::string_view coding, PageFacts& facts,
                 const web::DecodeOutput& output) {
  auto decoder = web::Decoder::create(
      coding, {.decoded_bytes_max = source.decoded_bytes_max.value_or(UINT64_MAX)});
  if (!decoder) {
    facts.decode_error = decoder.error();
    return;
  }
  Result<> state;
  each_block(source, [&](std::string_view block) {
    state = (*decoder)->feed(block, output);
    return state.has_value();
  });
  if (state) state = (*decoder)->finish(output);
  if ((*decoder)->has_trailing_data()) add_note(facts.note, "trailing_data");
  if (state) return;
  if (state.error().code == Errc::limit_exceeded) {
    facts.truncated = true;
    const bool full = facts.decoded_bytes >= source.decoded_bytes_max.value_or(UINT64_MAX);
    add_note(facts.note, full ? "max_body" : "decode_ratio");
  } else {
    facts.decode_error = state.error();
    facts.truncated = state.error().code == Errc::body_truncated;
  }
}

}  // namespace

PageFacts read_page(const PageSource& source) {
  PageFacts facts;
  const auto type = web::parse_media_type(http::find_header(source.headers, "content-type"));
  facts.content_type = type.essence;
  facts.charset = type.charset;
  facts.robots = web::header_robots(source.headers, source.robots_token);
  if (source.want_links) facts.links = web::header_links(source.headers, source.url);

  BodyText text{source, type};
  const std::string_view coding = http::find_header(source.headers, "content-encoding");
  const bool plain = coding.empty() || coding == "identity";
  if (plain && source.body_file.empty()) {  // the common case: nothing is copied
    facts.decoded_bytes = source.body.size();
    facts.sha256 = source.known_sha256.empty() ? web::sha256_hex(source.body) : source.known_sha256;
    text.read(source.body, facts);
    return facts;
  }

  // All that is left to know of a large file is its size.
  if (plain && !source.known_sha256.empty() && !text.wanted()) {
    std::error_code error;
    facts.decoded_bytes = std::filesystem::file_size(source.body_file, error);
    facts.sha256 = source.known_sha256;
    if (!error) return facts;
    facts.decoded_bytes = 0;
  }

  web::Hasher hasher{web::Hasher::Algorithm::sha256};
  const bool hash = source.known_sha256.empty();
  decode_body(source, plain ? "" : coding, facts, [&](std::string_view bytes) {
    facts.decoded_bytes += bytes.size();
    if (hash) hasher.update(bytes);
    text.feed(bytes);
    return true;
  });
  facts.sha256 = hash ? hasher.hex() : source.known_sha256;
  text.finish(facts);
  return facts;
}

}  // namespace trawl::crawl
