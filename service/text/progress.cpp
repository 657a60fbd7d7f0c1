// A line is a list of parts with a rank each; parts are dropped by rank until the line fits, so
// that a narrow terminal still shows what matters and the line never wraps.
#include "service/text/progress.hpp"

#include "core/base/log.hpp"
#include "core/base/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <tuple>

namespace trawl::service {
namespace {

constexpr std::size_t shown_max = 5;  // errors and hosts of the summary
constexpr std::string_view wipe_to_end = "\x1b[K";
constexpr std::string_view red = "\x1b[31m";
constexpr std::string_view bold = "\x1b[1m";
constexpr std::string_view plain = "\x1b[0m";

struct Part {
  int rank;  // the highest is dropped first
  std::string text;
  bool alarming = false;
};

// Rates of a stalled or broken meter are shown as zero.
double sane(double rate) {
  return std::isfinite(rate) && rate > 0 ? rate : 0.0;
}

std::string per_second(double rate) {
  rate = sane(rate);
  return rate < 100 ? fmt::format("{:.1f}", rate) : grouped(static_cast<std::uint64_t>(rate));
}

std::string arriving(const ProgressSnapshot& now) {
  const auto bytes = human_bytes(now.arrived_bytes);
  return now.expected_bytes > 0 ? fmt::format("{} of {}", bytes, human_bytes(now.expected_bytes))
                                : bytes + " so far";
}

std::vector<Part> parts_of(const ProgressSnapshot& now) {
  // Nothing is in flight: what it waits for matters more than rates that fall to nothing.
  const bool waiting = now.next_in.has_value();
  std::vector<Part> parts{
      {0, counted(now.pages_done, "page")},
      {1, grouped(now.queued) + " queued"},
      {6, grouped(now.in_flight) + " in flight"},
      {waiting ? 7 : 2, per_second(now.pages_per_s) + " pages/s"},
      {waiting ? 8 : 4, human_bytes(static_cast<std::uint64_t>(sane(now.bytes_per_s))) + "/s"},
      {3, counted(now.errors, "error"), now.errors > 0},
      {waiting ? 2 : 7, fmt::format("hosts {} ready {} waiting", grouped(now.hosts_ready),
                                    grouped(now.hosts_waiting))}};
  if (now.arrived_bytes > 0) parts.insert(parts.begin() + 3, {2, arriving(now)});
  if (now.excluded > 0) parts.push_back({9, grouped(now.excluded) + " excluded"});
  if (now.hosts_backing_off > 0)
    parts.push_back({6, counted(now.hosts_backing_off, "host") + " backing off"});
  if (now.next_in) parts.push_back({2, "next in " + human_duration(*now.next_in)});
  if (now.eta) parts.push_back({5, "ETA " + human_duration(*now.eta)});
  return parts;
}

std::size_t columns_of(const std::vector<Part>& parts) {
  std::size_t columns = 0;
  for (const auto& part : parts) columns += part.text.size() + (columns > 0 ? 2 : 0);
  return columns;
}

std::string painted(std::string_view text, std::string_view paint, const ProgressStyle& style) {
  return style.colour ? fmt::format("{}{}{}", paint, text, plain) : std::string{text};
}

std::string end_of(const RunSummary& summary) {
  switch (summary.end) {
    case RunEnd::finished:
      return "finished";
    case RunEnd::interrupted:
      return "interrupted";
    case RunEnd::limit_reached:
      break;
  }
  return summary.limit.empty() ? "stopped by a limit" : "stopped by " + summary.limit;
}

// Pages and bytes are counted over all runs, the time of each by itself.
std::string how_to_continue(const RunSummary& summary) {
  if (summary.queued == 0) return {};
  const std::string key = summary.limit.substr(0, summary.limit.find(' '));
  const bool raise = summary.end == RunEnd::limit_reached && !key.empty();
  if (!raise || key == "limits.duration") return "run the same command again to continue";
  return fmt::format("raise {} and run again to continue", key);
}

void append_totals(std::string& text, const RunSummary& summary) {
  const double seconds = static_cast<double>(summary.elapsed.count()) / 1000.0;
  const double rate = seconds > 0 ? static_cast<double>(summary.fetched_now) / seconds : 0.0;
  std::string statuses;
  for (const auto& [name, count] : summary.statuses)
    statuses += fmt::format("{}{} x {}", statuses.empty() ? "" : ", ", grouped(count), name);
  const auto row = [&](std::string_view name, std::uint64_t count, std::string_view note) {
    text +=
        fmt::format("  {:<10}{:>12}{}{}\n", name, grouped(count), note.empty() ? "" : "   ", note);
  };
  row("fetched", summary.fetched, statuses);
  if (summary.truncated > 0)
    row("  cut", summary.truncated, "over fetch.max_body: truncated in trawl results");
  row("failed", summary.failed, "");
  row("excluded", summary.excluded, "");
  row("queued", summary.queued, how_to_continue(summary));
  text +=
      fmt::format("  {} received, {} pages/s\n", human_bytes(summary.bytes_wire), per_second(rate));
}

void append_errors(std::string& text, std::vector<Count> errors) {
  if (errors.empty()) return;
  std::ranges::sort(errors, [](const Count& a, const Count& b) {
    return std::tie(b.count, a.name) < std::tie(a.count, b.name);
  });
  text += "top errors\n";
  for (std::size_t i = 0; i < std::min(errors.size(), shown_max); ++i)
    text += fmt::format("  {:<22}{:>12}\n", printable(errors[i].name), grouped(errors[i].count));
}

void append_hosts(std::string& text, std::vector<HostPace> hosts) {
  if (hosts.empty()) return;
  std::ranges::sort(hosts, [](const HostPace& a, const HostPace& b) {
    return std::tie(b.mean, a.host) < std::tie(a.mean, b.host);
  });
  text += "slowest hosts\n";
  for (std::size_t i = 0; i < std::min(hosts.size(), shown_max); ++i)
    text += fmt::format("  {:>10} a fetch   {}, {} times\n", human_duration(hosts[i].mean),
                        printable(hosts[i].host), grouped(hosts[i].fetches));
}

}  // namespace

std::string counted(std::uint64_t number, std::string_view noun) {
  return fmt::format("{} {}{}", grouped(number), noun, number == 1 ? "" : "s");
}

std::string grouped(std::uint64_t number) {
  std::string text = fmt::to_string(number);
  for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, ",");
  return text;
}

