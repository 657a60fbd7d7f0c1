#pragma once
// What handlers have at hand. Server's thread only.

#include "core/base/clock.hpp"
#include "core/coro/semaphore.hpp"
#include "service/control/body_reader.hpp"
#include "service/control/bounds.hpp"
#include "service/control/event_hub.hpp"
#include "service/control/folders.hpp"
#include "service/control/server.hpp"
#include "service/control/snapshot.hpp"
#include "service/control/turns.hpp"
#include "service/daemon/jobs.hpp"

namespace trawl::service::control {

struct Services {
  Services(const coro::Executor& executor, ControlServer::Parts with)
      : parts(std::move(with)),
        jobs(parts.jobs),
        clock(parts.clock),
        started(clock.now()),
        read_cpu(std::make_shared<std::atomic<CpuTime::rep>>(0)),
        turns(executor, clock, parts.process_cpu, read_cpu),
        snapshot(executor, jobs, clock),
        folders(executor, read_cpu),
        events(executor, jobs, [this] { snapshot.forget(); }),
        streams(executor, bounds::streams_max),
        bodies(executor, bounds::bodies_max),
        listeners(executor, bounds::events_max),
        fetches(executor, bounds::fetches_max) {}

  const ControlServer::Parts parts;
  Jobs& jobs;
  Clock& clock;
  const Mono started;
  const SharedCpu read_cpu;
  Turns turns;
  Snapshot snapshot;
  AgedText metrics;
  Folders folders;
  BodyThreads body_threads;
  EventHub events;
  coro::Semaphore streams;
  coro::Semaphore bodies;
  coro::Semaphore listeners;
  coro::Semaphore fetches;
};

}  // namespace trawl::service::control
