// The same members wherever a job is shown, in lists and alone.
#include "service/control/job_json.hpp"

#include "service/daemon/job_members.hpp"
#include "service/text/json_writer.hpp"

namespace trawl::service::control {
namespace {

void add_time(JsonWriter& json, std::string_view key, const std::optional<Wall>& time) {
  json.key(key);
  time ? json.text(format_rfc3339(*time)) : json.null();
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
  write_totals(json, job.totals);
  write_rates(json, job);
  write_statuses(json, job);
  write_progress(json, job.progress);
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

}  // namespace trawl::service::control
