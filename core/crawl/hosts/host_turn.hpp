#pragma once
// HostTurn: leave to send one request to a host, for who has no lease of it from a frontier: a
// single fetch, a mirror, a hop of robots.txt to another host. The buckets count it as any fetch,
// so every job keeps its distance from it and it from theirs. Loop thread only.

#include "core/base/clock.hpp"
#include "core/coro/event.hpp"
#include "core/coro/task.hpp"
#include "core/crawl/hosts/politeness.hpp"
#include "core/crawl/hosts/politeness_buckets.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <string_view>

namespace trawl::crawl {

// Those of a shard who wait for turns. Once it is closed nobody does any more. Loop thread only.
class TurnGate {
 public:
  explicit TurnGate(const coro::Executor& executor) : closed_(executor) {}
  void close();
  bool closed() const { return closed_.is_set(); }
  // Waits until the time, or until it is closed.
  coro::Task<> wait_until(Mono time);

 private:
  friend class HostTurn;
  coro::Event closed_;
  std::set<coro::Event*> waiting_;  // for freed places
};

class HostTurn {
 public:
  // How long a visit, which holds a place of its own host, waits for one of another. Then it asks
  // beside what is on its way there, or else two of them could wait for each other for ever.
  static constexpr Millis patience{5'000};

  // host: as web::host_key() has it.
  HostTurn(const coro::Executor& executor, PolitenessBuckets& buckets, Clock& clock,
           std::string_view host, const BucketLimits& limits);
  // Given up in the middle: the host has been asked something, or may have been.
  ~HostTurn();
  HostTurn(const HostTurn&) = delete;
  HostTurn& operator=(const HostTurn&) = delete;

  // When a turn is not worth waiting for.
  struct Bounds {
    Millis patience_for_place = Millis::max();  // then it is sent beside others
    std::size_t line_max = SIZE_MAX;            // who wait, with this one
    Millis wait_max = Millis::max();            // in all
    TurnGate* gate = nullptr;                   // is closed when no turn is to be taken any more
  };
  // Waits for the host's times and a place. False: out of bounds, and there is no turn.
  coro::Task<bool> take(Bounds bounds);
  coro::Task<> take();
  // Instead of take(): a turn that the caller has had since then; its place stays the caller's.
  // False: the gate was closed while it waited.
  coro::Task<bool> use(Mono since, TurnGate* gate = nullptr);
  // What the request came to; returns how long the host is left alone. report's interval is filled
  // in here.
  Millis give_back(const PolitenessSpec& politeness, FetchReport report);
  // Nothing was asked of the host.
  void give_back_unused();

 private:
  void give_back(const HostRest& rest);

  PolitenessBuckets& buckets_;
  Clock& clock_;
  std::shared_ptr<coro::Event> freed_;  // also of a wake-up that is on its way
  PolitenessBuckets::Member member_;
  BucketKeys keys_;
  BucketLimits limits_;
  Mono begun_{};
  bool taken_ = false;
  bool is_callers_ = false;
};

// Of who has had a turn since then and sends only now: somebody may have squeezed in, or may soon.
bool is_late(const PolitenessBuckets& buckets, Clock& clock, Mono since);
// Waits as long as he has to for one who did. Nothing for who is not late. False: the gate was
// closed meanwhile.
coro::Task<bool> keep_distance(PolitenessBuckets& buckets, Clock& clock, BucketKeys keys,
                               BucketLimits limits, Mono since, TurnGate* gate = nullptr);

}  // namespace trawl::crawl
