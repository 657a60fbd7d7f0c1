// One place for them, so that a page can put an event over the answer that it has.
#include "service/daemon/job_members.hpp"

#include "service/text/json_writer.hpp"

namespace trawl::service {

void write_totals(JsonWriter& json, const crawl::StoreTotals& totals) {
  json.key("totals").begin_object();
  json.key("queued").count(totals.queued).key("fetched").count(totals.fetched);
  json.key("failed").count(totals.failed).key("excluded").count(totals.excluded);
  json.key("bytes_wire").count(totals.bytes_wire).end_object();
}

void write_rates(JsonWriter& json, const JobView& job) {
  json.key("rates").begin_object().key("pages_per_s").number(job.pages_per_s);
  json.key("bytes_per_s").number(job.bytes_per_s).end_object();
}

void write_progress(JsonWriter& json, const std::optional<crawl::CrawlProgress>& progress) {
  json.key("progress");
  if (!progress) {
    json.null();
    return;
  }
  const crawl::CrawlProgress& p = *progress;
  json.begin_object().key("pages").count(p.run.pages).key("bytes_wire").count(p.run.bytes_wire);
  json.key("retries").count(p.run.retries).key("in_flight").count(p.in_flight);
  json.key("arriving").begin_object().key("bodies").count(p.run.arriving.bodies);
  json.key("unannounced").count(p.run.arriving.unannounced).key("bytes");
  json.count(p.run.arriving.bytes).key("expected_bytes").count(p.run.arriving.expected_bytes);
  json.end_object()
      .key("hosts_ready")
      .count(p.hosts_ready)
      .key("hosts_waiting")
      .count(p.hosts_waiting);
  json.key("hosts_backing_off").count(p.hosts_backing_off).key("next_fetch_in_ms");
  p.next_fetch_in ? json.integer(p.next_fetch_in->count()) : json.null();
  json.key("loop_lag_ms").integer(p.loop_lag_p99.count());
  json.key("paused").boolean(p.paused).key("seeding").boolean(p.seeding);
  json.key("errors").begin_object();
  for (const auto& [code, times] : p.run.errors) json.key(to_string(code)).count(times);
  json.end_object().end_object();
}

void write_statuses(JsonWriter& json, const JobView& job) {
  json.key("statuses").begin_object();
  for (std::size_t i = 0; i < job.outcomes.size(); ++i) {
    const auto outcome = static_cast<crawl::FetchOutcome>(i);
    if (outcome <= crawl::FetchOutcome::status_other && job.outcomes[i] > 0)
      json.key(crawl::to_string(outcome)).count(job.outcomes[i]);
  }
  json.end_object();
}

}  // namespace trawl::service
