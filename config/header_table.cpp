// Header names and values go to servers byte for byte, so a line break in one would add headers
// that nobody wrote; and a few headers are the transfer's own business.
#include "config/header_table.hpp"

#include "config/check.hpp"
#include "config/job.hpp"
#include "core/web/ascii.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace trawl::config {
namespace {

// Set from the URL or the connection, by trawl or by libcurl.
constexpr auto own_headers = std::to_array<std::string_view>(
    {"connection", "content-length", "expect", "host", "keep-alive", "proxy-connection", "te",
     "trailer", "transfer-encoding", "upgrade"});

std::string name_problem(std::string_view name) {
  if (!is_token(name)) return "is not a header's name (letters, digits and !#$%&'*+-.^_`|~)";
  const std::string lower = lower_ascii(name);
  if (lower == "user-agent") return "is set by job.user_agent";
  if (std::ranges::find(own_headers, lower) != own_headers.end())
    return "is set by trawl itself for each request";
  return {};
}

}  // namespace

bool set_field(http::Headers& fields, std::string name, std::string value) {
  const auto is_same = [&](const auto& field) { return web::ascii::equals(field.first, name); };
  const auto replaced = std::erase_if(fields, is_same);
  if (replaced == 0 && fields.size() >= table_entries_max) return false;
  fields.emplace_back(std::move(name), std::move(value));
  return true;
}

void read_header(std::string_view name, const toml::node& node, http::Headers& headers,
                 Problems& problems) {
  const auto refuse = [&](std::string message) {
    problems.push_back({{}, node.source().begin, std::move(message)});
  };
  if (std::string problem = name_problem(name); !problem.empty()) return refuse(std::move(problem));
  const auto value = text_of(node);
  if (!value) return refuse("expected the header's value as a string");
  std::string text{*value};
  if (!is_field_value(text) || text.find_first_of(" \t") == 0)
    return refuse("expected a value without control characters and without a space in front");
  if (!set_field(headers, std::string{name}, std::move(text)))
    refuse(fmt::format("is one more than the {} headers that there may be", table_entries_max));
}

std::vector<PrintedValue> print_headers(const http::Headers& headers) {
  std::vector<PrintedValue> lines;
  for (const auto& [name, value] : headers)
    lines.push_back({name, is_secret_header(name) ? "\"***\"" : toml_string(value)});
  if (lines.empty()) lines.push_back({{}, "{}"});
  return lines;
}

std::string header_from_variable(std::string_view part) {
  std::string name = lower_ascii(part);
  bool first = true;
  for (char& c : name) {
    if (c == '_') c = '-';
    if (first && c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    first = c == '-';
  }
  return name;
}

}  // namespace trawl::config
