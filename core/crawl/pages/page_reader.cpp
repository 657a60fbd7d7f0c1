// A body is decoded in passing and read as it comes; none is held, but a page that is in memory
// anyway.
#include "core/crawl/pages/page_reader.hpp"

#include "core/base/note.hpp"
#include "core/web/charset/content.hpp"
#include "core/web/coding/decode.hpp"
#include "core/web/digest.hpp"
#include "core/web/feeds/feed.hpp"
#include "core/web/links/link_header.hpp"
#include "core/web/links/page_stream.hpp"
#include "core/web/links/style_stream.hpp"

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

// The first bytes of a body that is not coded.
std::string first_bytes(const PageSource& source) {
  if (source.body_file.empty()) return std::string{source.body.substr(0, web::sniffed_bytes_max)};
  std::string bytes(web::sniffed_bytes_max, '\0');
  std::ifstream file{source.body_file, std::ios::binary};
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  return bytes;
}

web::MediaType sniffed_if_unknown(web::MediaType declared, std::string_view first) {
  if (!declared.is_unknown()) return declared;
  auto sniffed = web::sniffed_media_type(first);
  return sniffed.essence.empty() ? declared : sniffed;
}

// What reads the text of a body, by its media type: nothing, for most. One that isn't known waits
// for the first bytes, unless they have been asked.
class BodyText {
 public:
  BodyText(const PageSource& source, web::MediaType type, bool asked)
      : source_(source), type_(std::move(type)) {
    if (asked || !type_.is_unknown()) begin();
  }

  void feed(std::string_view bytes) {
    if (!begun_) {
      first_.append(bytes);
      if (first_.size() < web::sniffed_bytes_max) return;
      begin();
      bytes = first_;
    }
    if (words_) words_->feed(bytes);
    if (auto* page = std::get_if<web::PageStream>(&reader_)) page->feed(bytes);
    if (auto* sheet = std::get_if<web::StyleStream>(&reader_)) sheet->feed(bytes);
    if (auto* feed = std::get_if<web::FeedReader>(&reader_)) more_ = more_ && feed->feed(bytes);
  }

  void finish(PageFacts& facts) {
    if (!begun_) {
      begin();
      feed(first_);
    }
    facts.content_type = type_.essence;
    facts.charset = type_.charset;
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
  void begin() {
    begun_ = true;
    type_ = sniffed_if_unknown(std::move(type_), first_);
    if (type_.is_html() && source_.want_words) words_.emplace();
    if (type_.is_html() || type_.is_svg()) {
      auto& page = reader_.emplace<web::PageStream>(type_, source_.robots_token);
      if (!source_.want_links) page.ignore_links();
      if (!source_.want_repeats) page.skip_repeats();
    } else if (type_.is_css() && source_.want_links)
      reader_.emplace<web::StyleStream>(type_.charset);
    else if (const auto format = web::feed_format(type_))
      reader_.emplace<web::FeedReader>(*format, type_, source_.url);
  }

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
  web::MediaType type_;
  bool begun_ = false;
  std::string first_;  // until it has begun
  std::variant<std::monostate, web::PageStream, web::StyleStream, web::FeedReader> reader_;
  std::optional<web::TextWords> words_;
  bool more_ = true;
};

// Of a body in memory that is not coded.
void digest_body(const PageSource& source, PageFacts& facts) {
  if (!source.known_sha256.empty()) {
    facts.sha256 = source.known_sha256;
  } else if (source.block_head.empty()) {
    facts.sha256 = web::sha256_hex(source.body);
  } else {
    auto digests = web::sha256_of_block(source.block_head, source.body);
    facts.sha256 = std::move(digests.body);
    facts.block_sha256 = std::move(digests.block);
  }
}

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
  const std::string coding = http::content_coding(source.headers);
  const bool plain = coding.empty();
  auto type = web::declared_media_type(source.headers);
  if (plain && type.is_unknown()) type = sniffed_if_unknown(std::move(type), first_bytes(source));
  facts.content_type = type.essence;
  facts.charset = type.charset;
  facts.robots = web::header_robots(source.headers, source.robots_token);
  if (source.want_links) facts.links = web::header_links(source.headers, source.url);

  BodyText text{source, std::move(type), plain};
  if (plain && source.body_file.empty()) {  // the common case: nothing is copied
    facts.decoded_bytes = source.body.size();
    digest_body(source, facts);
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
  std::optional<web::Hasher> more;
  if (source.more_digest && !plain) more.emplace(*source.more_digest);
  decode_body(source, plain ? "" : coding, facts, [&](std::string_view bytes) {
    facts.decoded_bytes += bytes.size();
    if (hash) hasher.update(bytes);
    if (more) more->update(bytes);
    text.feed(bytes);
    return true;
  });
  facts.sha256 = hash ? hasher.hex() : source.known_sha256;
  if (more) facts.more_digest = more->hex();
  text.finish(facts);
  return facts;
}

}  // namespace trawl::crawl
