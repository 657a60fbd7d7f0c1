// The same members wherever a job is shown: in lists, alone and in events.
#include "service/control/job_json.hpp"

#include "service/json_writer.hpp"

namespace trawl::service::control {
namespace {

void add_time(JsonWriter& json, std::string_view key, const std::optional<Wall>& time) {
  json.key(key);
  time ? json.text(format_rfc3339(*time)) : json.null();
}

void add_totals(JsonWriter& json, const crawl::StoreTotals& totals) {
  json.key("totals").begin_object();
  json.key("queued").count(totals.queued).key("fetched").count(totals.fetched);
  json.key("failed").count(totals.failed).key("excluded").count(totals.excluded);
  json.key("bytes_wire").count(totals.bytes_wire).end_object();
}

void add_rates(JsonWriter& json, const JobView& job) {
  json.key("rates").begin_object().key("pages_per_s").number(job.pages_per_s);
  json.key("bytes_per_s").number(job.bytes_per_s).end_object();
}

void add_progress(JsonWriter& json, const std::optional<crawl::CrawlProgress>& progress) {
  json.key("progress");
  if (!progress) {
    json.null();
    return;
  }
  const crawl::CrawlProgress& p = *progress;
  json.begin_object().key("pages").count(p.run.pages).key("bytes_wire").count(p.run.bytes_wire);
  json.key("retries").count(p.run.retries).key("in_flight").count(p.in_flight);
  json.key("hosts_ready").count(p.hosts_ready).key("hosts_waiting").count(p.hosts_waiting);
  json.key("hosts_backing_off").count(p.hosts_backing_off).key("next_fetch_in_ms");
  p.next_fetch_in ? json.integer(p.next_fetch_in->count()) : json.null();
  json.key("loop_lag_ms").integer(p.loop_lag_p99.count());
  json.key("paused").boolean(p.paused).key("seeding").boolean(p.seeding);
  json.key("errors").begin_object();
  for (const auto& [code, times] : p.run.errors) json.key(to_string(code)).count(times);
  json.end_object().end_object();
}

void add_errors(JsonWriter& json, const std::vector<config::ConfigError>& errors) {
  json.key("errors").begin_array();
  for (const auto& error : errors) {
    json.begin_object().key("file").text(error.file).key("line").integer(error.line);
    json.key("column").integer(error.column).key("key").text(error.key);
    json.key("message").text(error.message).end_object();
  }
  json.end_array();
}

void add_job(JsonWriter& json, const JobView& job, bool whole) {
  json.begin_object().key("name").text(job.name).key("state").text(to_string(job.state));
  json.key("detail").text(job.detail).key("mode").text(job.mode);
  json.key("schedule").text_or_null(job.schedule);
  add_time(json, "next_run_at", job.next_run);
  add_time(json, "started_at", job.started);
  add_time(json, "ended_at", job.ended);
  json.key("runs").count(job.runs).key("weight").integer(job.weight);
  json.key("submitted").boolean(job.submitted);
  json.key("file").text(job.file.native()).key("dir").text(job.dir.native());
  add_totals(json, job.totals);
  add_rates(json, job);
  add_progress(json, job.progress);
  if (whole) {
    json.key("settings").text(job.settings);
    add_errors(json, job.errors);
  }
  json.end_object();
}

}  // namespace

std::string job_json(const JobView& job, bool whole) {
  std::string text;
  JsonWriter json{text};
  add_job(json, job, whole);
  return text;
}

std::string jobs_json(std::span<const JobView> jobs) {
  std::string text;
  text.reserve(64 + jobs.size() * 640);
  JsonWriter json{text};
  json.begin_object().key("jobs").begin_array();
  for (const JobView& job : jobs) add_job(json, job, false);
  json.end_array().end_object();
  return text;
}

std::string progress_event_json(const JobView& job) {
  std::string text;
  JsonWriter json{text};
  json.begin_object().key("job").text(job.name).key("state").text(to_string(job.state));
  add_totals(json, job.totals);
  add_rates(json, job);
  add_progress(json, job.progress);
  json.end_object();
  return text;
}

std::string state_event_json(const JobView& job) {
  std::string text;
  JsonWriter json{text};
  json.begin_object().key("job").text(job.name).key("state").text(to_string(job.state));
  json.key("detail").text(job.detail).end_object();
  return text;
}

}  // namespace trawl::service::control
