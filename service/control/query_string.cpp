// Strict where it can be: a query that was mistyped is told so, instead of being half understood.
#include "service/control/query_string.hpp"

#include "config/nearest.hpp"
#include "core/base/log.hpp"
#include "core/web/percent.hpp"
#include "service/control/bounds.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace trawl::service::control {

Result<std::string> decode_percent(std::string_view text, bool form) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '+' && form) c = ' ';
    if (text[i] == '%') {
      const int high = i + 2 < text.size() ? web::hex_value(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? web::hex_value(text[i + 2]) : -1;
      if (high < 0 || low < 0)
        return fail(Errc::usage, fmt::format("\"{}\" has a % without two hexadecimal digits "
                                             "behind it; write %25 for a %",
                                             printable(text, 128)));
      c = static_cast<char>(high * 16 + low);
      i += 2;
    }
    if (c == '\0') return fail(Errc::usage, "a NUL can be part of no name and of no value");
    decoded += c;
  }
  return decoded;
}

Result<QueryString> QueryString::parse(std::string_view text) {
  QueryString query;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('&'), text.size());
    const std::string_view item = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (item.empty()) continue;
    const std::size_t equals = std::min(item.find('='), item.size());
    auto name = decode_percent(item.substr(0, equals), true);
    if (!name) return std::unexpected(name.error());
    auto value = decode_percent(item.substr(std::min(equals + 1, item.size())), true);
    if (!value) return std::unexpected(value.error());
    if (query.has(*name))
      return fail(Errc::usage, fmt::format("\"{}\" is given twice", printable(*name, 64)));
    if (query.parameters_.size() == bounds::query_parameters_max)
      return fail(Errc::usage,
                  fmt::format("more than {} parameters", bounds::query_parameters_max));
    query.parameters_.emplace_back(std::move(*name), std::move(*value));
  }
  return query;
}

std::string_view QueryString::get(std::string_view name) const {
  for (const auto& [key, value] : parameters_)
    if (key == name) return value;
  return {};
}

bool QueryString::has(std::string_view name) const {
  return std::ranges::any_of(parameters_, [name](const auto& one) { return one.first == name; });
}

Result<> QueryString::allow_only(std::span<const std::string_view> names) const {
  for (const auto& [key, value] : parameters_) {
    if (std::ranges::find(names, key) != names.end()) continue;
    if (names.empty())
      return fail(Errc::usage,
                  fmt::format("\"{}\": there are no parameters here", printable(key, 64)));
    const std::string_view near = config::nearest_key(key, names);
    return fail(Errc::usage,
                near.empty() ? fmt::format("\"{}\" is no parameter of this; there are: {}",
                                           printable(key, 64), fmt::join(names, ", "))
                             : fmt::format("\"{}\" is no parameter of this; did you mean \"{}\"?",
                                           printable(key, 64), near));
  }
  return {};
}

}  // namespace trawl::service::control
