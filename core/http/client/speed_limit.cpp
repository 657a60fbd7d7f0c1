// Bytes and not times are what the line is counted in, so that another speed holds for all of it.
#include "core/http/client/speed_limit.hpp"

#include "core/coro/time.hpp"

#include <algorithm>
#include <utility>

namespace trawl::http {
namespace {

constexpr double piece_bytes = 16 * 1024;  // that libcurl hands over at a time
// So each body gets some 256 KiB/s. A server's buffer takes a megabyte, and until a part of that is
// gone nothing moves for its timeouts, which may be few seconds.
constexpr double line_seconds = 1.0 / 16;
constexpr double news_weight = 1.0 / 8;  // of the latest body in what is usual
constexpr Millis look_again{100};        // the line may be shorter by then, or the limit another

}  // namespace

SpeedLimit::SpeedLimit(std::optional<std::uint64_t> bytes_per_s, SpeedLimit* outer)
    : outer_(outer), speed_(bytes_per_s), usual_bytes_(piece_bytes) {}

void SpeedLimit::set(std::optional<std::uint64_t> bytes_per_s) {
  const std::lock_guard lock{mutex_};
  const bool kept_in_order = bytes_per_s && speed_;
  speed_ = bytes_per_s;
  if (kept_in_order) {
    moved_ = std::min(moved_, ahead_max());
  } else {
    moved_ = static_cast<double>(taken_);
    moved_at_.reset();
  }
}

bool SpeedLimit::is_on() {
  if (outer_ != nullptr && outer_->is_on()) return true;
  const std::lock_guard lock{mutex_};
  return speed_.has_value();
}

double SpeedLimit::ahead_max() const {
  return static_cast<double>(taken_) + static_cast<double>(*speed_) / 10;
}

void SpeedLimit::move(Mono now) {
  if (!moved_at_) moved_ = std::max(moved_, ahead_max());  // nobody has been in line yet
  const Mono before = moved_at_.value_or(now);
  moved_at_ = std::max(now, before);
  const double seconds = std::chrono::duration<double>(*moved_at_ - before).count();
  const double to = moved_ + seconds * static_cast<double>(*speed_);
  moved_ = std::max(moved_, std::min(to, ahead_max()));
}

std::optional<std::uint64_t> SpeedLimit::take(std::uint64_t bytes, Mono now) {
  const std::lock_guard lock{mutex_};
  if (!speed_) return std::nullopt;
  move(now);
  return taken_ += bytes;
}

Millis SpeedLimit::until_begin(Mono now) {
  const Millis here = until_begin_here(now);
  if (outer_ == nullptr) return here;
  {
    const std::lock_guard lock{mutex_};
    if (under_way_ == 0) return here;
  }
  return std::max(here, outer_->until_begin_here(now));
}

Millis SpeedLimit::until_begin_here(Mono now) {
  const std::lock_guard lock{mutex_};
  if (!speed_) return Millis{0};
  move(now);
  const auto speed = static_cast<double>(*speed_);
  // One large body alone is no reason for others to wait.
  const double most = std::max(line_seconds * speed, piece_bytes);
  const double over = static_cast<double>(taken_) - moved_ - most;
  if (over <= 0) return Millis{0};
  const auto left = std::chrono::ceil<Millis>(std::chrono::duration<double>(over / speed));
  return std::min(left, look_again);
}

std::uint64_t SpeedLimit::begin(Mono now) {
  const std::lock_guard lock{mutex_};
  ++under_way_;
  if (!speed_) return 0;
  move(now);
  const auto bytes = static_cast<std::uint64_t>(usual_bytes_);
  taken_ += bytes;
  return bytes;
}

void SpeedLimit::end(std::optional<std::uint64_t> came, std::uint64_t unused) {
  const std::lock_guard lock{mutex_};
  --under_way_;
  if (came)
    usual_bytes_ +=
        news_weight * (std::min(static_cast<double>(*came), piece_bytes) - usual_bytes_);
  if (speed_)
    moved_ = std::max(moved_, std::min(moved_ + static_cast<double>(unused), ahead_max()));
}

Millis SpeedLimit::wait_for(std::uint64_t place, Mono now) {
  const std::lock_guard lock{mutex_};
  if (!speed_) return Millis{0};
  move(now);
  const double left = static_cast<double>(place) - moved_;
  if (left <= 0) return Millis{0};
  constexpr double seconds_max = 1e6;
  const double seconds = std::min(left / static_cast<double>(*speed_), seconds_max);
  return std::chrono::ceil<Millis>(std::chrono::duration<double>(seconds));
}

Pace::Pace(SpeedLimit* limit)
    : legs_{Leg{.limit = limit}, Leg{.limit = limit != nullptr ? limit->outer() : nullptr}} {}

Pace::Pace(Pace&& other) noexcept
    : legs_(std::exchange(other.legs_, {})),
      begun_(std::exchange(other.begun_, false)),
      asked_(other.asked_),
      came_(std::exchange(other.came_, 0)) {}

Pace& Pace::operator=(Pace&& other) noexcept {
  if (this == &other) return *this;
  end();
  legs_ = std::exchange(other.legs_, {});
  begun_ = std::exchange(other.begun_, false);
  asked_ = other.asked_;
  came_ = std::exchange(other.came_, 0);
  return *this;
}

void Pace::begin() {
  begun_ = true;
  for (Leg& leg : legs_)
    if (leg.limit != nullptr) leg.paid = leg.limit->begin(system_clock().now());
}

void Pace::end() {
  if (!std::exchange(begun_, false)) return;
  for (Leg& leg : legs_)
    if (leg.limit != nullptr)
      leg.limit->end(asked_ ? std::optional{came_} : std::nullopt, std::exchange(leg.paid, 0));
}

void Pace::take(std::uint64_t bytes) {
  came_ += bytes;
  for (Leg& leg : legs_) {
    if (leg.limit == nullptr) continue;
    const std::uint64_t of_paid = std::min(leg.paid, bytes);
    leg.paid -= of_paid;
    if (bytes > of_paid) leg.place = leg.limit->take(bytes - of_paid, system_clock().now());
  }
}

// Until both lines have come to its places.
Millis Pace::left() {
  Millis longest{0};
  for (Leg& leg : legs_) {
    if (!leg.place) continue;
    const Millis here = leg.limit->wait_for(*leg.place, system_clock().now());
    if (here == Millis{0}) leg.place.reset();
    longest = std::max(longest, here);
  }
  return longest;
}

bool Pace::is_ahead() {
  return left() > Millis{0};
}

coro::Task<Millis> Pace::wait() {
  const Mono begun = system_clock().now();
  for (Millis here = left(); here > Millis{0}; here = left()) {
    auto sleeping = coro::sleep_for(std::min(here, look_again));
    co_await std::move(sleeping);
  }
  co_return std::chrono::duration_cast<Millis>(system_clock().now() - begun);
}

}  // namespace trawl::http
