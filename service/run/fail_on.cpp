// The folder counts as a whole: what an earlier run fetched and this one did not is as broken.
#include "service/run/fail_on.hpp"

#include "core/web/ascii.hpp"
#include "service/text/progress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace trawl::service {

namespace {

// Those that say that something is missing.
constexpr auto lossy_notes = std::to_array<std::string_view>(
    {"links_cut", "max_body", "decode_ratio", "excess_bytes", "trailing_data", "trailers_cut"});

}  // namespace

Result<FailOn> FailOn::parse(std::string_view text) {
  if (web::ascii::trim(text).empty())
    return fail(Errc::usage, "--fail-on is empty; write a list such as failed,404,5xx");
  FailOn wanted;
  std::string statuses;
  for (std::string_view rest = text;;) {
    const auto comma = rest.find(',');
    const std::string_view item = web::ascii::trim(rest.substr(0, comma));
    if (item == "failed")
      wanted.failed = true;
    else if (item == "excluded")
      wanted.excluded = true;
    else if (item == "truncated")
      wanted.truncated = true;
    else if (const auto error = errc_from_string(item))
      wanted.errors.push_back(*error);
    else if (std::ranges::find(lossy_notes, item) != lossy_notes.end())
      wanted.notes.emplace_back(item);
    else
      statuses.append(statuses.empty() ? "" : ",").append(item);
    if (comma == rest.npos) break;
    rest.remove_prefix(comma + 1);
  }
  if (statuses.empty() && !wanted.empty()) return wanted;
  auto ranges = storage::parse_status_filter(statuses);
  if (!ranges)
    return fail(Errc::usage,
                fmt::format("--fail-on {}: {}; or \"failed\", \"excluded\", \"truncated\" or an "
                            "error code such as \"robots\", or the note \"links_cut\"",
                            text, ranges.error().detail));
  wanted.statuses = std::move(*ranges);
  return wanted;
}

std::string FailOn::found_in(const storage::Stats& stats) const {
  std::string found;
  const auto add = [&found](const std::string& words) {
    found.append(found.empty() ? "" : ", ").append(words);
  };
  if (failed && stats.totals.failed > 0)
    add(fmt::format("{} failed", grouped(stats.totals.failed)));
  if (failed && stats.damaged > 0) add(fmt::format("{} damaged", grouped(stats.damaged)));
  if (failed && stats.excluded_seeds > 0)
    add(fmt::format("{} excluded", counted(stats.excluded_seeds, "seed")));
  if (failed)
    for (const char* astray : {"redirect_loop", "redirect_bad", "too_many_redirects"})
      if (const auto urls = stats.by_error.find(astray); urls != stats.by_error.end())
        add(fmt::format("{} x {}", grouped(urls->second), astray));
  if (truncated && stats.truncated > 0) add(fmt::format("{} truncated", grouped(stats.truncated)));
  if (excluded && stats.totals.excluded > 0)
    add(fmt::format("{} excluded", grouped(stats.totals.excluded)));
  for (const Errc error : errors)
    if (const auto urls = stats.by_error.find(std::string{to_string(error)});
        urls != stats.by_error.end())
      add(fmt::format("{} x {}", grouped(urls->second), urls->first));
  for (const std::string& note : notes)
    if (const auto urls = stats.by_note.find(note); urls != stats.by_note.end())
      add(fmt::format("{} x {}", grouped(urls->second), note));
  for (const auto& [status, count] : stats.fetched_by_status)
    if (count > 0 && std::ranges::any_of(statuses, [status](const storage::StatusRange& range) {
          return status >= range.first && status <= range.last;
        }))
      add(fmt::format("{} x {}", grouped(count), status));
  return found;
}

}  // namespace trawl::service
