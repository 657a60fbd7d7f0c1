// Browsers look for the charset before they parse, with a scanner of its own that knows no tree, no
// raw text and no references; so does this one, because a page is read as browsers read it.

#include "core/web/ascii.hpp"
#include "core/web/charset/charset.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>

namespace trawl::web {
namespace {

// The label of "…charset=label…" in a meta element's content (HTML standard, section 2.5.4).
std::string_view charset_in_content(std::string_view content) {
  constexpr std::string_view word = "charset";
  while (content.size() > word.size()) {
    if (!ascii::starts_with(content, word)) {
      content.remove_prefix(1);
      continue;
    }
    content.remove_prefix(word.size());
    std::string_view rest = content;
    while (!rest.empty() && ascii::is_space(rest.front())) rest.remove_prefix(1);
    if (rest.empty() || rest.front() != '=') continue;
    rest.remove_prefix(1);
    while (!rest.empty() && ascii::is_space(rest.front())) rest.remove_prefix(1);
    if (rest.empty()) return {};
    if (rest.front() == '"' || rest.front() == '\'') {
      const std::size_t close = rest.find(rest.front(), 1);
      return close == std::string_view::npos ? std::string_view{} : rest.substr(1, close - 1);
    }
    std::size_t length = 0;
    while (length < rest.size() && !ascii::is_space(rest[length]) && rest[length] != ';') ++length;
    return rest.substr(0, length);
  }
  return {};
}

struct PrescanAttribute {
  std::string_view name;
  std::string_view value;
};

class Prescan {
 public:
  explicit Prescan(std::string_view head) : head_(head) {}

  std::string_view run() {
    while (at_ < head_.size()) {
      at_ = head_.find('<', at_);
      if (at_ == std::string_view::npos) break;
      if (const std::string_view found = read_markup(); !found.empty()) return found;
    }
    return {};
  }

 private:
  std::string_view read_markup() {
    const std::string_view rest = head_.substr(at_);
    if (rest.starts_with("<!--")) {
      at_ = behind(head_.find("-->", at_ + 2), 3);
    } else if (rest.size() > 5 && ascii::starts_with(rest, "<meta") &&
               (ascii::is_space(rest[5]) || rest[5] == '/')) {
      at_ += 5;
      return read_meta();
    } else if (rest.size() > 1 && (ascii::is_alpha(rest[1]) || (rest.size() > 2 && rest[1] == '/' &&
                                                                ascii::is_alpha(rest[2])))) {
      while (at_ < head_.size() && !ascii::is_space(head_[at_]) && head_[at_] != '>') ++at_;
      while (next_attribute()) {
      }
    } else if (rest.size() > 1 && (rest[1] == '!' || rest[1] == '/' || rest[1] == '?')) {
      at_ = behind(head_.find('>', at_), 1);
    } else {
      ++at_;
    }
    return {};
  }

  std::size_t behind(std::size_t found, std::size_t length) const {
    return found == std::string_view::npos ? head_.size() : found + length;
  }

  std::string_view read_meta() {
    bool http_equiv_seen = false, content_seen = false, charset_seen = false;
    bool pragma = false;
    bool needs_pragma = false;
    std::optional<std::string_view> charset;
    while (const auto attribute = next_attribute()) {
      if (ascii::equals(attribute->name, "http-equiv") && !http_equiv_seen) {
        http_equiv_seen = true;
        pragma = ascii::equals(attribute->value, "content-type");
      } else if (ascii::equals(attribute->name, "content") && !content_seen) {
        content_seen = true;
        const auto found = encoding_name(charset_in_content(attribute->value));
        if (found.empty() || charset) continue;
        charset = found;
        needs_pragma = true;
      } else if (ascii::equals(attribute->name, "charset") && !charset_seen) {
        charset_seen = true;
        charset = encoding_name(attribute->value);
        needs_pragma = false;
      }
    }
    if (cut_) return {};
    if (!charset || charset->empty() || (needs_pragma && !pragma)) return {};
    // Who could read this far did not read UTF-16.
    if (charset->starts_with("UTF-16")) return "UTF-8";
    return *charset == "x-user-defined" ? "windows-1252" : *charset;
  }

