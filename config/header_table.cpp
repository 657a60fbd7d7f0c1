// Header names and values go to servers byte for byte, so a line break in one would add headers
// that nobody wrote; and a few headers are the transfer's own business.
#include "config/header_table.hpp"

#include "config/check.hpp"
#include "config/job.hpp"

#include <algorithm>
#include <array>

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
  const std::string lower = lower_ascii(name);
  std::erase_if(headers, [&](const auto& header) { return lower_ascii(header.first) == lower; });
  headers.emplace_back(std::string{name}, std::move(text));
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
