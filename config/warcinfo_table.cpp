// The fields are for people and catalogues, so nothing is asked of them but that they stay one line
// each; what says how the archive was made is not to be written by hand.
#include "config/warcinfo_table.hpp"

#include "config/check.hpp"
#include "config/header_table.hpp"
#include "config/job.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace trawl::config {
namespace {

constexpr auto own_fields = std::to_array<std::string_view>(
    {"software", "format", "conformsto", "robots", "http-header-user-agent"});

// WARC 1.1, 6.2.2, and Dublin Core's that describe a collection. Names are the same in any case of
// letters; these are written as the standards do.
constexpr auto known_fields = std::to_array<std::string_view>(
    {"operator", "hostname",     "ip",          "http-header-from", "isPartOf", "description",
     "title",    "creator",      "contributor", "publisher",        "subject",  "coverage",
     "rights",   "accessRights", "license",     "provenance",       "source",   "audience",
     "created",  "language",     "identifier"});

std::string field_name(std::string_view name) {
  const std::string lower = lower_ascii(name);
  const auto known = std::ranges::find_if(
      known_fields, [&](std::string_view field) { return lower_ascii(field) == lower; });
  return std::string{known == known_fields.end() ? name : *known};
}

std::string name_problem(std::string_view name) {
  if (!is_token(name)) return "is not a field's name (letters, digits and !#$%&'*+-.^_`|~)";
  const std::string lower = lower_ascii(name);
  if (std::ranges::find(own_fields, lower) != own_fields.end()) return "is written by trawl itself";
  return {};
}

void read_field(std::string_view given, const toml::node& node, http::Headers& fields,
                Problems& problems) {
  const auto refuse = [&](std::string message) {
    problems.push_back({{}, node.source().begin, std::move(message)});
  };
  if (std::string problem = name_problem(given); !problem.empty())
    return refuse(std::move(problem));
  const auto value = text_of(node);
  if (!value) return refuse("expected the field's value as a string");
  std::string text{*value};
  if (const std::string wanted = check_not_empty(text); !wanted.empty())
    return refuse("expected " + wanted);
  if (!set_field(fields, field_name(given), std::move(text)))
    refuse(fmt::format("is one more than the {} fields that there may be", table_entries_max));
}

std::vector<PrintedValue> print_fields(const http::Headers& fields) {
  std::vector<PrintedValue> lines;
  for (const auto& [name, value] : fields) lines.push_back({name, toml_string(value)});
  if (lines.empty()) lines.push_back({{}, "{}"});
  return lines;
}

}  // namespace

Key warcinfo_key() {
  using crawl::JobSpec;
  return {.path = "output.warcinfo",
          .doc =
              "What the first record of each archive file says of the crawl besides, as a table "
              "of names and values: `operator`, `description`, `isPartOf` and the like.",
          .read = [](const toml::node&, JobSpec& job, Problems&) { job.output.warcinfo.clear(); },
          .print = [](const JobSpec& job) { return print_fields(job.output.warcinfo); },
          .read_entry =
              [](std::string_view name, const toml::node& node, JobSpec& job, Problems& problems) {
                read_field(name, node, job.output.warcinfo, problems);
              }};
}

}  // namespace trawl::config
