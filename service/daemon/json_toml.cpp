// Written as text, so that a job has one way into the program and is stored in one form.
#include "service/daemon/json_toml.hpp"

#include "config/job.hpp"
#include "config/sites.hpp"
#include "core/base/log.hpp"
#include "service/text/json_text.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ranges>

namespace trawl::service {
namespace {

namespace json = boost::json;

constexpr std::size_t nesting_max = 8;

std::string_view view(const json::string& text) {
  return {text.data(), text.size()};
}

Result<std::string> value_text(const json::value& value);

// An error names the key.
Result<std::string> member_text(const json::key_value_pair& member) {
  auto value = value_text(member.value());
  if (value) return value;
  const std::string_view key{member.key().data(), member.key().size()};
  return fail(Errc::config, fmt::format("{}: {}", printable(key, 64), value.error().detail));
}

Result<std::string> table_text(const json::object& object) {
  std::string text = "{";
  for (const auto& member : object) {
    auto value = member_text(member);
    if (!value) return value;
    text += fmt::format("{}{} = {}", text.size() > 1 ? ", " : " ",
                        config::toml_key({member.key().data(), member.key().size()}), *value);
  }
  return text + " }";
}

Result<std::string> list_text(const json::array& array) {
  std::string text = "[";
  for (const json::value& element : array) {
    auto value = value_text(element);
    if (!value) return value;
    text += fmt::format("{}{}", text.size() > 1 ? ", " : "", *value);
  }
  return text + ']';
}

Result<std::string> value_text(const json::value& value) {
  switch (value.kind()) {
    case json::kind::string:
      return config::toml_string(view(value.get_string()));
    case json::kind::bool_:
      return value.get_bool() ? "true" : "false";
    case json::kind::int64:
      return fmt::format("{}", value.get_int64());
    case json::kind::double_:
      if (!std::isfinite(value.get_double())) return fail(Errc::config, "a number is not finite");
      return config::toml_float(value.get_double());
    case json::kind::uint64:
      return fail(Errc::config, "a number is too large");
    case json::kind::array:
      return list_text(value.get_array());
    case json::kind::object:
      return table_text(value.get_object());
    case json::kind::null:
      break;
  }
  return fail(Errc::config, "null is no value of a job; leave the key out");
}

bool is_list_of_tables(const json::value& value) {
  return value.is_array() && !value.get_array().empty() &&
         std::ranges::all_of(value.get_array(), [](const auto& each) { return each.is_object(); });
}

Result<> append_members(std::string& text, const json::object& object) {
  for (const auto& member : object) {
    auto value = member_text(member);
    if (!value) return std::unexpected(value.error());
    text += fmt::format("{} = {}\n", config::toml_key({member.key().data(), member.key().size()}),
                        *value);
  }
  return {};
}

// "seeds.urls" is the key of a table, as in a change of a job and in TOML.
std::string top_key(std::string_view name) {
  std::string key;
  for (const auto part : std::views::split(name, '.'))
    key += (key.empty() ? "" : ".") + config::toml_key(std::string_view{part.begin(), part.end()});
  return key;
}

}  // namespace

Result<std::string> toml_from_json(std::string_view text) {
  const auto parsed = parse_json(text, nesting_max);
  if (!parsed) return fail(Errc::config, "is no JSON: " + parsed.error().detail);
  const json::value& root = *parsed;
  if (!root.is_object()) return fail(Errc::config, "is no JSON object with the tables of a job");
  std::string plain, tables;
  for (const auto& member : root.get_object()) {
    const std::string key = top_key({member.key().data(), member.key().size()});
    if (member.value().is_object()) {
      tables += fmt::format("[{}]\n", key);
      if (auto added = append_members(tables, member.value().get_object()); !added)
        return std::unexpected(added.error());
    } else if (is_list_of_tables(member.value())) {
      for (const json::value& element : member.value().get_array()) {
        tables += fmt::format("[[{}]]\n", key);
        if (auto added = append_members(tables, element.get_object()); !added)
          return std::unexpected(added.error());
      }
    } else {
      auto value = member_text(member);
      if (!value) return std::unexpected(value.error());
      plain += fmt::format("{} = {}\n", key, *value);
    }
  }
  return plain + tables;
}

}  // namespace trawl::service
