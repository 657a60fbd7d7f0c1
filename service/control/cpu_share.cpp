// What a request costs is known when it is done, so debts are made and then waited for; the wait is
// bounded, since a costly question of one client shouldn't silence the API for the others.
#include "service/control/cpu_share.hpp"

#include "service/control/bounds.hpp"

#include <algorithm>

namespace trawl::service::control {
namespace {

using std::chrono::nanoseconds;

nanoseconds percent(nanoseconds time, long of_hundred) {
  return time / 100 * of_hundred;
}

}  // namespace

void CpuShare::look_at_crawl(Mono now, CpuTime api_cpu) {
  if (now - looked_ < bounds::crawl_looked_at_every) return;
  const CpuTime crawl_cpu = process_cpu_() - api_cpu;
  const nanoseconds much = percent((now - looked_) * processors_, bounds::crawl_busy_percent);
  if (begun_ && crawl_cpu - crawl_cpu_ >= much) busy_until_ = now + bounds::crawl_busy_for;
  looked_ = now;
  crawl_cpu_ = crawl_cpu;
}

nanoseconds CpuShare::wait(Mono now, CpuTime api_cpu) {
  if (!process_cpu_) return nanoseconds{0};
  look_at_crawl(now, api_cpu);
  const nanoseconds share = percent((now - now_) * processors_, bounds::api_cpu_percent);
  balance_ =
      begun_ && now < busy_until_ ? balance_ + share - (api_cpu - api_cpu_) : bounds::api_cpu_burst;
  begun_ = true;
  now_ = now;
  api_cpu_ = api_cpu;
  const nanoseconds debt_max =
      percent(bounds::turn_wait_max * processors_, bounds::api_cpu_percent);
  balance_ = std::clamp<nanoseconds>(balance_, -debt_max, bounds::api_cpu_burst);
  if (balance_ >= nanoseconds{0}) return nanoseconds{0};
  return -balance_ * 100 / (bounds::api_cpu_percent * processors_);
}

}  // namespace trawl::service::control
