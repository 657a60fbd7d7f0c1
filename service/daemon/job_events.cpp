// One flat object each, so that a page can show it without asking again.
#include "service/daemon/job_events.hpp"

#include "service/json_writer.hpp"

namespace trawl::service {
namespace {

void add_totals(JsonWriter& json, const crawl::StoreTotals& totals) {
  json.key("totals").begin_object();
  json.key("queued").count(totals.queued).key("fetched").count(totals.fetched);
  json.key("failed").count(totals.failed).key("excluded").count(totals.excluded);
  json.key("bytes_wire").count(totals.bytes_wire).end_object();
}

void add_progress(JsonWriter& json, const crawl::CrawlProgress& progress) {
  json.key("progress").begin_object();
  json.key("pages").count(progress.run.pages).key("bytes_wire").count(progress.run.bytes_wire);
  json.key("retries").count(progress.run.retries).key("in_flight").count(progress.in_flight);
  json.key("hosts_ready").count(progress.hosts_ready);
  json.key("hosts_waiting").count(progress.hosts_waiting);
  json.key("hosts_backing_off").count(progress.hosts_backing_off);
  json.key("next_fetch_in_ms");
  progress.next_fetch_in ? json.integer(progress.next_fetch_in->count()) : json.null();
  json.key("loop_lag_ms").integer(progress.loop_lag_p99.count());
  json.key("paused").boolean(progress.paused).key("seeding").boolean(progress.seeding);
  json.key("errors").begin_object();
  for (const auto& [code, count] : progress.run.errors) json.key(to_string(code)).count(count);
  json.end_object().end_object();
}

}  // namespace

std::string progress_data(const JobView& job) {
  std::string text;
  JsonWriter json{text};
  json.begin_object().key("job").text(job.name).key("state").text(to_string(job.state));
  add_totals(json, job.totals);
  json.key("rates").begin_object();
  json.key("pages_per_s").number(job.pages_per_s).key("bytes_per_s").number(job.bytes_per_s);
  json.end_object();
  if (job.progress) add_progress(json, *job.progress);
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

std::string host_data(std::string_view job, const crawl::HostEvent& event) {
  std::string text;
  JsonWriter json{text};
  json.begin_object().key("job").text(job).key("host").text(event.host);
  json.key("state").text(crawl::to_string(event.state));
  json.key("until").text(format_rfc3339(event.until)).key("why").text(event.why).end_object();
  return text;
}

}  // namespace trawl::service
