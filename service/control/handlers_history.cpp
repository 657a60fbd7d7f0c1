// Pages are read as records are, a batch at a time; the time since when is settled before the first
// of them.
#include "service/control/handlers.hpp"
#include "service/control/job_folder.hpp"
#include "service/control/problem.hpp"
#include "service/control/results_query.hpp"
#include "service/control/services.hpp"
#include "service/history_json.hpp"
#include "service/json_writer.hpp"
#include "service/time_text.hpp"
#include "storage/sqlite/changes.hpp"
#include "storage/sqlite/run_table.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace trawl::service::control {
namespace {

constexpr std::size_t runs_usual = 50;
constexpr std::size_t runs_max = 1000;

struct ChangeBatch {
  std::string text;
  std::size_t pages = 0;
  crawl::UrlId after;
};

ChangeBatch read_batch(storage::Db& db, std::int64_t since_ms, crawl::UrlId after) {
  storage::ChangeQuery query{db, since_ms, after};
  const auto pages = query.next_batch(bounds::batch_records_max);
  ChangeBatch batch{.pages = pages.size(), .after = query.position()};
  for (const auto& page : pages) {
    append_change(batch.text, {.what = page.what, .record = &page.record, .status_before = {}});
    batch.text += '\n';
  }
  return batch;
}

coro::AsyncGenerator<std::string> change_lines(SharedPool pool, std::int64_t since_ms,
                                               coro::Permit) {
  for (crawl::UrlId after;;) {
    auto reading =
        read(pool, [since_ms, after](storage::Db& db) { return read_batch(db, since_ms, after); });
    ChangeBatch batch = co_await std::move(reading);
    if (batch.pages == 0) co_return;
    after = batch.after;
    co_yield std::move(batch.text);
  }
}

}  // namespace

coro::Task<Reply> get_runs(Services& services, Request request) {
  const auto limit = read_count(request.query, "limit");
  if (!limit) co_return problem(limit.error());
  auto finding = find_folder(services, std::move(request.job));
  auto folder = co_await std::move(finding);
  if (!folder) co_return std::move(folder.error());
  std::vector<crawl::RunRecord> runs;
  if (folder->pool) {
    const auto wanted = std::min<std::size_t>(limit->value_or(runs_usual), runs_max);
    auto reading =
        read(folder->pool, [wanted](storage::Db& db) { return storage::read_runs(db, wanted); });
    runs = co_await std::move(reading);
  }
  Reply reply{.body = "{\"runs\":["};
  for (const crawl::RunRecord& run : runs) {
    if (&run != &runs.front()) reply.body += ',';
    append_run(reply.body, run);
  }
  reply.body += "]}";
  co_return std::move(reply);
}

coro::Task<Reply> get_changes(Services& services, Request request) {
  const std::string text{request.query.get("since")};
  const auto asked = text.empty() ? Result<Wall>{Wall{}} : read_since(text, services.clock.wall());
  if (!asked) co_return problem(400, fmt::format("since: {}", asked.error().detail));
  auto finding = find_folder(services, std::move(request.job));
  auto folder = co_await std::move(finding);
  if (!folder) co_return std::move(folder.error());
  Reply reply{.content_type = "application/x-ndjson"};
  if (!folder->pool) co_return std::move(reply);
  auto permit = services.streams.try_acquire();
  if (!permit)
    co_return problem(503, fmt::format("{} results are being read already", bounds::streams_max));
  auto reading = read(folder->pool, [](storage::Db& db) { return last_run_began(db); });
  const auto last = co_await std::move(reading);
  if (text.empty() && !last) co_return std::move(reply);
  const Wall since = text.empty() ? *last : *asked;
  reply.pieces = change_lines(folder->pool, since.time_since_epoch().count(), std::move(*permit));
  co_return std::move(reply);
}

}  // namespace trawl::service::control