ProgressStyle progress_style(bool is_terminal, std::size_t columns, const char* term,
                             const char* no_color) {
  const bool can_move = is_terminal && term != nullptr && std::string_view{term} != "dumb";
  const bool wants_colour = no_color == nullptr || *no_color == '\0';
  return {can_move, can_move && wants_colour, columns == 0 ? 80 : columns};
}

std::string render_progress(const ProgressSnapshot& snapshot, const ProgressStyle& style) {
  auto parts = parts_of(snapshot);
  if (style.live)  // the last column stays free: writing it makes some terminals wrap
    while (parts.size() > 1 && columns_of(parts) >= style.columns)
      parts.erase(std::ranges::max_element(parts, {}, &Part::rank));
  std::string line;
  for (const auto& part : parts) {
    if (!line.empty()) line += ", ";
    line += part.alarming ? painted(part.text, red, style) : part.text;
  }
  if (!style.live) return line + "\n";
  return fmt::format("\r{}{}", line, wipe_to_end);
}

std::string wipe_progress(const ProgressStyle& style) {
  return style.live ? fmt::format("\r{}", wipe_to_end) : std::string{};
}

std::string render_summary(const RunSummary& summary, const ProgressStyle& style) {
  std::string text = painted(end_of(summary), bold, style);
  text += fmt::format(" after {}\n", human_duration(summary.elapsed));
  append_totals(text, summary);
  append_errors(text, summary.errors);
  append_hosts(text, summary.hosts);
  if (!summary.output_dir.empty())
    text += fmt::format("results are in {0}: trawl results {0}, trawl cat {0} URL\n",
                        printable(summary.output_dir));
  return text;
}

}  // namespace trawl::service
