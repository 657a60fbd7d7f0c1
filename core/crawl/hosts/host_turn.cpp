// A shell around the buckets: it asks, and sleeps until what they answered.
#include "core/crawl/hosts/host_turn.hpp"

#include "core/coro/time.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>

namespace trawl::crawl {

void TurnGate::close() {
  closed_.set();
  for (coro::Event* waiting : waiting_) waiting->set();
}

coro::Task<> TurnGate::wait_until(Mono time) {
  auto waiting = closed_.wait_until(time);
  co_await std::move(waiting);
}

HostTurn::HostTurn(const coro::Executor& executor, PolitenessBuckets& buckets, Clock& clock,
                   std::string_view host, const BucketLimits& limits)
    : buckets_(buckets),
      clock_(clock),
      freed_(std::make_shared<coro::Event>(executor)),
      member_(
          buckets,
          [executor, freed = freed_] { coro::asio::post(executor, [freed] { freed->set(); }); },
          bucket_keys(host)),
      keys_(bucket_keys(host)),
      limits_(limits) {}

HostTurn::~HostTurn() {
  if (taken_) give_back(HostRest{.wait = limits_.delay});
}

coro::Task<> HostTurn::take() {
  auto taking = take(Bounds{});
  co_await std::move(taking);
}

coro::Task<bool> HostTurn::take(Bounds bounds) {
  const auto after = [begun = clock_.now()](Millis time) {
    return time == Millis::max() ? Mono::max() : begun + time;
  };
  struct Waiting {
    std::set<coro::Event*>* all;
    coro::Event* self;
    ~Waiting() {
      if (all != nullptr) all->erase(self);
    }
  } const waiting_here{bounds.gate != nullptr ? &bounds.gate->waiting_ : nullptr, freed_.get()};
  if (bounds.gate != nullptr) bounds.gate->waiting_.insert(freed_.get());
  const Mono patient_until = after(bounds.patience_for_place);
  const Mono leaves_at = after(bounds.wait_max);
  for (;;) {
    freed_->reset();
    static_cast<void>(member_.take_freed());
    if (bounds.gate != nullptr && bounds.gate->closed()) co_return false;
    const Mono now = clock_.now();
    auto refusal = now < patient_until ? buckets_.acquire(member_, keys_, limits_, now)
                                       : buckets_.squeeze_in(member_, keys_, limits_, now);
    if (!refusal) break;
    const bool in_vain = refusal->until > leaves_at &&
                         (now >= leaves_at || refusal->until != PolitenessBuckets::when_freed);
    if (in_vain || refusal->line > bounds.line_max) co_return false;
    bounds.line_max = SIZE_MAX;  // it has its place in the line
    Mono until = std::min(refusal->until, leaves_at);
    if (now < patient_until) until = std::min(until, patient_until);
    auto waiting = freed_->wait_until(until);
    co_await std::move(waiting);
  }
  taken_ = true;
  begun_ = clock_.now();
  co_return true;
}

coro::Task<bool> HostTurn::use(Mono since, TurnGate* gate) {
  auto waiting = keep_distance(buckets_, clock_, keys_, limits_, since, gate);
  if (!co_await std::move(waiting)) co_return false;
  taken_ = is_callers_ = true;
  begun_ = clock_.now();
  co_return true;
}

Millis HostTurn::give_back(const PolitenessSpec& politeness, FetchReport report) {
  report.interval = buckets_.interval_after(keys_, politeness, report, begun_, clock_.now());
  const HostRest rest = Politeness{politeness}.rest_after(report);
  give_back(rest);
  return rest.wait;
}

void HostTurn::give_back(const HostRest& rest) {
  const Mono now = clock_.now();
  is_callers_ ? buckets_.note_end(keys_, now, now + rest.wait, rest.asked)
              : buckets_.release(keys_, limits_, now, now + rest.wait, rest.asked);
  taken_ = false;
}

void HostTurn::give_back_unused() {
  buckets_.release(keys_, limits_, clock_.now(), Mono::min());
  taken_ = false;
}

// Nobody squeezes in who has not been patient, which has been for as long as the turn was.
bool is_late(const PolitenessBuckets& buckets, Clock& clock, Mono since) {
  return buckets.any_squeezed_in(since) || clock.now() - since >= HostTurn::patience / 5;
}

coro::Task<bool> keep_distance(PolitenessBuckets& buckets, Clock& clock, BucketKeys keys,
                               BucketLimits limits, Mono since, TurnGate* gate) {
  if (!is_late(buckets, clock, since)) co_return true;
  for (;;) {
    const Mono now = clock.now();
    const auto until = buckets.start_late(keys, limits, since, now);
    if (!until) co_return true;
    if (gate != nullptr && gate->closed()) co_return false;
    auto waiting = gate != nullptr ? gate->wait_until(*until) : coro::sleep_for(*until - now);
    co_await std::move(waiting);
  }
}

}  // namespace trawl::crawl
