// One deadline at a time: that of the phase or that of the whole fetch, whichever is nearer.
#include "core/http/client/phase_watch.hpp"

#include <algorithm>

namespace trawl::http {

void PhaseWatch::on_resolved() {
  if (!resolved_) resolved_ = clock_.now();
}

void PhaseWatch::on_request() {
  requested_ = clock_.now();
}

void PhaseWatch::on_bytes(std::uint64_t count) {
  if (!window_start_) begin_window();
  window_bytes_ += count;
}

void PhaseWatch::begin_window() {
  window_start_ = clock_.now();
  window_bytes_ = 0;
}

Millis PhaseWatch::elapsed() const {
  return std::chrono::duration_cast<Millis>(clock_.now() - started_) - slowed_;
}

PhaseWatch::Next PhaseWatch::next() const {
  const Next total{started_ + slowed_ + timeouts_.total, Errc::total_timeout};
  Next phase = total;
  if (window_start_) {
    if (timeouts_.min_speed_bytes_per_s > 0)
      phase = {*window_start_ + timeouts_.min_speed_time, Errc::too_slow};
  } else if (requested_) {
    phase = {*requested_ + timeouts_.first_byte, Errc::first_byte_timeout};
  } else if (resolved_) {
    phase = {*resolved_ + timeouts_.connect, Errc::connect_timeout};
  } else {
    phase = {started_ + timeouts_.dns, Errc::dns_timeout};
  }
  return phase.at < total.at ? phase : total;
}

Millis PhaseWatch::shortest_to_come() const {
  Millis time = timeouts_.total;
  if (window_start_) return time;
  if (timeouts_.min_speed_bytes_per_s > 0) time = std::min(time, timeouts_.min_speed_time);
  if (!requested_) time = std::min(time, timeouts_.first_byte);
  if (!requested_ && !resolved_) time = std::min(time, timeouts_.connect);
  return time;
}

Mono PhaseWatch::deadline() const {
  return std::min(next().at, clock_.now() + shortest_to_come());
}

std::optional<Errc> PhaseWatch::expired() {
  const Mono now = clock_.now();
  const Next due = next();
  if (due.at > now) return std::nullopt;
  if (due.error != Errc::too_slow) return due.error;
  const double seconds = std::chrono::duration<double>(now - *window_start_).count();
  const double wanted = static_cast<double>(timeouts_.min_speed_bytes_per_s) * seconds;
  if (static_cast<double>(window_bytes_) < wanted) return Errc::too_slow;
  begin_window();
  return std::nullopt;
}

}  // namespace trawl::http
