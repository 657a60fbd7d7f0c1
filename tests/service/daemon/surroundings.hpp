#pragma once
// What a ManagedJob lives on, without the daemon.

#include "core/coro/loop.hpp"
#include "core/coro/worker.hpp"
#include "service/daemon/managed_job.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/temp_dir.hpp"

namespace trawl::service {

struct Surroundings {
  const support::TempDir dir;
  coro::Loop loop;
  support::ManualClock clock;
  LedgerDesk ledger{dir / "daemon.db"};
  Watchers watchers;
  crawl::PolitenessBuckets buckets;
  coro::SharedPlaces places{8};
  http::SpeedLimit speed;
  RunTurns turns{1};
  HookDesk hooks;
  coro::Worker files{"jobs", 8};
  JobSurroundings around{.executor = loop.executor(),
                         .clock = clock,
                         .ledger = ledger,
                         .watchers = watchers,
                         .buckets = buckets,
                         .places = places,
                         .speed = speed,
                         .turns = turns,
                         .hooks = hooks,
                         .files = files,
                         .on_turn_free = [] {}};
};

}  // namespace trawl::service
