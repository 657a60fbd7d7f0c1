// Values are decoded, changed and encoded again only where a link in them changes; all other bytes
// are copied. Characters above ASCII that a changed value keeps are written as references, which
// mean the same in every encoding.
#include "core/web/links/link_rewriter.hpp"

#include "core/web/ascii.hpp"
#include "core/web/charset/content.hpp"
#include "core/web/charset/query_encoding.hpp"
#include "core/web/html/html_attribute.hpp"
#include "core/web/html/html_entities.hpp"
#include "core/web/html/srcset.hpp"
#include "core/web/links/css.hpp"
#include "core/web/links/link_spots.hpp"
#include "core/web/utf8.hpp"

#include <fmt/format.h>

#include <optional>
#include <unordered_set>
#include <utility>
#include <vector>

namespace trawl::web {
namespace {

constexpr std::size_t text_bytes_max = 64 * 1024 * 1024;  // of what replaces links
constexpr const char* dead_link = "http://";  // without a host it is no URL against any base

std::string_view trimmed(std::string_view url) {
  const auto is_space = [](char c) { return static_cast<unsigned char>(c) <= 0x20; };
  while (!url.empty() && is_space(url.front())) url.remove_prefix(1);
  while (!url.empty() && is_space(url.back())) url.remove_suffix(1);
  return url;
}

std::string in_utf8(std::string_view raw, std::string_view charset) {
  std::string storage;
  return std::string{to_utf8(raw, charset, storage)};
}

// One code point of valid UTF-8, taken from the front.
char32_t take_scalar(std::string_view& text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  char32_t scalar = size == 1 ? lead : lead & (0xFFU >> (size + 1));
  for (std::size_t i = 1; i < size && i < text.size(); ++i)
    scalar = scalar << 6 | (static_cast<unsigned char>(text[i]) & 0x3FU);
  text.remove_prefix(std::min(size, text.size()));
  return scalar;
}

// For an attribute in double quotes, single quotes, or for a text.
std::string escaped(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const char c = text.front();
    if (static_cast<unsigned char>(c) >= 0x80) {
      out += fmt::format("&#x{:X};", static_cast<std::uint32_t>(take_scalar(text)));
      continue;
    }
    text.remove_prefix(1);
    if (c == '&')
      out += "&amp;";
    else if (c == '"')
      out += "&quot;";
    else if (c == '\'')
      out += "&#39;";
    else if (c == '<')
      out += "&lt;";
    else
      out += c;
  }
  return out;
}

// Within url(), quoted or not, and within a string.
std::string escaped_for_css(std::string_view url) {
  std::string out;
  for (const char c : url) {
    if (c == '"' || c == '\'' || c == '(' || c == ')' || c == '\\' || c == ' ') out += '\\';
    out += c;
  }
  return out;
}

// Changes the links of one document; remembers which elements have a local one now.
class Changer {
 public:
  // base: the document's own URL, or that of its <base>, which is to go away.
  Changer(const SourceText& source, const Url& base, const LinkChange& change)
      : charset_(source.charset),
        query_(source.query_charset.empty() ? source.charset : source.query_charset),
        document_(source.url),
        base_(base),
        change_(change) {}

  // What a spot's raw text becomes; absent: it stays.
  std::optional<std::string> change(const LinkSpot& spot);
  // The same for CSS in the document's encoding.
  std::optional<std::string> change_css(std::string_view css, std::string_view charset,
                                        std::size_t element);
  bool has_local(std::size_t element) const { return local_.contains(element); }

 private:
  // url: of an attribute of HTML, whose query is in the page's charset, or of CSS.
  std::optional<std::string> new_text(std::string_view url, LinkUse use, std::size_t element,
                                      bool of_css = false);
  std::optional<std::string> change_srcset(std::string_view value, std::size_t element);
  std::optional<std::string> change_refresh(std::string_view value, std::size_t element);
  std::optional<std::string> change_value(const LinkSpot& spot, std::string_view value);

