// The text of a page is held once; a body that is no page is decoded in passing and never held.
#include "core/crawl/page_reader.hpp"

#include "core/base/limits.hpp"
#include "core/web/content.hpp"
#include "core/web/decode.hpp"
#include "core/web/digest.hpp"
#include "core/web/link_header.hpp"

#include <fstream>
#include <functional>
#include <iterator>

namespace trawl::crawl {
namespace {

constexpr std::size_t file_block_bytes = 256 * 1024;
constexpr std::size_t page_text_bytes_max = 64 * 1024 * 1024;  // of which links are read

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

bool has_text(const web::MediaType& type) {
  return type.is_html() || type.is_css();
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
  if (state) return;
  if (state.error().code == Errc::limit_exceeded)
    facts.truncated = true;
  else
    facts.decode_error = state.error();
}

// Those of the header, which are there already, come first.
void add_links(PageFacts& facts, std::vector<web::Link> links) {
  if (facts.links.empty()) {
    facts.links = std::move(links);
    return;
  }
  facts.links.insert(facts.links.end(), std::move_iterator{links.begin()},
                     std::move_iterator{links.end()});
}

void read_text(const PageSource& source, const web::MediaType& type, std::string_view text,
               PageFacts& facts) {
  if (type.is_css()) {
    if (source.want_links) add_links(facts, web::extract_css_links(text, source.url));
    return;
  }
  facts.charset = web::detect_charset(text, type.charset);
  std::string storage;
  const std::string_view utf8 = web::to_utf8(text, facts.charset, storage);
  auto page = web::extract_links(utf8, source.url, source.robots_token);
  facts.title = std::move(page.title);
  facts.robots |= page.robots;
  if (source.want_links) add_links(facts, std::move(page.links));
}

}  // namespace

PageFacts read_page(const PageSource& source) {
  PageFacts facts;
  const auto type = web::parse_media_type(http::find_header(source.headers, "content-type"));
  facts.content_type = type.essence;
  facts.charset = type.charset;
  facts.robots = web::header_robots(source.headers, source.robots_token);
  if (source.want_links) facts.links = web::header_links(source.headers, source.url);

  const std::string_view coding = http::find_header(source.headers, "content-encoding");
  const bool plain = coding.empty() || coding == "identity";
  if (plain && source.body_file.empty()) {  // the common case: nothing is copied
    facts.decoded_bytes = source.body.size();
    facts.sha256 = source.known_sha256.empty() ? web::sha256_hex(source.body) : source.known_sha256;
    if (has_text(type)) read_text(source, type, source.body, facts);
    return facts;
  }

  std::string text;
  web::Hasher hasher{web::Hasher::Algorithm::sha256};
  const bool hash = source.known_sha256.empty();
  decode_body(source, plain ? "" : coding, facts, [&](std::string_view bytes) {
    facts.decoded_bytes += bytes.size();
    if (hash) hasher.update(bytes);
    if (has_text(type) && text.size() < page_text_bytes_max) text.append(bytes);
    return true;
  });
  facts.sha256 = hash ? hasher.hex() : source.known_sha256;
  if (has_text(type)) read_text(source, type, text, facts);
  return facts;
}

}  // namespace trawl::crawl
