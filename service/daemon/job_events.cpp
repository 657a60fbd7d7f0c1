// One flat object each, so that a page can show it without asking again.
#include "service/daemon/job_events.hpp"

#include "service/daemon/job_members.hpp"
#include "service/text/json_writer.hpp"

namespace trawl::service {

std::string progress_data(const JobView& job) {
  std::string text;
  JsonWriter json{text};
  json.begin_object().key("job").text(job.name).key("state").text(to_string(job.state));
  write_totals(json, job.totals);
  write_rates(json, job);
  write_statuses(json, job);
  write_progress(json, job.progress);
  json.end_object();
  return text;
}

std::string state_data(const JobView& job) {
  std::string text;
  JsonWriter json{text};
  json.begin_object().key("job").text(job.name).key("state").text(to_string(job.state));
  json.key("detail").text(job.detail).end_object();
  return text;
}

std::string removed_data(std::string_view job) {
  std::string text;
  JsonWriter{text}.begin_object().key("job").text(job).end_object();
  return text;
}

std::string host_data(std::string_view job, const crawl::HostEvent& event) {
  std::string text;
  JsonWriter json{text};
  json.begin_object().key("job").text(job).key("host").text(event.host);
  json.key("state").text(crawl::to_string(event.state));
  json.key("until").text(format_rfc3339(event.until)).key("why").text(event.why).end_object();
  return text;
}

}  // namespace trawl::service