  std::string_view charset_;
  QueryEncoder query_;
  const Url& document_;
  const Url& base_;
  bool other_base_ = base_.without_fragment() != std::string_view{document_.without_fragment()};
  const LinkChange& change_;
  std::unordered_set<std::size_t> local_;
};

std::optional<std::string> Changer::new_text(std::string_view url, LinkUse use, std::size_t element,
                                             bool of_css) {
  url = trimmed(url);
  if (url.empty()) return std::nullopt;
  if (url.starts_with('#') && !other_base_) return std::nullopt;
  const std::string_view written = of_css ? url : query_.encode(url);
  const auto target = Url::parse(written, &base_);
  if (!target) {
    // "http:x" has a host that may be none, but is a path where the base, of https, is gone.
    const bool revives = other_base_ && base_.is_http() && Url::parse(written, &document_);
    return revives ? std::optional<std::string>{dead_link} : std::nullopt;
  }
  if (!target->is_http()) return std::nullopt;
  // Nothing can be relative to a file under a base of another scheme, which then stays.
  NewLink link = base_.is_http() ? change_(*target, use) : NewLink{.text = target->href()};
  if (link.local) local_.insert(element);
  if (link.text == url) return std::nullopt;
  return std::move(link.text);
}

std::optional<std::string> Changer::change_srcset(std::string_view value, std::size_t element) {
  std::string out;
  std::string_view rest = value;
  const char* copied = value.data();
  bool changed = false;
  while (true) {
    const std::string_view url = next_srcset_url(rest);
    if (url.empty()) break;
    auto text = new_text(url, LinkUse::resource, element);
    if (!text) continue;
    changed = true;
    if (text->ends_with(',')) text->replace(text->size() - 1, 1, "%2C");  // it would separate
    out.append(copied, url.data()).append(*text);
    copied = url.data() + url.size();
  }
  if (!changed) return std::nullopt;
  return out.append(copied, value.data() + value.size());
}

std::optional<std::string> Changer::change_refresh(std::string_view value, std::size_t element) {
  const auto url = refresh_url(value);
  if (!url) return std::nullopt;
  const auto text = new_text(*url, LinkUse::resource, element);
  if (!text) return std::nullopt;
  const std::size_t start = static_cast<std::size_t>(url->data() - value.data());
  return std::string{value.substr(0, start)} + *text +
         std::string{value.substr(start + url->size())};
}

std::optional<std::string> Changer::change_css(std::string_view css, std::string_view charset,
                                               std::size_t element) {
  std::string out;
  const char* copied = css.data();
  bool changed = false;
  CssScanner scanner(css);
  while (const auto found = scanner.next()) {
    const std::string url =
        in_utf8(found->escaped ? unescape_css(found->text) : std::string{found->text}, charset);
    if (trimmed(url).starts_with('#')) continue;  // a part of the page that is styled
    const auto text = new_text(url, LinkUse::resource, element, true);
    if (!text) continue;
    changed = true;
    out.append(copied, found->text.data()).append(escaped_for_css(*text));
    copied = found->text.data() + found->text.size();
  }
  if (!changed) return std::nullopt;
  return out.append(copied, css.data() + css.size());
}

// value: decoded.
std::optional<std::string> Changer::change_value(const LinkSpot& spot, std::string_view value) {
  switch (spot.kind) {
    case SpotKind::url:
      if (spot.foreign && trimmed(value).starts_with('#')) return std::nullopt;
      return new_text(value, LinkUse::resource, spot.element);
    case SpotKind::action:
      return new_text(value, LinkUse::action, spot.element);
    case SpotKind::srcset:
      return change_srcset(value, spot.element);
    case SpotKind::refresh:
      return change_refresh(value, spot.element);
    case SpotKind::style:
    case SpotKind::foreign_style:
      return change_css(value, "UTF-8", spot.element);
    default:
      return std::nullopt;
  }
}

std::optional<std::string> Changer::change(const LinkSpot& spot) {
  if (spot.kind == SpotKind::style_text) return change_css(spot.raw, charset_, spot.element);
  std::string value;
  append_decoded(value, in_utf8(spot.raw, charset_), ReferencePlace::attribute);
  auto changed = change_value(spot, value);
  if (!changed) return std::nullopt;
  std::string text = escaped(*changed);
  if (spot.kind == SpotKind::foreign_style) return text;
  const char before = spot.raw.data()[-1];
  if (before != '"' && before != '\'') return '"' + text + '"';
  return text;
}

// Puts pieces of the source and what replaces others of them together.
class Output {
 public:
  explicit Output(std::string_view source) : copied_(source.data()), end_(copied_ + source.size()) {
    text_.reserve(source.size() + source.size() / 16);
  }
  void replace(std::string_view raw, std::string_view text) {
    text_.append(copied_, raw.data()).append(text);
    copied_ = raw.data() + raw.size();
  }
  std::string take() && {
    text_.append(copied_, end_);
    return std::move(text_);
  }

 private:
  const char* copied_;
  const char* end_;
  std::string text_;
};

std::optional<Url> base_of(const LinkSpotReader& page, const SourceText& source) {
  if (!page.base_href()) return std::nullopt;
  std::string href;
  append_decoded(href, in_utf8(*page.base_href(), source.charset), ReferencePlace::attribute);
  return base_element_url(href, source.url);
}

}  // namespace

std::string rewrite_page(const SourceText& page, std::string_view declare_charset,
                         const LinkChange& change) {
  LinkSpotReader reader(page.text, page.xhtml);
  reader.read();
  const auto base = base_of(reader, page);
  Changer changer(page, base ? *base : page.url, change);
  // A tag's promises may stand before its link.
  std::vector<std::optional<std::string>> texts;
  texts.reserve(reader.spots().size());
  std::size_t bytes = 0;  // whole URLs in the place of short links; what is too much stays as it is
  for (const LinkSpot& spot : reader.spots()) {
    texts.push_back(bytes < text_bytes_max ? changer.change(spot) : std::nullopt);
    if (texts.back()) bytes += texts.back()->size();
  }

  Output out(page.text);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const LinkSpot& spot = reader.spots()[i];
    if (texts[i])
      out.replace(spot.raw, *texts[i]);
    else if (spot.kind == SpotKind::base && (!base || base->is_http()))
      out.replace(spot.raw,
                  {spot.raw.data()[-1] == '"' || spot.raw.data()[-1] == '\'' ? "" : "\"\""});
    else if (spot.kind == SpotKind::policy)
      out.replace(spot.raw, "x-content-security-policy");
    else if (spot.kind == SpotKind::server_promise && changer.has_local(spot.element))
      out.replace(spot.raw, "");
    else if (spot.kind == SpotKind::head && !declare_charset.empty())
      out.replace(spot.raw, fmt::format("<meta charset=\"{}\">", declare_charset));
  }
  return std::move(out).take();
}

std::string rewrite_css(const SourceText& sheet, const LinkChange& change) {
  Changer changer(sheet, sheet.url, change);
  auto changed = changer.change_css(sheet.text, sheet.charset, 0);
  return changed ? *std::move(changed) : std::string{sheet.text};
}

bool is_ascii_superset(std::string_view charset) {
  return charset != "UTF-16LE" && charset != "UTF-16BE" && charset != "ISO-2022-JP" &&
         charset != "replacement";
}

}  // namespace trawl::web
