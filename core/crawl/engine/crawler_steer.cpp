// What others may ask of a run and do to it while it goes on; any thread.
#include "core/crawl/engine/crawler.hpp"
#include "core/crawl/job/rules_digest.hpp"

#include <algorithm>
#include <utility>

namespace trawl::crawl {

// What is in flight ends; nothing more is begun from here on.
void Crawler::stop() {
  ++stops_;
  control_.request_stop(StopReason::interrupted);
}

// The scope comes first, since it alone can be refused.
Result<> Crawler::change(LiveSettings settings) {
  const std::lock_guard lock{change_mutex_};
  const auto job = with_live_settings(parts_.job, settings);
  if (auto changed = admission_->change_scope(job); !changed) return changed;
  if (settings.include != live_.include || settings.exclude != live_.exclude ||
      settings.limits.pages_per_host != live_.limits.pages_per_host) {
    rules_changed_ = true;
    // What is excluded until they are others again is to be judged by the next run, however this
    // one ends.
    changed_meta_[rules_key] = changed_meta_[passing_rules_key] = "";
  }
  live_ = std::move(settings);
  change_places();
  speed_.set(live_.limits.bandwidth);
  for (const auto& shard : shards_) shard->change(job);
  control_.change_limits(live_.limits);
  return {};
}

void Crawler::set_weight(int weight) {
  const std::lock_guard lock{change_mutex_};
  weight_ = weight;
  change_places();
}

void Crawler::keep_meta(std::string key, std::string value) {
  const std::lock_guard lock{change_mutex_};
  changed_meta_.insert_or_assign(std::move(key), std::move(value));
}

std::map<std::string, std::string> Crawler::take_changed() {
  const std::lock_guard lock{change_mutex_};
  return std::exchange(changed_meta_, {});
}

void Crawler::change_places() {
  own_places_.set_total(static_cast<std::size_t>(std::max(live_.concurrency, 1)));
  transfers_.change(share(weight_, live_.concurrency));
}

// While other jobs have what this one could have, it takes no more URLs from their queues than it
// has use for: they would hold their hosts, and a pause would not be heard of by them.
void Crawler::fit_visits() {
  const std::lock_guard lock{change_mutex_};
  const bool scarce = transfers_.waiting() > 0;
  const auto wanted = static_cast<std::size_t>(std::max(live_.concurrency, 1));
  const std::size_t at_once = scarce ? std::min(wanted, transfers_.taken()) : wanted;
  visits_.set_total(visits_max(at_once, shards_.size()));
}

coro::Share Crawler::share(int weight, int concurrency) {
  return {.weight = weight, .most = static_cast<std::size_t>(std::max(concurrency, 1))};
}

// Those in flight, as many again that are read and committed, and one that each shard holds while
// it waits for its next URL.
std::size_t Crawler::visits_max(std::size_t at_once, std::size_t shards) {
  return 2 * at_once + 16 + shards;
}

coro::Task<Result<Pushed>> Crawler::push(std::vector<std::string> urls) {
  return PushQueue::push(pushes_, UrlSource{control_.shared_sources()}, std::move(urls));
}

CrawlProgress Crawler::progress() const {
  CrawlProgress progress{.totals = committer_.totals(),
                         .run = control_.figures(),
                         .transfers = transfers_.taken(),
                         .memory_bytes = memory_.used(),
                         .memory_bytes_max = memory_.bytes_max(),
                         .paused = control_.paused(),
                         .seeding = seeding_};
  const auto now_ms = std::chrono::floor<Millis>(parts_.clock.now().time_since_epoch()).count();
  std::optional<std::int64_t> wait;
  for (const auto& shard : shards_) {
    const ShardGauges& gauges = shard->gauges();
    progress.in_flight += gauges.in_flight;
    progress.hosts_ready += gauges.hosts_ready;
    progress.hosts_waiting += gauges.hosts_waiting;
    progress.loop_lag_p99 = std::max(progress.loop_lag_p99, gauges.lag.percentile(99));
    progress.hosts_backing_off += gauges.hosts_backing_off;
    if (const auto ms = gauges.next_wake_ms.load() - now_ms; ms > 0)
      wait = std::min(wait.value_or(ms), ms);
  }
  if (wait) progress.next_fetch_in = Millis{*wait};
  return progress;
}

std::vector<HostWait> Crawler::host_waits() const {
  std::vector<HostWait> waits;
  const Mono now = parts_.clock.now();
  for (const auto& shard : shards_)
    for (const HostWait& wait : shard->gauges().waits.get())
      if (!wait.until || *wait.until > now) waits.push_back(wait);
  return waits;
}

CrawlMetrics Crawler::metrics() const {
  CrawlMetrics metrics{.commit_seconds = committer_.commit_seconds()};
  for (const auto& shard : shards_) shard->metrics().add_to(metrics);
  return metrics;
}

}  // namespace trawl::crawl
