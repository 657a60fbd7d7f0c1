// Keys are compared with those that other programs made, so every step is theirs, odd ones too: an
// id that is taken out of the middle of a query leaves its ampersand behind.
#include "core/web/archive/surt.hpp"

#include "core/web/ascii.hpp"
#include "core/web/url/url.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace trawl::web {
namespace {

// Until nothing is escaped any more, nested escapes too, in one pass: what an escape stands for may
// be the end of another one.
std::string unescaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    out += c;
    while (out.size() >= 3 && out[out.size() - 3] == '%') {
      const int high = ascii::hex_value(out[out.size() - 2]),
                low = ascii::hex_value(out[out.size() - 1]);
      if (high < 0 || low < 0) break;
      out.resize(out.size() - 2);
      out.back() = char(high << 4 | low);
    }
  }
  return out;
}

std::string escaped(std::string_view text) {
  constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte < 0x7F && c != '#' && c != '%') {
      out += ascii::lower(c);
    } else {
      out += '%';
      out += digits[byte >> 4];
      out += digits[byte & 15];
    }
  }
  return out;
}

// "/a/./b//../c/" without the dots and the empty segments; a slash at the end stays.
std::string normalised_path(std::string_view path) {
  std::vector<std::string_view> kept;
  while (!path.empty()) {
    path.remove_prefix(1);
    const auto segment = path.substr(0, path.find('/'));
    path.remove_prefix(segment.size());
    if (segment == ".") continue;
    if (segment == ".." && !kept.empty())
      kept.pop_back();
    else
      kept.push_back(segment);
  }
  std::string out = "/";
  for (std::size_t i = 0; i < kept.size(); ++i) {
    out += kept[i];
    if (i + 1 < kept.size() && !kept[i].empty()) out += '/';
  }
  return out;
}

void strip_path_session(std::string& path) {
  static const std::array patterns{
      RE2{R"((?i)(.*/)\((?:[a-z]\([0-9a-z]{24}\))+\)/([^?]+\.aspx.*))"},
      RE2{R"((?i)(.*/)\([0-9a-z]{24}\)/([^?]+\.aspx.*))"}};
  std::string before, after;
  for (const RE2& pattern : patterns)
    if (RE2::FullMatch(path, pattern, &before, &after)) path = before + after;
}

void strip_query_session(std::string& query) {
  static const std::array patterns{RE2{"(?i)(.*)jsessionid=[0-9a-z]{32}(?:&(.*))?"},
                                   RE2{"(?i)(.*)phpsessid=[0-9a-z]{32}(?:&(.*))?"},
                                   RE2{"(?i)(.*)sid=[0-9a-z]{32}(?:&(.*))?"},
                                   RE2{"(?i)(.*)aspsessionid[a-z]{8}=[a-z]{24}(?:&(.*))?"},
                                   RE2{"(?i)(.*)cfid=[^&]+&cftoken=[^&]+(?:&(.*))?"}};
  for (const RE2& pattern : patterns) {
    std::string before, after;
    if (RE2::FullMatch(query, pattern, &before, &after)) query = before + after;
  }
}

// By name and then by value; a name alone comes before the same name with "=".
std::string sorted_query(std::string_view query) {
  std::vector<std::pair<std::string_view, std::string_view>> parameters;
  for (;;) {
    const auto parameter = query.substr(0, query.find('&'));
    const auto name = parameter.substr(0, parameter.find('='));
    parameters.emplace_back(name, parameter.substr(name.size()));
    if (parameter.size() == query.size()) break;
    query.remove_prefix(parameter.size() + 1);
  }
  std::ranges::sort(parameters);
  std::string out;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (i > 0) out += '&';
    out.append(parameters[i].first).append(parameters[i].second);
  }
  return out;
}

std::string reversed_host(std::string_view host) {
  if (host.starts_with('[') && host.ends_with(']'))
    return std::string(host.substr(1, host.size() - 2));
  static const RE2 www{R"(www\d*\.)"};
  re2::StringPiece rest{host.data(), host.size()};
  RE2::Consume(&rest, www);
  host = {rest.data(), rest.size()};
  while (host.ends_with('.')) host.remove_suffix(1);
  std::string out;
  for (;;) {
    const auto dot = host.rfind('.');
    out += host.substr(dot == host.npos ? 0 : dot + 1);
    if (dot == host.npos) return out;
    out += ',';
    host = host.substr(0, dot);
  }
}

}  // namespace

std::string surt_key(std::string_view text) {
  const auto url = Url::parse(text);
  if (!url || url->hostname().empty()) return escaped(unescaped(text));
  std::string key = reversed_host(url->hostname());
  if (!url->port().empty()) key.append(":").append(url->port());
  key += ')';

  std::string path = escaped(normalised_path(unescaped(url->pathname())));
  strip_path_session(path);
  if (path.size() > 1 && path.ends_with('/')) path.pop_back();
  key += path;

  std::string query;
  if (const auto search = url->search(); search.size() > 1)
    query = escaped(unescaped(search.substr(1)));
  strip_query_session(query);
  if (!query.empty()) key.append("?").append(sorted_query(query));
  return key;
}

}  // namespace trawl::web
