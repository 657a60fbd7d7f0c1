// UTF-16 and ISO-2022-JP, which have no plain ASCII to work on, are turned into UTF-8 for the
// change and back afterwards.
#include "service/offline/convert.hpp"

#include "core/web/charset/charset.hpp"
#include "core/web/charset/charset_encode.hpp"
#include "core/web/charset/content.hpp"

#include <algorithm>

namespace trawl::service {
namespace {

constexpr std::size_t prescan_bytes = 1024;  // HTML standard, section 13.2.3.2

// The name that has to be put into the page; empty when it says so itself, or needs none.
std::string_view charset_to_declare(const StoredText& text) {
  if (text.type != OfflineType::html || text.charset.empty()) return {};
  if (!web::bom_charset(text.body).empty()) return {};
  const bool ascii =
      std::ranges::all_of(text.body, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (ascii || web::prescan_charset(text.body.substr(0, prescan_bytes)) == text.charset) return {};
  return text.charset;
}

// body: in charset. query_charset: the stored text's own.
std::string change_links(const StoredText& text, std::string_view body, std::string_view charset,
                         std::string_view query_charset, std::string_view declared,
                         const web::LinkChange& change) {
  const web::SourceText source{.text = body,
                               .charset = charset,
                               .url = text.url,
                               .xhtml = text.type == OfflineType::xhtml,
                               .query_charset = query_charset};
  return text.type == OfflineType::css ? web::rewrite_css(source, change)
                                       : web::rewrite_page(source, declared, change);
}

}  // namespace

std::string convert_links(const StoredText& text, const web::LinkChange& change) {
  const std::string_view marked = web::bom_charset(text.body);
  const std::string_view charset = marked.empty() ? web::encoding_name(text.charset) : marked;
  if (charset.empty() || web::is_ascii_superset(charset))
    return change_links(text, text.body, charset, charset, charset_to_declare(text), change);
  if (charset == "replacement") return std::string{text.body};
  std::string storage;
  const std::string_view decoded = web::to_utf8(text.body, charset, storage);
  const std::string changed = change_links(text, decoded, "UTF-8", charset, {}, change);
  return web::encode_utf8(changed, charset, !marked.empty());
}

}  // namespace trawl::service
