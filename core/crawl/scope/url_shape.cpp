// The first folder of a path says which part of a site a URL is in, so it is kept; what follows
// tells pages of that part apart, so it becomes a placeholder for its kind. Runs of one placeholder
// are one, or else a path that grows would be of a new shape each time.
#include "core/crawl/scope/url_shape.hpp"

#include "core/base/limits.hpp"

#include <boost/container/small_vector.hpp>

#include <algorithm>
#include <string_view>

namespace trawl::crawl {
namespace {

constexpr std::size_t word_bytes_max = 32;
constexpr std::size_t token_bytes_min = 16;
constexpr std::size_t hex_bytes_min = 8;
constexpr std::size_t extension_bytes_max = 5;
constexpr std::size_t keys_max = 8;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// 2024-05, 2024-05-06, also with a time behind.
bool is_date(std::string_view text) {
  if (text.size() < 7 || text[4] != '-') return false;
  if (!std::ranges::all_of(text.substr(0, 4), is_digit) || !is_digit(text[5])) return false;
  return std::ranges::all_of(text.substr(5), [](char c) {
    return is_digit(c) || c == '-' || c == ':' || c == 'T' || c == 'Z' || c == '%';
  });
}

std::string_view kind_of(std::string_view text) {
  const bool digit = std::ranges::any_of(text, is_digit);
  if (!digit) return text.size() > word_bytes_max ? "{token}" : "{w}";
  if (std::ranges::all_of(text, is_digit)) return "{n}";
  if (is_date(text)) return "{date}";
  if (text.size() >= hex_bytes_min &&
      std::ranges::all_of(text, [](char c) { return is_hex(c) || c == '-'; }))
    return "{hex}";
  const bool letter = std::ranges::any_of(text, is_letter);
  if (letter && text.size() >= token_bytes_min) return "{token}";
  return letter ? "{w}" : "{n}";
}

// A word that stays, but for its numbers: "page{n}".
std::string kept(std::string_view word) {
  if (word.size() > word_bytes_max || kind_of(word) != "{w}") return std::string{kind_of(word)};
  std::string text;
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (!is_digit(word[i]))
      text += word[i];
    else if (i == 0 || !is_digit(word[i - 1]))
      text += "{n}";
  }
  return text;
}

// ".html", or nothing.
std::string_view extension_of(std::string_view segment) {
  const auto dot = segment.rfind('.');
  if (dot == std::string_view::npos || dot == 0 || segment.size() - dot > extension_bytes_max + 1)
    return {};
  const std::string_view extension = segment.substr(dot);
  const bool plain =
      std::ranges::all_of(extension.substr(1), [](char c) { return is_letter(c) || is_digit(c); });
  return plain && extension.size() > 1 && !std::ranges::all_of(extension.substr(1), is_digit)
             ? extension
             : std::string_view{};
}

class Shape {
 public:
  explicit Shape(const web::Url& url) {
    add_path(url.pathname(), !url.search().empty());
    if (!url.search().empty()) add_query(url.search().substr(1));
    if (text_.size() > limits::url_shape_bytes_max) text_.resize(limits::url_shape_bytes_max);
  }

  std::string take() { return std::move(text_); }

 private:
  void add_path(std::string_view path, bool has_query) {
    if (path.starts_with('/')) path.remove_prefix(1);
    for (bool first = true;; first = false) {
      const auto end = path.find('/');
      const bool last = end == std::string_view::npos;
      const std::string_view segment = path.substr(0, end);
      // A file at the top is one of many pages, unless its name is that of a program.
      if (first && (!last || has_query))
        text_.append("/").append(kept(segment.substr(0, segment.find(';'))));
      else
        add_segment(segment, last);
      if (last) return;
      path.remove_prefix(end + 1);
    }
  }

  void add_segment(std::string_view segment, bool last) {
    const auto parameters = segment.find(';');  // ";jsessionid=…"
    segment = segment.substr(0, parameters);
    const std::string_view extension = last ? extension_of(segment) : std::string_view{};
    const std::string_view stem = segment.substr(0, segment.size() - extension.size());
    add_placeholder(stem.empty() ? std::string_view{} : kind_of(stem));
    text_.append(extension);
    if (parameters != std::string_view::npos) text_.append(";{p}");
  }

  void add_placeholder(std::string_view kind) {
    if (!kind.empty() && kind == before_) {
      if (!repeated_) text_.replace(text_.size() - 1, 1, "+}");
      repeated_ = true;
      return;
    }
    text_.append("/").append(kind);
    before_ = kind;
    repeated_ = false;
  }

  void add_query(std::string_view query) {
    boost::container::small_vector<std::string, keys_max + 1> keys;
    while (!query.empty() && keys.size() <= keys_max) {
      const auto end = std::min(query.find('&'), query.size());
      const std::string_view parameter = query.substr(0, end);
      query.remove_prefix(std::min(end + 1, query.size()));
      if (parameter.empty()) continue;
      const auto equals = parameter.find('=');
      std::string key = kept(parameter.substr(0, equals));
      if (equals != std::string_view::npos && equals + 1 < parameter.size())
        key.append("=").append(kind_of(parameter.substr(equals + 1)));
      keys.push_back(std::move(key));
    }
    std::ranges::sort(keys);
    const auto repeated = std::ranges::unique(keys);
    keys.erase(repeated.begin(), repeated.end());
    const bool cut = keys.size() > keys_max;
    if (cut) keys.pop_back();
    char separator = '?';
    for (const std::string& key : keys) text_.append(1, separator).append(key), separator = '&';
    if (cut) text_.append("&{p}");
  }

  std::string text_;
  std::string_view before_;
  bool repeated_ = false;
};

}  // namespace

std::string url_shape(const web::Url& url) {
  return Shape{url}.take();
}

}  // namespace trawl::crawl
