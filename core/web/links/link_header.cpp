// The grammar can't be split at commas or semicolons: targets and quoted strings hold both. So a
// value is read from left to right, as the RFC's algorithm does, which also says what bad forms
// mean; only where it gives up this goes on, because one bad link should not hide the next.

#include "core/web/links/link_header.hpp"

#include "core/base/limits.hpp"
#include "core/web/ascii.hpp"
#include "core/web/html/srcset.hpp"
#include "core/web/links/link_relations.hpp"

#include <algorithm>
#include <cstddef>

namespace trawl::web {
namespace {

constexpr std::string_view tag = "http";

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

class LinkValueReader {
 public:
  explicit LinkValueReader(std::string_view value) : rest_(value) {}

  std::optional<LinkValue> next() {
    while (true) {
      while (!rest_.empty() && (is_blank(rest_.front()) || rest_.front() == ',')) {
        rest_.remove_prefix(1);
      }
      if (rest_.empty()) return {};
      if (rest_.front() == '<') break;
      skip_to_comma();
    }
    const std::size_t close = rest_.find('>');
    if (close == std::string_view::npos) {
      rest_ = {};
      return {};
    }
    LinkValue link{.target = rest_.substr(1, close - 1),
                   .rel = {},
                   .anchor = {},
                   .type = {},
                   .imagesrcset = {}};
    rest_.remove_prefix(close + 1);
    read_parameters(link);
    skip_to_comma();
    return link;
  }

 private:
  void skip_blank() {
    while (!rest_.empty() && is_blank(rest_.front())) rest_.remove_prefix(1);
  }

  // A comma in a quoted string does not count.
  void skip_to_comma() {
    while (!rest_.empty() && rest_.front() != ',') {
      if (rest_.front() == '"')
        read_quoted();
      else
        rest_.remove_prefix(1);
    }
  }

  // RFC 8288, appendix B.3.
  void read_parameters(LinkValue& link) {
    while (true) {
      skip_blank();
      if (rest_.empty() || rest_.front() != ';') return;
      rest_.remove_prefix(1);
      skip_blank();
      const std::size_t name_end = std::min(rest_.find_first_of(" \t=;,"), rest_.size());
      const std::string_view name = rest_.substr(0, name_end);
      rest_.remove_prefix(name_end);
      skip_blank();
      if (!rest_.empty() && rest_.front() == '=') {
        rest_.remove_prefix(1);
        note(link, name, read_value());
      }
    }
  }

  std::string read_value() {
    skip_blank();
    if (!rest_.empty() && rest_.front() == '"') return read_quoted();
    const std::size_t end = std::min(rest_.find_first_of(";,"), rest_.size());
    std::string_view value = rest_.substr(0, end);
    rest_.remove_prefix(end);
    while (!value.empty() && is_blank(value.back())) value.remove_suffix(1);
    return std::string(value);
  }

  // From the opening quote; RFC 8288, appendix B.4.
  std::string read_quoted() {
    std::string value;
    for (rest_.remove_prefix(1); !rest_.empty();) {
      char c = rest_.front();
      rest_.remove_prefix(1);
      if (c == '"') break;
      if (c == '\\') {
        if (rest_.empty()) break;
        c = rest_.front();
        rest_.remove_prefix(1);
      }
      value.push_back(c);
    }
    return value;
  }

  static void note(LinkValue& link, std::string_view name, std::string value) {
    std::optional<std::string>* place = nullptr;
    if (ascii::equals(name, "rel")) place = &link.rel;
    if (ascii::equals(name, "anchor")) place = &link.anchor;
    if (ascii::equals(name, "type")) place = &link.type;
    if (ascii::equals(name, "imagesrcset")) place = &link.imagesrcset;
    if (place != nullptr && !*place) *place = std::move(value);
  }

  std::string_view rest_;
};

std::string_view without_fragment(std::string_view url) {
  return url.substr(0, url.find('#'));
}

// Whether a link with this anchor is one of the page's own (RFC 8288, section 3.2).
bool is_about(const LinkValue& link, const Url& page) {
  if (!link.anchor) return true;
  const Result<Url> context = Url::parse(*link.anchor, &page);
  return context && without_fragment(context->href()) == without_fragment(page.href());
}

class HeaderLinkList {
 public:
  explicit HeaderLinkList(const Url& page) : page_(page) {}

  void add_link_values(std::string_view value) {
    for (const LinkValue& value_of_list : parse_link_header(value)) {
      const std::string_view rel = value_of_list.rel ? *value_of_list.rel : std::string_view{};
      if (ascii::trim(rel).empty()) continue;  // as a <link> without rel
      const std::string_view type = value_of_list.type ? *value_of_list.type : std::string_view{};
      const bool own = is_about(value_of_list, page_);
      add(value_of_list.target, own ? link_kind(rel, type) : LinkKind::other, "link", rel);
      if (!value_of_list.imagesrcset) continue;
      std::string_view rest = *value_of_list.imagesrcset;
      while (true) {
        const std::string_view image = next_srcset_url(rest);
        if (image.empty()) break;
        add(image, own ? LinkKind::embed : LinkKind::other, "link", rel);
      }
    }
  }

  void add_refresh(std::string_view value) {
    if (const auto url = refresh_url(value)) add(*url, LinkKind::redirect, "refresh", {});
  }

  std::vector<Link> take() { return std::move(links_); }

 private:
  void add(std::string_view target, LinkKind kind, std::string_view attribute,
           std::string_view rel) {
    if (links_.size() == limits::links_per_page_max) return;
    Result<Url> url = Url::parse(target, &page_);
    if (!url || !url->is_http()) return;
    bytes_ += url->href().size() + rel.size();
    if (bytes_ > limits::link_bytes_per_page_max) return;
    links_.push_back({.url = std::move(*url).take_href(),
                      .kind = kind,
                      .tag = tag,
                      .attribute = attribute,
                      .rel = std::string(rel),
                      .nofollow = says_nofollow(rel)});
  }

  const Url& page_;
  std::vector<Link> links_;
  std::size_t bytes_ = 0;
};

}  // namespace

std::vector<LinkValue> parse_link_header(std::string_view value) {
  std::vector<LinkValue> links;
  LinkValueReader reader(value);
  while (auto link = reader.next()) links.push_back(std::move(*link));
  return links;
}

std::vector<Link> header_links(HeaderFields fields, const Url& page) {
  HeaderLinkList links(page);
  for (const auto& [name, value] : fields) {
    if (ascii::equals(name, "link")) links.add_link_values(value);
    if (ascii::equals(name, "refresh")) links.add_refresh(value);
  }
  return links.take();
}

RobotsDirectives header_robots(HeaderFields fields, std::string_view robots_token) {
  RobotsDirectives result;
  for (const auto& [name, value] : fields) {
    if (ascii::equals(name, "x-robots-tag")) result |= parse_robots_tag(value, robots_token);
  }
  return result;
}

}  // namespace trawl::web
