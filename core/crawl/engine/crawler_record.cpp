// What a run leaves about itself and compares with those before: its place in the list of runs, and
// settings on which the state of known URLs depends.
#include "core/coro/timeout.hpp"
#include "core/crawl/engine/crawler.hpp"
#include "core/crawl/job/rules_digest.hpp"

#include <fmt/format.h>

#include <utility>

namespace trawl::crawl {
namespace {

constexpr std::chrono::seconds last_commit_wait{1};

std::string_view name_of(JobMode mode) {
  return mode == JobMode::crawl ? "crawl" : "fetch";
}

std::string_view name_of(StopReason reason) {
  switch (reason) {
    case StopReason::none:
    case StopReason::done:
      return "finished";
    case StopReason::interrupted:
      return "interrupted";
    case StopReason::limit:
      break;
  }
  return "limit";
}

// Of a round that began behind `before`. A URL may be queued again meanwhile.
std::uint64_t more(std::uint64_t now, std::uint64_t before) {
  return now > before ? now - before : 0;
}

}  // namespace

coro::Task<> Crawler::begin_record() {
  const Wall now = parts_.clock.wall();
  run_.began_ms = now.time_since_epoch().count();
  run_.mode = name_of(parts_.job.mode);
  kept_.run = run_;
  auto reading = committer_.meta(link_times_key);
  const auto before = co_await std::move(reading);
  auto times = LinkTimes::parse(before.value_or(""));
  if (parts_.job.mode == JobMode::fetch) {
    times.open(now);
  } else {
    times.close(now);
    auto reading_rules = committer_.meta(link_rules_key);
    const auto rules = co_await std::move(reading_rules);
    const std::string now_rules = link_rules(parts_.job);
    kept_.meta[link_rules_key] = now_rules;
    if (rules && has_other_link_rules(*rules, now_rules)) times.all_until(now);
    unread_links_ = times;
  }
  kept_.meta[link_times_key] = times.text();
}

// Beside the crawl, which waits for room on a full disk and can be stopped then.
coro::Task<> Crawler::keep_record() {
  auto committing = committer_.commit(std::move(kept_));
  static_cast<void>(co_await std::move(committing));
}

// A full disk doesn't keep a run from its end: then it ends in no record.
coro::Task<> Crawler::end_record(StoreTotals before) {
  const StoreTotals totals = committer_.totals();
  run_.ended_ms = parts_.clock.wall().time_since_epoch().count();
  run_.end = name_of(control_.reason());
  run_.detail = control_.detail();
  run_.fetched = more(totals.fetched, before.fetched);
  run_.failed = more(totals.failed, before.failed);
  run_.excluded = more(totals.excluded, before.excluded);
  run_.queued = totals.queued;
  run_.bytes_wire = control_.figures().bytes_wire;
  auto committing = coro::within(last_commit_wait, keep_end());
  static_cast<void>(co_await std::move(committing));
}

coro::Task<> Crawler::keep_end() {
  auto committing = committer_.commit(Commit{.meta = take_changed(), .run = run_});
  static_cast<void>(co_await std::move(committing));
}

coro::Task<> Crawler::keep_changed(std::map<std::string, std::string> meta) {
  auto committing = committer_.commit(Commit{.meta = std::move(meta)});
  static_cast<void>(co_await std::move(committing));
}

}  // namespace trawl::crawl
