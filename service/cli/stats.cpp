// All figures are counted from the records in one snapshot, so that they agree with each other and
// with any query on the view `results`.
#include "service/cli/stats.hpp"

#include "core/base/clock.hpp"
#include "core/base/log.hpp"
#include "core/base/units.hpp"
#include "core/crawl/scope/pattern_book.hpp"
#include "service/cli/command.hpp"
#include "service/explain/host_words.hpp"
#include "service/text/json_writer.hpp"
#include "service/text/progress.hpp"
#include "storage/open.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

namespace trawl::service::cli {
namespace {

constexpr std::size_t hosts_shown_max = 10;

std::uint64_t urls_of(const crawl::StoreTotals& totals) {
  return totals.queued + totals.fetched + totals.failed + totals.excluded;
}

struct Rates {
  double seconds = 0;
  double fetches_per_s = 0;
  double bytes_per_s = 0;
};

// From the first fetch to the last; absent when that is no time at all.
std::optional<Rates> rates_of(const storage::Stats& stats) {
  if (!stats.first_fetch_ms || *stats.last_fetch_ms <= *stats.first_fetch_ms) return std::nullopt;
  const double seconds = static_cast<double>(*stats.last_fetch_ms - *stats.first_fetch_ms) / 1000.0;
  return Rates{seconds, static_cast<double>(stats.totals.fetched) / seconds,
               static_cast<double>(stats.totals.bytes_wire) / seconds};
}

// URLs whose record has no status: queued, excluded, and failed without an answer.
std::uint64_t without_status(const storage::Stats& stats) {
  std::uint64_t with = 0;
  for (const auto& [status, count] : stats.by_status) with += count;
  return urls_of(stats.totals) - std::min(with, urls_of(stats.totals));
}

void append_row(std::string& text, std::string_view name, std::uint64_t count) {
  text += fmt::format("  {:<20}{:>15}\n", name, grouped(count));
}

void append_statuses(std::string& text, const storage::Stats& stats) {
  text += "status\n";
  int shown_class = 0;
  for (const auto& [status, count] : stats.by_status) {
    if (const int status_class = status / 100; status_class != shown_class) {
      append_row(text, fmt::format("{}xx", status_class), stats.by_status_class.at(status_class));
      shown_class = status_class;
    }
    append_row(text, fmt::format("  {}", status), count);
  }
  append_row(text, "none", without_status(stats));
}

struct StateCount {
  crawl::UrlState state;
  std::uint64_t all;
};

std::vector<StateCount> state_counts(const crawl::StoreTotals& totals) {
  using crawl::UrlState;
  return {{UrlState::queued, totals.queued},
          {UrlState::fetched, totals.fetched},
          {UrlState::failed, totals.failed},
          {UrlState::excluded, totals.excluded}};
}

// How many URLs of a state have a status of a class; class 0: none.
std::uint64_t cross_count(const storage::Stats& stats, const StateCount& row, int status_class) {
  const auto found = stats.by_state.find(row.state);
  if (found == stats.by_state.end()) return status_class == 0 ? row.all : 0;
  if (status_class != 0) {
    const auto count = found->second.find(status_class);
    return count == found->second.end() ? 0 : count->second;
  }
  std::uint64_t rest = row.all;
  for (const auto& [with_status, count] : found->second) rest -= std::min(rest, count);
  return rest;
}

std::string class_name(int status_class) {
  return status_class == 0 ? "none" : fmt::format("{}xx", status_class);
}

// States down, status classes across; rows and columns of zeroes are left out.
void append_cross_table(std::string& text, const storage::Stats& stats) {
  if (urls_of(stats.totals) == 0) return;
  std::vector<int> classes;
  classes.reserve(stats.by_status_class.size() + 1);
  for (const auto& [status_class, count] : stats.by_status_class) classes.push_back(status_class);
  if (without_status(stats) > 0) classes.push_back(0);
  text += fmt::format("{:<12}", "state");
  for (const int status_class : classes) text += fmt::format("{:>14}", class_name(status_class));
  text += '\n';
  for (const StateCount& row : state_counts(stats.totals)) {
    if (row.all == 0) continue;
    text += fmt::format("  {:<10}", to_string(row.state));
    for (const int status_class : classes)
      text += fmt::format("{:>14}", grouped(cross_count(stats, row, status_class)));
    text += '\n';
  }
}

void append_errors(std::string& text, const storage::Stats& stats) {
  if (stats.by_error.empty()) return;
  std::vector<std::pair<std::string, std::uint64_t>> errors{stats.by_error.begin(),
                                                            stats.by_error.end()};
  std::ranges::sort(errors, [](const auto& a, const auto& b) {
    return std::tie(b.second, a.first) < std::tie(a.second, b.first);
  });
  text += "errors\n";
  for (const auto& [name, count] : errors) append_row(text, printable(name), count);
}

std::string mean_time(const storage::HostStats& host) {
  return host.mean_total_ms ? human_duration(Millis{std::llround(*host.mean_total_ms)}) : "-";
}

void append_hosts(std::string& text, const storage::Stats& stats) {
  text += fmt::format("hosts{:>32}\n", grouped(stats.hosts_all));
  for (const auto& host : stats.largest_hosts)
    text += fmt::format("  {:<32} {}, {} fetched, {} failed, {}, {} a fetch\n", printable(host.key),
                        counted(urls_of(host.totals), "URL"), grouped(host.totals.fetched),
                        grouped(host.totals.failed), human_bytes(host.totals.bytes_wire),
                        mean_time(host));
  if (stats.hosts_all <= stats.largest_hosts.size()) return;
  text += "slowest hosts\n";
  for (const auto& host : stats.slowest_hosts)
    text += fmt::format("  {:<32} {} a fetch, {} fetched\n", printable(host.key), mean_time(host),
                        grouped(host.totals.fetched));
}

// Nothing when all hosts are as usual.
void append_backing_off(std::string& text, const storage::Stats& stats) {
  const auto& [throttled, open, longest] = stats.backing_off;
  if (throttled + open == 0) return;
  text += "hosts backing off\n";
  append_row(text, "overloaded", throttled);
  append_row(text, "breaker open", open);
  for (const storage::BackingOff& host : longest)
    text += fmt::format("  {:<32} {}\n", printable(host.key), health_summary(host.health));
}

void append_demoted(std::string& text, const storage::Stats& stats) {
  if (stats.demoted.empty()) return;
  text += fmt::format("traps: kinds of pages that bring nothing new{:>13}\n",
                      grouped(stats.demoted_all));
  for (const auto& [host, state] : stats.demoted)
    text +=
        fmt::format("  {}{}\n    {} fetched, {} with something new, {} left out; {}\n",
                    printable(host), printable(state.shape), grouped(state.fetched),
                    grouped(state.fresh), grouped(state.refused), crawl::rank_words(state.rank));
}

void append_bytes(std::string& text, const storage::Stats& stats) {
  text += fmt::format("bytes\n  received            {:>15}\n  bodies, decoded     {:>15}\n",
                      human_bytes(stats.totals.bytes_wire), human_bytes(stats.bytes_body));
  if (!stats.first_fetch_ms) return;
  text += fmt::format("fetched\n  from {}\n  to   {}\n",
                      format_rfc3339(Wall{Millis{*stats.first_fetch_ms}}),
                      format_rfc3339(Wall{Millis{*stats.last_fetch_ms}}));
  if (const auto rates = rates_of(stats))
    text += fmt::format("  in {}: {:.1f} pages/s, {}/s\n",
                        human_duration(Millis{*stats.last_fetch_ms - *stats.first_fetch_ms}),
                        rates->fetches_per_s,
                        human_bytes(static_cast<std::uint64_t>(rates->bytes_per_s)));
}

// Nothing when no page is fetched again by itself, and none is gone.
void append_recrawl(std::string& text, const storage::RecrawlStats& recrawl) {
  if (!recrawl.next && recrawl.gone == 0) return;
  text += "fetched again\n";
  append_row(text, "gone", recrawl.gone);
  append_row(text, "due", recrawl.due);
  if (recrawl.next) text += fmt::format("  next at {}\n", format_rfc3339(*recrawl.next));
}

void append_states(JsonWriter& json, const crawl::StoreTotals& totals) {
  json.key("queued").count(totals.queued).key("fetched").count(totals.fetched);
  json.key("failed").count(totals.failed).key("excluded").count(totals.excluded);
}

void append_cross_object(JsonWriter& json, const storage::Stats& stats) {
  json.key("state_statuses").begin_object();
  for (const StateCount& row : state_counts(stats.totals)) {
    json.key(to_string(row.state)).begin_object();
    for (const auto& [status_class, count] : stats.by_status_class)
      json.key(class_name(status_class)).count(cross_count(stats, row, status_class));
    json.key(class_name(0)).count(cross_count(stats, row, 0)).end_object();
  }
  json.end_object();
}

void append_host_list(JsonWriter& json, std::string_view name,
                      const std::vector<storage::HostStats>& hosts) {
  json.key(name).begin_array();
  for (const auto& host : hosts) {
    json.begin_object().key("host").text(host.key).key("urls").count(urls_of(host.totals));
    append_states(json, host.totals);
    json.key("bytes_wire").count(host.totals.bytes_wire).key("mean_total_ms");
    host.mean_total_ms ? json.number(*host.mean_total_ms) : json.null();
    json.end_object();
  }
  json.end_array();
}

void append_backing_off(JsonWriter& json, const storage::Stats& stats) {
  json.key("hosts_overloaded").count(stats.backing_off.throttled);
  json.key("hosts_breaker_open").count(stats.backing_off.open);
  json.key("hosts_backing_off").begin_array();
  for (const storage::BackingOff& host : stats.backing_off.longest) {
    json.begin_object().key("host").text(host.key).key("next_fetch");
    json.text(format_rfc3339(Wall{Millis{host.next_fetch_ms}}));
    add_health(json, host.health).end_object();
  }
  json.end_array();
}

void append_demoted_list(JsonWriter& json, const storage::Stats& stats) {
  json.key("demoted_patterns").count(stats.demoted_all).key("largest_demoted").begin_array();
  for (const auto& [host, state] : stats.demoted) {
    json.begin_object().key("host").text(host).key("pattern").text(state.shape);
    json.key("fetched").count(state.fetched).key("new").count(state.fresh);
    json.key("excluded").count(state.refused).key("rank").integer(state.rank);
    json.end_object();
  }
  json.end_array();
}

void append_time(JsonWriter& json, std::string_view name, std::optional<std::int64_t> ms) {
  json.key(name);
  ms ? json.text(format_rfc3339(Wall{Millis{*ms}})) : json.null();
}

}  // namespace

std::string stats_text(const storage::Stats& stats) {
  std::string text = fmt::format("URLs{:>33}\n", grouped(urls_of(stats.totals)));
  append_row(text, "queued", stats.totals.queued);
  append_row(text, "fetched", stats.totals.fetched);
  if (stats.truncated > 0) append_row(text, "  cut", stats.truncated);
  append_row(text, "failed", stats.totals.failed);
  append_row(text, "excluded", stats.totals.excluded);
  append_statuses(text, stats);
  append_cross_table(text, stats);
  append_errors(text, stats);
  append_demoted(text, stats);
  append_hosts(text, stats);
  append_backing_off(text, stats);
  append_recrawl(text, stats.recrawl);
  append_bytes(text, stats);
  return text;
}

std::string stats_json(const storage::Stats& stats) {
  std::string text;
  JsonWriter json{text};
  json.begin_object().key("urls").count(urls_of(stats.totals));
  json.key("states").begin_object();
  append_states(json, stats.totals);
  json.end_object().key("statuses").begin_object();
  for (const auto& [status, count] : stats.by_status) json.key(fmt::to_string(status)).count(count);
  json.key("none").count(without_status(stats));
  json.end_object().key("status_classes").begin_object();
  for (const auto& [status_class, count] : stats.by_status_class)
    json.key(class_name(status_class)).count(count);
  json.end_object();
  append_cross_object(json, stats);
  json.key("errors").begin_object();
  for (const auto& [name, count] : stats.by_error) json.key(name).count(count);
  json.end_object().key("hosts").count(stats.hosts_all);
  append_host_list(json, "largest_hosts", stats.largest_hosts);
  append_host_list(json, "slowest_hosts", stats.slowest_hosts);
  append_backing_off(json, stats);
  append_demoted_list(json, stats);
  json.key("gone").count(stats.recrawl.gone).key("due").count(stats.recrawl.due).key("next_due");
  stats.recrawl.next ? json.text(format_rfc3339(*stats.recrawl.next)) : json.null();
  json.key("truncated").count(stats.truncated);
  json.key("bytes_wire").count(stats.totals.bytes_wire).key("bytes_body").count(stats.bytes_body);
  append_time(json, "first_fetch", stats.first_fetch_ms);
  append_time(json, "last_fetch", stats.last_fetch_ms);
  const auto rates = rates_of(stats);
  const auto rate = [&](std::string_view name, double Rates::* member) {
    json.key(name);
    rates ? json.number((*rates).*member) : json.null();
  };
  rate("seconds", &Rates::seconds);
  rate("fetches_per_s", &Rates::fetches_per_s);
  rate("bytes_per_s", &Rates::bytes_per_s);
  json.end_object();
  return text + "\n";
}

ExitCode run_stats(const StatsOptions& options, Output& out) {
  storage::Db db = storage::open_results(options.folder);
  const storage::Stats stats = storage::read_stats(db, hosts_shown_max);
  out.write(options.format == "json" ? stats_json(stats) : stats_text(stats));
  out.flush();
  return ExitCode::ok;
}

void add_stats(CLI::App& app, Invocation& invocation) {
  auto* command = app.add_subcommand("stats", "totals of a crawl");
  const auto options = std::make_shared<StatsOptions>();
  command->add_option("DIR", options->folder, "output folder of the crawl")->required();
  command->add_option("--format", options->format, "text or json")
      ->capture_default_str()
      ->check(CLI::IsMember({"text", "json"}));
  command->callback([options, &invocation] {
    invocation.run = [options] {
      DescriptorOutput out{STDOUT_FILENO};
      return run_stats(*options, out);
    };
  });
}

}  // namespace trawl::service::cli