  bool done() const { return at_ >= head_.size(); }
  void skip_space() {
    while (!done() && ascii::is_space(head_[at_])) ++at_;
  }

  // "Get an attribute"; nothing at the tag's '>', or when the bytes end before it.
  std::optional<PrescanAttribute> next_attribute() {
    while (!done() && (ascii::is_space(head_[at_]) || head_[at_] == '/')) ++at_;
    if (done()) return cut();
    if (head_[at_] == '>') {
      ++at_;
      return {};
    }
    PrescanAttribute attribute;
    const std::size_t start = at_;
    while (!done() && !ascii::is_space(head_[at_]) && head_[at_] != '/' && head_[at_] != '>' &&
           (head_[at_] != '=' || at_ == start)) {
      ++at_;
    }
    attribute.name = head_.substr(start, at_ - start);
    skip_space();
    if (done()) return cut();
    if (head_[at_] != '=') return attribute;
    ++at_;
    skip_space();
    if (done()) return cut();
    if (head_[at_] == '"' || head_[at_] == '\'') {
      const std::size_t close = head_.find(head_[at_], at_ + 1);
      if (close == std::string_view::npos) return cut();
      attribute.value = head_.substr(at_ + 1, close - at_ - 1);
      at_ = close + 1;
      return attribute;
    }
    const std::size_t value = at_;
    while (!done() && !ascii::is_space(head_[at_]) && head_[at_] != '>') ++at_;
    attribute.value = head_.substr(value, at_ - value);
    if (done()) return cut();
    return attribute;
  }

  // The bytes end inside a tag: what it says is not known, and nothing follows.
  std::nullopt_t cut() {
    at_ = head_.size();
    cut_ = true;
    return std::nullopt;
  }

  std::string_view head_;
  std::size_t at_ = 0;
  bool cut_ = false;
};

// The encoding of <?xml version="1.0" encoding="…"?> (get an XML encoding).
std::string_view xml_charset(std::string_view head) {
  using namespace std::string_view_literals;
  if (head.starts_with("<\0?\0x\0"sv)) return "UTF-16LE";
  if (head.starts_with("\0<\0?\0x"sv)) return "UTF-16BE";
  if (!head.starts_with("<?xml")) return {};
  const std::string_view declaration = head.substr(0, head.find('>'));
  if (declaration.size() == head.size()) return {};
  std::size_t at = declaration.find("encoding");
  if (at == std::string_view::npos) return {};
  const auto skip = [&] {
    while (at < declaration.size() && static_cast<unsigned char>(declaration[at]) <= 0x20) ++at;
  };
  at += 8;
  skip();
  if (at >= declaration.size() || declaration[at] != '=') return {};
  ++at;
  skip();
  if (at >= declaration.size() || (declaration[at] != '"' && declaration[at] != '\'')) return {};
  const std::size_t close = declaration.find(declaration[at], at + 1);
  if (close == std::string_view::npos) return {};
  const auto name = encoding_name(declaration.substr(at + 1, close - at - 1));
  return name.starts_with("UTF-16") ? "UTF-8" : name;
}

}  // namespace

std::string_view prescan_charset(std::string_view head) {
  if (const auto xml = xml_charset(head); xml.starts_with("UTF-16")) return xml;
  const auto declared = Prescan(head).run();
  return declared.empty() ? xml_charset(head) : declared;
}

std::string_view bom_charset(std::string_view body) {
  if (body.starts_with("\xEF\xBB\xBF")) return "UTF-8";
  if (body.starts_with("\xFE\xFF")) return "UTF-16BE";
  if (body.starts_with("\xFF\xFE")) return "UTF-16LE";
  return {};
}

}  // namespace trawl::web
