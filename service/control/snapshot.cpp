// One asks and the others wait for what it learns. An answer that was under way while something
// changed is still right for those who had asked before, and is not kept.
#include "service/control/snapshot.hpp"

#include "service/control/job_json.hpp"

#include <algorithm>
#include <utility>

namespace trawl::service::control {

const JobView* Overview::find(std::string_view name) const {
  const auto place = std::ranges::find(jobs, name, &JobView::name);
  return place == jobs.end() ? nullptr : &*place;
}

bool Snapshot::is_fresh() const {
  return last_ && clock_.now() - taken_ < bounds::snapshot_age_max;
}

coro::Task<Answer<std::shared_ptr<const Overview>>> Snapshot::get() {
  if (is_fresh()) co_return last_;
  auto waiting = asking_.acquire();
  const coro::Permit permit = co_await std::move(waiting);
  if (is_fresh()) co_return last_;
  const std::uint64_t changes = changes_;
  const Mono now = clock_.now();
  auto listing = jobs_.list();
  auto overview = std::make_shared<Overview>();
  auto jobs = co_await std::move(listing);
  if (!jobs) co_return std::unexpected(std::move(jobs.error()));
  overview->jobs = std::move(*jobs);
  overview->json = jobs_json(overview->jobs);
  if (changes == changes_) {
    last_ = overview;
    taken_ = now;
  }
  co_return overview;
}

void Snapshot::forget() {
  last_.reset();
  ++changes_;
}

}  // namespace trawl::service::control
