#pragma once
// What a body is and how its bytes become text: media type, charset, UTF-8.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace trawl::web {

struct MediaType {
  std::string essence;   // "text/html", lower-case; empty when unknown
  std::string charset;   // the parameter as written, unquoted; empty when absent
  bool is_html() const;  // text/html or application/xhtml+xml
  bool is_xhtml() const;
  bool is_css() const;
  bool is_xml() const;  // text/xml, application/xml, +xml
  bool is_svg() const;
  // Nothing is said of the body, or that nobody knows: its bytes are asked (MIME Sniffing standard,
  // section 7, step 1).
  bool is_unknown() const;
};

// A Content-Type header value (MIME Sniffing standard, section 4.4: parse a MIME type); never
// fails.
MediaType parse_media_type(std::string_view header_value);

// What a header says of its body: of several Content-Type values, on one line or on many, the last
// that is one; the charset of an earlier one with the same essence holds on (Fetch standard,
// section 2.2.2: extract a MIME type).
MediaType declared_media_type(std::span<const std::pair<std::string, std::string>> fields);

// The type of a body whose declared one is unknown, by its first bytes: text/html, text/xml, or
// none (MIME Sniffing standard, section 7.1; of its table what can have links).
inline constexpr std::size_t sniffed_bytes_max = 512;
MediaType sniffed_media_type(std::string_view begin);

// The encoding of an HTML page by the Encoding standard's names ("UTF-8", "windows-1252", …): BOM,
// then the header's charset, then a meta prescan of the first 1024 bytes, then detection, then
// windows-1252.
std::string detect_charset(std::string_view body, std::string_view header_charset);

// The encoding of a style sheet (CSS Syntax, section 3.2): BOM, the header's charset, @charset,
// then UTF-8. The charset of the page that refers to it is not asked: the sheet may have several.
std::string style_charset(std::string_view css, std::string_view header_charset);

// The canonical name for a label of the Encoding standard; empty when there is none.
std::string charset_for_label(std::string_view label);

// Decodes to UTF-8; malformed sequences become U+FFFD. A UTF-8 body without BOM that is valid is
// returned as it is, without a copy, in which case the view refers to body; else to storage.
std::string_view to_utf8(std::string_view body, std::string_view charset, std::string& storage);

// The same for bytes from the middle of a body, where a byte order mark is a character like any
// other. encoding: a name of the Encoding standard, empty for UTF-8.
std::string_view part_to_utf8(std::string_view bytes, std::string_view encoding,
                              std::string& storage);

}  // namespace trawl::web
