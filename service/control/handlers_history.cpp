// Pages are read as records are, a batch at a time; the time since when is settled before the first
// of them.
#include "core/base/log.hpp"
#include "service/control/handlers.hpp"
#include "service/control/job_folder.hpp"
#include "service/control/problem.hpp"
#include "service/control/results_query.hpp"
#include "service/control/services.hpp"
#include "service/folder/history_json.hpp"
#include "service/text/json_writer.hpp"
#include "service/text/time_text.hpp"
#include "storage/sqlite/changes.hpp"
#include "storage/sqlite/epochs.hpp"
#include "storage/sqlite/run_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <variant>

namespace trawl::service::control {
namespace {

constexpr std::size_t runs_usual = 50;
constexpr std::size_t runs_max = 1000;

struct ChangeBatch {
  std::string text;
  std::size_t pages = 0;
  crawl::UrlId after;
};

using ChangesOf = std::variant<std::int64_t, storage::CommitRange>;  // since a time, or in commits

ChangeBatch read_batch(storage::Db& db, const ChangesOf& of, crawl::UrlId after) {
  auto query = std::visit([&](auto part) { return storage::ChangeQuery{db, part, after}; }, of);
  const auto pages = query.next_batch(bounds::batch_records_max);
  ChangeBatch batch{.pages = pages.size(), .after = query.position()};
  for (const auto& page : pages) {
    append_change(
        batch.text,
        {.what = page.what, .record = &page.record, .status_before = {}, .live = page.live});
    batch.text += '\n';
  }
  return batch;
}

coro::AsyncGenerator<std::string> change_lines(SharedPool pool, ChangesOf of, coro::Permit) {
  for (crawl::UrlId after;;) {
    auto reading = read(pool, [of, after](storage::Db& db) { return read_batch(db, of, after); });
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

// Which changes are asked for, and the cursor behind them where one was given. Nothing: there has
// been no run.
struct Asked {
  std::optional<ChangesOf> of;
  storage::FeedCursor here;
  bool has_place = true;  // what was given is one of the folder's
};

Asked ask_behind(storage::Db& db, const storage::FeedCursor& after) {
  Asked asked{.here = storage::cursor_at(db, storage::last_commit(db)),
              .has_place = storage::has_place(db, after)};
  asked.of = storage::CommitRange{after.commit == 0 ? -1 : after.commit, asked.here.commit};
  return asked;
}

coro::Task<Asked> changes_asked_for(SharedPool pool, std::string since,
                                    std::optional<storage::FeedCursor> after, Wall now) {
  if (after) {
    auto reading = read(pool, [after](storage::Db& db) { return ask_behind(db, *after); });
    co_return co_await std::move(reading);
  }
  if (!since.empty())
    co_return Asked{.of = read_since(since, now)->time_since_epoch().count(), .here = {}};
  auto reading = read(pool, [](storage::Db& db) { return last_run_began(db); });
  const auto last = co_await std::move(reading);
  if (!last) co_return Asked{};
  co_return Asked{.of = last->time_since_epoch().count(), .here = {}};
}

coro::Task<Reply> get_changes(Services& services, Request request) {
  const std::string since{request.query.get("since")};
  const std::string_view cursor = request.query.get("after");
  const Wall now = services.clock.wall();
  if (const auto asked = since.empty() ? Result<Wall>{Wall{}} : read_since(since, now); !asked)
    co_return problem(400, fmt::format("since: {}", asked.error().detail));
  const auto after = storage::FeedCursor::parse(cursor);
  if (request.query.has("after") && !after)
    co_return problem(400, fmt::format("after: \"{:.100}\" is no cursor; it is what the header "
                                       "Trawl-Cursor said, and 0 at first",
                                       printable(cursor)));
  if (after && !since.empty())
    co_return problem(400, "since is a time, after is a cursor: give one of them");
  auto finding = find_folder(services, std::move(request.job));
  auto folder = co_await std::move(finding);
  if (!folder) co_return std::move(folder.error());
  Reply reply{.content_type = "application/x-ndjson"};
  if (!folder->pool) {
    if (after) reply.fields.emplace_back("Trawl-Cursor", "0");
    co_return std::move(reply);
  }
  auto permit = services.streams.try_acquire();
  if (!permit)
    co_return problem(503, fmt::format("{} results are being read already", bounds::streams_max));
  auto asking = changes_asked_for(folder->pool, since, after, now);
  const auto asked = co_await std::move(asking);
  if (!asked.has_place)
    co_return problem(410, fmt::format("after: {} is no place in this folder (at {}): it is of "
                                       "another one, or of a state that is no more since the "
                                       "folder was made anew or a copy put back; begin with 0",
                                       after->text(), asked.here.text()));
  if (after) reply.fields.emplace_back("Trawl-Cursor", asked.here.text());
  if (!asked.of) co_return std::move(reply);
  reply.pieces = change_lines(folder->pool, *asked.of, std::move(*permit));
  co_return std::move(reply);
}

}  // namespace trawl::service::control
