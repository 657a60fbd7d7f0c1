// What the store costs: URLs admitted, outcomes committed, records streamed. Databases are made in
// the temporary folder (TMPDIR), so the disk is that folder's.
#include "storage/sqlite/queries.hpp"
#include "storage/sqlite/schema.hpp"
#include "storage/sqlite/stats.hpp"
#include "storage/sqlite/store.hpp"
#include "tests/support/scratch_folder.hpp"

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

namespace trawl::storage {
namespace {

// count URLs spread over the hosts by a fixed pseudo-random walk; `run` neighbours share a host, as
// most links of a page do.
crawl::StoreBatch batch_of(std::int64_t first, std::int64_t count, std::int64_t hosts,
                           std::int64_t run) {
  crawl::StoreBatch batch;
  batch.admitted.reserve(static_cast<std::size_t>(count));
  for (std::int64_t i = first; i < first + count; ++i) {
    const std::int64_t host = i / run * 2654435761 % 4294967296 % hosts;
    const std::string name = "www." + std::to_string(host) + ".example.org";
    batch.admitted.push_back({.url = "https://" + name + "/documentation/section-" +
                                     std::to_string(i) + "/page.html?lang=en",
                              .host = name,
                              .depth = 3,
                              .via = crawl::UrlId{1, 1}});
  }
  return batch;
}

crawl::Outcome outcome_of(std::int64_t i) {
  return {.state = crawl::UrlState::fetched,
          .status = 200,
          .attempts = 1,
          .fetched_at = Wall{Millis{1'700'000'000'000 + i}},
          .ip = "192.0.2.17",
          .http_version = "1.1",
          .dns_ms = 1,
          .connect_ms = 20,
          .ttfb_ms = 80,
          .total_ms = 120,
          .bytes_wire = 28'000,
          .bytes_body = 90'000,
          .content_type = "text/html",
          .charset = "UTF-8",
          .title = "Section of the documentation, page " + std::to_string(i),
          .digest = "sha256:" + std::string(64, 'a'),
          .etag = "\"5f3e-5a1b2c3d4e5f6\"",
          .last_modified = "Thu, 01 Jan 2026 00:00:00 GMT",
          .robots_meta = {},
          .archive = crawl::ArchivePosition{"warc/a.warc.gz", 1000, 900}};
}

void admit(benchmark::State& state) {
  const test::ScratchFolder folder;
  SqliteStore store{folder.path() / "crawl.db"};
  std::int64_t first = 0;
  for (auto _ : state) {
    state.PauseTiming();
    const crawl::StoreBatch batch = batch_of(first, state.range(0), state.range(1), state.range(2));
    first += state.range(0);
    state.ResumeTiming();
    benchmark::DoNotOptimize(store.apply(batch));
  }
  state.SetItemsProcessed(first);
}
BENCHMARK(admit)
    ->ArgNames({"batch", "hosts", "run"})
    ->Args({1000, 1, 1})
    ->Args({1000, 1000, 20})
    ->Args({1000, 1000, 1})
    ->Args({10'000, 1, 1})
    ->Args({10'000, 1000, 20})
    ->Args({10'000, 100'000, 20})
    ->MinTime(3)
    ->UseRealTime();

// One outcome and its page's ten new links, as a crawl commits them.
void crawl_step(benchmark::State& state) {
  const test::ScratchFolder folder;
  SqliteStore store{folder.path() / "crawl.db"};
  const std::int64_t pages = state.range(0), hosts = state.range(1);
  std::vector<crawl::UrlId> queue = store.apply(batch_of(0, 20'000, hosts, 10));
  std::size_t head = 0;
  std::int64_t first = 20'000, done = 0;
  for (auto _ : state) {
    state.PauseTiming();
    crawl::StoreBatch batch = batch_of(first, pages * 10, hosts, 10);
    first += pages * 10;
    for (std::int64_t i = 0; i < pages; ++i)
      batch.updates.push_back({.id = queue[head++], .outcome = outcome_of(done++)});
    batch.marks.push_back({"warc/a.warc.gz", static_cast<std::uint64_t>(done)});
    state.ResumeTiming();
    const auto ids = store.apply(batch);
    state.PauseTiming();
    queue.insert(queue.end(), ids.begin(), ids.end());
    state.ResumeTiming();
  }
  state.SetItemsProcessed(done);
}
BENCHMARK(crawl_step)
    ->ArgNames({"pages", "hosts"})
    ->Args({1, 100})
    ->Args({100, 1})
    ->Args({100, 1000})
    ->Args({500, 1000})
    ->MinTime(3)
    ->UseRealTime();

// What SQLite itself takes for as many rows of as many columns, by the shortest code there is: the
// yardstick of outcomes().
void bare_insert(benchmark::State& state) {
  const test::ScratchFolder folder;
  Db db = Db::open(folder.path() / "bare.db", Access::write);
  db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
  db.exec(
      "CREATE TABLE results (id INTEGER PRIMARY KEY, url TEXT, state INT, status INT, attempts INT,"
      " fetched_at INT, ip TEXT, dns INT, connect INT, ttfb INT, total INT, bytes INT, type TEXT,"
      " title TEXT, digest TEXT, etag TEXT)");
  Statement insert = db.prepare("INSERT INTO results VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
  std::int64_t done = 0;
  for (auto _ : state) {
    state.PauseTiming();
    std::vector<crawl::Outcome> rows;
    for (std::int64_t i = 0; i < state.range(0); ++i) rows.push_back(outcome_of(done + i));
    state.ResumeTiming();
    db.exec("BEGIN");
    for (const crawl::Outcome& row : rows) {
      const std::string url = "https://www.7.example.org/documentation/section-" +
                              std::to_string(done) + "/page.html?lang=en";
      insert.run(++done, url, 2, row.status, row.attempts, done, row.ip, row.dns_ms, row.connect_ms,
                 row.ttfb_ms, row.total_ms, row.bytes_wire, row.content_type, row.title, row.digest,
                 row.etag);
    }
    db.exec("COMMIT");
  }
  state.SetItemsProcessed(done);
}
BENCHMARK(bare_insert)->ArgName("rows")->Arg(100)->Arg(1000)->MinTime(3)->UseRealTime();

// The results of a list, whose URLs the store has: through all of it.
void outcomes(benchmark::State& state) {
  const test::ScratchFolder folder;
  SqliteStore store{folder.path() / "crawl.db"};
  std::int64_t done = 0;
  for (auto _ : state) {
    state.PauseTiming();
    crawl::StoreBatch batch;
    const auto ids = store.apply(batch_of(done, state.range(0), state.range(1), 10));
    for (const crawl::UrlId id : ids)
      batch.updates.push_back({.id = id, .outcome = outcome_of(done++)});
    batch.marks.push_back({"warc/a.warc.gz", static_cast<std::uint64_t>(done)});
    state.ResumeTiming();
    benchmark::DoNotOptimize(store.apply(batch));
  }
  state.SetItemsProcessed(done);
}
BENCHMARK(outcomes)
    ->ArgNames({"rows", "hosts"})
    ->Args({100, 1})
    ->Args({1000, 1})
    ->Args({1000, 1000})
    ->MinTime(3)
    ->UseRealTime();

void stream(benchmark::State& state) {
  const test::ScratchFolder folder;
  SqliteStore store{folder.path() / "crawl.db"};
  crawl::StoreBatch outcomes;
  for (const crawl::UrlId id : store.apply(batch_of(0, 200'000, 1000, 10)))
    if (id.seq % 2) outcomes.updates.push_back({.id = id, .outcome = outcome_of(id.seq)});
  store.apply(outcomes);
  Db reader = open_for_reading(folder.path() / "crawl.db");
  std::int64_t records = 0;
  for (auto _ : state) {
    RecordQuery query{reader, {}};
    for (auto batch = query.next_batch(256); !batch.empty(); batch = query.next_batch(256))
      records += static_cast<std::int64_t>(batch.size());
  }
  state.SetItemsProcessed(records);
}
BENCHMARK(stream)->UseRealTime()->Unit(benchmark::kMillisecond);

void start_up(benchmark::State& state) {
  const test::ScratchFolder folder;
  const auto path = folder.path() / "crawl.db";
  std::int64_t urls = 0;
  {
    SqliteStore store{path};
    crawl::StoreBatch outcomes;
    for (const crawl::UrlId id : store.apply(batch_of(0, 500'000, state.range(0), 10)))
      if (id.seq % 100) outcomes.updates.push_back({.id = id, .outcome = outcome_of(id.seq)});
    store.apply(outcomes);
  }
  for (auto _ : state) {
    SqliteStore store{path};
    for (const std::int64_t host : store.hosts_with_queue())
      urls += static_cast<std::int64_t>(store.queued(host, 0, 64).size());
  }
  benchmark::DoNotOptimize(urls);
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * 500'000);
}
BENCHMARK(start_up)->ArgName("hosts")->Arg(1)->Arg(10'000)->UseRealTime()->Unit(
    benchmark::kMillisecond);

}  // namespace
}  // namespace trawl::storage
