// The daemon's JSON is read leniently: what a newer one adds or leaves out shows as nothing.
#include "config/job.hpp"
#include "core/base/log.hpp"
#include "core/base/units.hpp"
#include "service/cli/status.hpp"
#include "service/text/progress.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

namespace trawl::service::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t cell_bytes_max = 60;

json::value parse(std::string_view text) {
  boost::system::error_code error;
  json::value value = json::parse({text.data(), text.size()}, error);
  return error ? json::value{} : value;
}

// "totals.queued" of an object; null when there is no such member.
json::value at(const json::value& value, std::string_view path) {
  const json::value* found = &value;
  while (!path.empty() && found != nullptr) {
    const auto dot = path.find('.');
    const auto name = path.substr(0, dot);
    path.remove_prefix(dot == path.npos ? path.size() : dot + 1);
    found =
        found->is_object() ? found->get_object().if_contains({name.data(), name.size()}) : nullptr;
  }
  return found == nullptr ? json::value{} : *found;
}

std::string text(const json::value& value, std::string_view path) {
  const json::value found = at(value, path);
  if (!found.is_string()) return {};
  return printable({found.get_string().data(), found.get_string().size()});
}

double number(const json::value& value, std::string_view path) {
  const json::value found = at(value, path);
  if (found.is_int64()) return static_cast<double>(found.get_int64());
  if (found.is_uint64()) return static_cast<double>(found.get_uint64());
  return found.is_double() ? found.get_double() : 0;
}

std::string count(const json::value& value, std::string_view path) {
  return grouped(static_cast<std::uint64_t>(std::max(0.0, number(value, path))));
}

std::string rate(double per_s) {
  return per_s <= 0 ? "-" : fmt::format("{:.1f}", per_s);
}

using Row = std::array<std::string, 8>;

bool is_true(const json::value& value, std::string_view path) {
  const json::value found = at(value, path);
  return found.is_bool() && found.get_bool();
}

// A job that waits for disk is running, since nobody has to tell it to go on.
std::string detail_of(const json::value& job) {
  std::string detail = text(job, "detail");
  if (!detail.empty() || text(job, "state") != "running" || !is_true(job, "progress.paused"))
    return detail;
  return "waits for free disk space";
}

Row row_of(const json::value& job) {
  std::string note = detail_of(job);
  if (note.empty())
    if (const std::string next = text(job, "next_run_at"); !next.empty()) note = "next " + next;
  if (note.size() > cell_bytes_max) note = printable(note, cell_bytes_max);
  return {text(job, "name"),
          text(job, "state"),
          count(job, "totals.fetched"),
          count(job, "totals.queued"),
          count(job, "totals.failed"),
          rate(number(job, "rates.pages_per_s")),
          rate(number(job, "rates.bytes_per_s") / 1e6),
          note};
}

}  // namespace

bool has_jobs(std::string_view answer) {
  const json::value jobs = at(parse(answer), "jobs");
  return jobs.is_array() && !jobs.get_array().empty();
}

std::string jobs_table(std::string_view answer) {
  std::vector<Row> rows{{"JOB", "STATE", "FETCHED", "QUEUED", "FAILED", "PAGES/S", "MB/S", "NOTE"}};
  const json::value jobs = at(parse(answer), "jobs");
  if (jobs.is_array())
    for (const json::value& job : jobs.get_array()) rows.push_back(row_of(job));
  std::array<std::size_t, std::tuple_size_v<Row>> widths{};
  for (const Row& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  std::string table;
  for (const Row& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const bool is_number = i >= 2 && i <= 6;
      line += is_number ? fmt::format("{:>{}}  ", row[i], widths[i])
                        : fmt::format("{:<{}}  ", row[i], widths[i]);
    }
    while (line.ends_with(' ')) line.pop_back();
    table += line + '\n';
  }
  return table;
}

std::string job_details(std::string_view answer) {
  const json::value job = parse(answer);
  std::string out;
  const auto line = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) out += fmt::format("{:<10} {}\n", name, value);
  };
  const std::string detail = detail_of(job);
  line("job", text(job, "name"));
  line("state", text(job, "state") + (detail.empty() ? "" : fmt::format(" ({})", detail)));
  line("mode", text(job, "mode"));
  line("schedule", text(job, "schedule"));
  line("next run", text(job, "next_run_at"));
  line("started", text(job, "started_at"));
  line("ended", text(job, "ended_at"));
  line("runs", count(job, "runs"));
  line("file", text(job, "file"));
  line("output", text(job, "dir"));
  line("records", fmt::format("{} fetched, {} queued, {} failed, {} excluded",
                              count(job, "totals.fetched"), count(job, "totals.queued"),
                              count(job, "totals.failed"), count(job, "totals.excluded")));
  if (at(job, "progress").is_object()) {
    line("rate", fmt::format("{} pages/s, {}/s", rate(number(job, "rates.pages_per_s")),
                             human_bytes(static_cast<std::uint64_t>(
                                 std::max(0.0, number(job, "rates.bytes_per_s"))))));
    line("hosts",
         fmt::format("{} ready, {} waiting, {} backing off", count(job, "progress.hosts_ready"),
                     count(job, "progress.hosts_waiting"),
                     count(job, "progress.hosts_backing_off")));
  }
  const json::value errors = at(job, "errors");
  if (errors.is_array())
    for (const json::value& error : errors.get_array())
      line("error", config::format_error({.file = text(error, "file"),
                                          .line = static_cast<int>(number(error, "line")),
                                          .column = static_cast<int>(number(error, "column")),
                                          .key = text(error, "key"),
                                          .message = text(error, "message")}));
  return out;
}

std::string event_line(std::string_view type, std::string_view data) {
  const json::value event = parse(data);
  const std::string job = text(event, "job");
  if (type == "state") {
    const std::string detail = text(event, "detail");
    return fmt::format("{}: {}{}\n", job, text(event, "state"),
                       detail.empty() ? "" : fmt::format(" ({})", detail));
  }
  if (type == "removed") return fmt::format("{}: removed\n", job);
  if (type == "host") {
    const std::string why = text(event, "why");
    return fmt::format("{}: host {} is {}{}\n", job, text(event, "host"), text(event, "state"),
                       why.empty() ? "" : fmt::format(" until {}: {}", text(event, "until"), why));
  }
  if (type == "lagged")
    return fmt::format("{} events were lost, since they came faster than they were read\n",
                       count(event, "dropped"));
  return {};
}

}  // namespace trawl::service::cli
