// Records are read and put into text on a thread of the folder's, a batch at a time; between two
// batches nothing is held but the place to go on from. So a client that takes hours costs one
// batch.
#include "core/web/url/host.hpp"
#include "core/web/url/url.hpp"
#include "service/control/handlers.hpp"
#include "service/control/job_folder.hpp"
#include "service/control/problem.hpp"
#include "service/control/results_query.hpp"
#include "service/control/services.hpp"
#include "service/explain/explain_facts.hpp"
#include "service/explain/host_words.hpp"
#include "service/records/record_format.hpp"
#include "service/text/json_writer.hpp"
#include "storage/sqlite/host_list.hpp"
#include "storage/sqlite/url_facts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <unordered_map>

namespace trawl::service::control {
namespace {

constexpr std::size_t hosts_usual = 100;
constexpr std::size_t urls_counted_max = 100'000;

struct TextBatch {
  std::string text;
  std::uint64_t records = 0;
  std::optional<crawl::UrlId> position;
};

TextBatch read_batch(storage::Db& db, const storage::RecordFilter& filter) {
  storage::RecordQuery query{db, filter};
  const auto records = query.next_batch(bounds::batch_records_max);
  TextBatch batch{.records = records.size(), .position = query.position()};
  for (const crawl::Record& record : records)
    append_record(batch.text, record, position_text(record.id));
  return batch;
}

coro::AsyncGenerator<std::string> record_lines(SharedPool pool, storage::RecordFilter filter,
                                               coro::Permit) {
  std::uint64_t left = filter.limit.value_or(std::numeric_limits<std::uint64_t>::max());
  while (left > 0) {
    filter.limit = std::min<std::uint64_t>(left, bounds::batch_records_max);
    auto reading = read(pool, [filter](storage::Db& db) { return read_batch(db, filter); });
    TextBatch batch = co_await std::move(reading);
    if (batch.records > 0) co_yield std::move(batch.text);
    if (batch.records < *filter.limit) co_return;
    left -= batch.records;
    filter.after = batch.position;
  }
}

// The place of a record, for a query that goes on behind it. One of what is no URL has no host.
std::optional<crawl::UrlId> place_of(storage::Db& db, const std::string& url) {
  if (const auto position = read_position(url)) return position;
  const auto parsed = web::Url::parse(url);
  const auto row = storage::find_url(db, url, parsed ? web::host_key(*parsed) : std::string{});
  return row ? std::optional{row->id} : std::nullopt;
}

// What is known of a host now: by its record, and by the run that goes on.
struct HostNow {
  std::string_view state = "ready";
  std::optional<Wall> until;  // later than now; absent: at once, or nobody knows
  std::string why;
};

HostNow now_of(const storage::HostRow& host, const HostHold* hold, Wall now) {
  if (host.drained) return {.state = "drained", .until = {}, .why = {}};
  const auto& health = host.health;
  Wall until{Millis{host.next_fetch_ms}};
  if (health) until = std::max(until, Wall{Millis{health->open_until_ms}});
  if (hold != nullptr && hold->until) until = std::max(until, *hold->until);
  HostNow known{.until = until > now ? std::optional{until} : std::nullopt, .why = {}};
  if (health && (health->interval > Millis{0} || health->open_until_ms > 0)) {
    known.state = "backing_off";
    known.why = health_summary(*health);
  } else if (hold != nullptr && (!hold->until || *hold->until > now)) {
    known.state = "waiting";
    known.why = wait_words(hold->what);
  } else if (known.until) {
    known.state = "waiting";
  }
  return known;
}

void add_host(JsonWriter& json, const storage::HostRow& host, const HostHold* hold, Wall now) {
  const HostNow known = now_of(host, hold, now);
  json.begin_object().key("host").text(host.key).key("state").text(known.state);
  json.key("queued").count(host.queued).key("fetched").count(host.fetched);
  json.key("failed").count(host.failed).key("counts_cut").boolean(host.counts_cut);
  json.key("next_fetch_at");
  known.until ? json.text(format_rfc3339(*known.until)) : json.null();
  json.key("why").text_or_null(known.why);
  json.end_object();
}

}  // namespace

// What was known a moment ago saves the way to the daemon's loop; a job that is new is asked for.
coro::Task<std::expected<JobFolder, Reply>> find_folder(Services& services, std::string job) {
  auto looking = services.snapshot.get();
  const auto overview = co_await std::move(looking);
  if (!overview) co_return std::unexpected(problem(overview.error()));
  if (const JobView* known = (*overview)->find(job))
    co_return JobFolder{known->dir, services.folders.open(known->dir)};
  auto finding = services.jobs.find(std::move(job));
  const auto found = co_await std::move(finding);
  if (!found) co_return std::unexpected(problem(found.error()));
  co_return JobFolder{found->dir, services.folders.open(found->dir)};
}

coro::Task<std::expected<JobFolder, Reply>> need_folder(Services& services, std::string job) {
  auto finding = find_folder(services, std::move(job));
  auto folder = co_await std::move(finding);
  if (folder && !folder->pool)
    co_return std::unexpected(problem(404, "the job has crawled nothing yet"));
  co_return std::move(folder);
}

coro::Task<Reply> get_results(Services& services, Request request) {
  auto query = read_results_query(request.query, services.clock.wall());
  if (!query) co_return problem(query.error());
  auto finding = find_folder(services, std::move(request.job));
  auto folder = co_await std::move(finding);
  if (!folder) co_return std::move(folder.error());
  Reply reply{.content_type = "application/x-ndjson"};
  if (!folder->pool) co_return std::move(reply);
  auto permit = services.streams.try_acquire();
  if (!permit)
    co_return problem(503, fmt::format("{} results are being read already", bounds::streams_max));
  if (!query->after.empty()) {
    auto placing = read(folder->pool, [&](storage::Db& db) { return place_of(db, query->after); });
    query->filter.after = co_await std::move(placing);
    if (!query->filter.after)
      co_return problem(400, "after: expected the position or the url of a record of this job");
  } else {
    // Says now what is wrong with the database, while there is a status to say it with.
    auto opening = read(folder->pool, [](storage::Db&) { return true; });
    co_await std::move(opening);
  }
  reply.pieces = record_lines(folder->pool, std::move(query->filter), std::move(*permit));
  co_return std::move(reply);
}

coro::Task<Reply> get_hosts(Services& services, Request request) {
  const auto limit = read_count(request.query, "limit");
  if (!limit) co_return problem(limit.error());
  auto asking = services.jobs.host_holds(request.job);
  const auto holds = co_await std::move(asking);
  auto finding = find_folder(services, std::move(request.job));
  auto folder = co_await std::move(finding);
  if (!folder) co_return std::move(folder.error());
  const std::size_t wanted =
      std::min<std::size_t>(limit->value_or(hosts_usual), bounds::hosts_shown_max);
  std::vector<storage::HostRow> hosts;
  if (folder->pool) {
    auto reading = read(folder->pool, [wanted](storage::Db& db) {
      return storage::list_hosts(db, wanted, urls_counted_max);
    });
    hosts = co_await std::move(reading);
  }
  Reply reply;
  JsonWriter json{reply.body};
  json.begin_object().key("hosts").begin_array();
  std::unordered_map<std::int64_t, const HostHold*> held;
  if (holds)
    for (const HostHold& hold : *holds) held.emplace(hold.host, &hold);
  for (const auto& host : hosts) {
    const auto hold = held.find(host.id);
    add_host(json, host, hold == held.end() ? nullptr : hold->second, services.clock.wall());
  }
  json.end_array().end_object();
  co_return std::move(reply);
}

coro::Task<Reply> get_explain(Services& services, Request request) {
  const std::string url{request.query.get("url")};
  if (url.empty()) co_return problem(400, "url: expected the URL to explain");
  auto asking = services.jobs.host_holds(request.job);
  const auto holds = co_await std::move(asking);
  auto finding = need_folder(services, std::move(request.job));
  auto folder = co_await std::move(finding);
  if (!folder) co_return std::move(folder.error());
  const Wall now = services.clock.wall();
  auto reading = read(folder->pool, [&](storage::Db& db) {
    return gather_explanation(db, folder->path.string(), url, now);
  });
  auto facts = co_await std::move(reading);
  if (!facts) co_return problem(facts.error());
  if (facts->row && holds) {
    const auto hold = std::ranges::find(*holds, facts->row->id.host, &HostHold::host);
    if (hold != holds->end()) facts->hold = {hold->until, wait_words(hold->what)};
  }
  co_return Reply{.body = explanation_json(*facts)};
}

}  // namespace trawl::service::control
