// Boost.JSON parses, with its bound on nesting; here is only what the members mean.
#include "service/control/bodies.hpp"

#include "core/base/log.hpp"
#include "core/base/units.hpp"
#include "service/control/bounds.hpp"
#include "service/text/json_text.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

namespace trawl::service::control {
namespace {

namespace json = boost::json;

std::string_view view(const json::string& text) {
  return {text.data(), text.size()};
}

Result<json::object> read_object(std::string_view text, std::string_view example) {
  auto value = parse_json(text);
  if (!value)
    return fail(Errc::usage, fmt::format("the body is no JSON ({}); expected {}",
                                         value.error().detail, example));
  if (!value->is_object())
    return fail(Errc::usage, fmt::format("the body is no JSON object; expected {}", example));
  return std::move(value->as_object());
}

// A value of a job file, as TOML writes it; empty for null, which takes a change back (RFC 7396 2).
// Nothing for what a key can't have.
std::optional<std::string> toml_of(const json::value& value) {
  if (value.is_null()) return std::string{};
  if (value.is_string()) return config::toml_string(view(value.get_string()));
  if (value.is_bool()) return value.get_bool() ? "true" : "false";
  if (value.is_int64()) return fmt::to_string(value.get_int64());
  if (value.is_double() && !std::isfinite(value.get_double())) return std::nullopt;
  if (value.is_double()) return config::toml_float(value.get_double());
  if (!value.is_array()) return std::nullopt;
  std::string list = "[";
  for (const json::value& one : value.get_array()) {
    const auto item = one.is_array() || one.is_null() ? std::nullopt : toml_of(one);
    if (!item) return std::nullopt;
    list += fmt::format("{}{}", list.size() > 1 ? ", " : "", *item);
  }
  return list + "]";
}

Result<> add_changes(std::vector<config::Override>& changes, const json::object& object,
                     const std::string& prefix) {
  for (const auto& member : object) {
    const std::string_view name{member.key().data(), member.key().size()};
    if (name.empty()) return fail(Errc::usage, "a key is empty");
    const std::string key = prefix.empty() ? std::string{name} : fmt::format("{}.{}", prefix, name);
    if (member.value().is_object()) {
      if (auto added = add_changes(changes, member.value().get_object(), key); !added) return added;
      continue;
    }
    auto value = toml_of(member.value());
    if (!value)
      return fail(Errc::usage,
                  fmt::format("{}: expected text, a number, true, false, a list of them, or null",
                              printable(key, 128)));
    if (changes.size() == bounds::changes_max)
      return fail(Errc::limit_exceeded, fmt::format("more than {} changes", bounds::changes_max));
    changes.push_back({.key = key, .value = std::move(*value), .source = "PATCH"});
  }
  return {};
}

Result<> add_url(std::vector<std::string>& urls, std::string_view url) {
  if (urls.size() == bounds::pushed_urls_max)
    return fail(
        Errc::limit_exceeded,
        fmt::format("more than {} URLs; send them in several requests", bounds::pushed_urls_max));
  urls.emplace_back(url);
  return {};
}

std::string_view trimmed(std::string_view line) {
  constexpr std::string_view blanks = " \t\r";
  const std::size_t first = line.find_first_not_of(blanks);
  if (first == line.npos) return {};
  return line.substr(first, line.find_last_not_of(blanks) - first + 1);
}

}  // namespace

Result<std::vector<config::Override>> read_changes(std::string_view text) {
  const auto object = read_object(text, R"({"politeness.delay": "2s"})");
  if (!object) return std::unexpected(object.error());
  std::vector<config::Override> changes;
  if (auto added = add_changes(changes, *object, ""); !added) return std::unexpected(added.error());
  if (changes.empty())
    return fail(Errc::usage, R"(nothing to change; expected {"politeness.delay": "2s"})");
  return changes;
}

Result<std::vector<std::string>> read_urls_json(std::string_view text) {
  constexpr std::string_view example = R"({"urls": ["https://example.org/"]})";
  const auto object = read_object(text, example);
  if (!object) return std::unexpected(object.error());
  const json::value* urls = object->if_contains("urls");
  if (urls == nullptr || !urls->is_array() || object->size() != 1)
    return fail(Errc::usage, fmt::format("expected {} and no other member", example));
  std::vector<std::string> list;
  for (const json::value& url : urls->get_array()) {
    if (!url.is_string())
      return fail(Errc::usage,
                  fmt::format("urls[{}] is no text; expected {}", list.size(), example));
    if (auto added = add_url(list, view(url.get_string())); !added)
      return std::unexpected(added.error());
  }
  return list;
}

Result<std::vector<std::string>> read_urls_text(std::string_view text) {
  std::vector<std::string> list;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.starts_with('#')) continue;
    if (auto added = add_url(list, line); !added) return std::unexpected(added.error());
  }
  return list;
}

Result<FetchNow> read_fetch(std::string_view text) {
  constexpr std::string_view example = R"({"url": "https://example.org/", "timeout": "30s"})";
  const auto object = read_object(text, example);
  if (!object) return std::unexpected(object.error());
  FetchNow fetch;
  for (const auto& member : *object) {
    const std::string_view name{member.key().data(), member.key().size()};
    if ((name != "url" && name != "timeout") || !member.value().is_string())
      return fail(Errc::usage, fmt::format("\"{}\": expected {}", printable(name, 64), example));
    const std::string_view value = view(member.value().get_string());
    if (name == "url") {
      fetch.url = value;
      continue;
    }
    const auto timeout = parse_duration(value);
    if (!timeout) return fail(Errc::usage, fmt::format("timeout: {}", timeout.error().detail));
    if (*timeout <= Millis{0} || *timeout > bounds::fetch_time_max)
      return fail(Errc::usage, fmt::format("timeout: expected more than 0 and at most {}",
                                           format_duration(bounds::fetch_time_max)));
    fetch.timeout = *timeout;
  }
  if (fetch.url.empty()) return fail(Errc::usage, fmt::format("no url; expected {}", example));
  return fetch;
}

}  // namespace trawl::service::control
