// Limits count what was fetched, not what was tried; places are reserved so that many shards
// together never pass the limit.
#include "core/crawl/engine/control.hpp"

#include "core/base/log.hpp"
#include "core/base/units.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace trawl::crawl {

void CrawlControl::notify() const {
  for (const auto& listener : listeners_) listener();
}

void CrawlControl::request_stop(StopReason reason, std::string detail) {
  if (stop_claimed_.exchange(true)) return;
  detail_ = std::move(detail);
  reason_.store(reason);
  notify();
}

void CrawlControl::pause(PauseReason reason, bool paused) {
  const unsigned before = paused ? pauses_.fetch_or(bit(reason)) : pauses_.fetch_and(~bit(reason));
  const unsigned after = paused ? before | bit(reason) : before & ~bit(reason);
  if ((before != 0) != (after != 0)) notify();
}

void CrawlControl::lack_room(std::uint64_t bytes, const Error& why) {
  std::uint64_t wanted = room_wanted_bytes_.load();
  while (wanted < bytes && !room_wanted_bytes_.compare_exchange_weak(wanted, bytes)) {
  }
  say_disk_full(why);
  pause(PauseReason::no_room, true);
}

void CrawlControl::say_disk_full(const Error& why) {
  if (said_disk_full_.exchange(true)) return;
  log("crawl")->warn("paused: {}; goes on by itself when there is room", why.message());
}

void CrawlControl::say_room_again() {
  if (said_disk_full_.exchange(false)) log("crawl")->info("there is room again; going on");
}

void CrawlControl::leave_out(std::uint64_t pages, std::uint64_t bytes_wire) {
  left_out_pages_ = pages;
  left_out_bytes_ = bytes_wire;
}

void CrawlControl::start_from(std::uint64_t pages, std::uint64_t bytes_wire) {
  earlier_pages_ = pages - std::min(pages, left_out_pages_);
  earlier_bytes_ = bytes_wire - std::min(bytes_wire, left_out_bytes_);
  pages_reserved_ = earlier_pages_.load();
}

void CrawlControl::set_limits(const LimitSpec& limits) {
  const std::lock_guard lock{mutex_};
  limits_ = limits;
  pages_max_ = limits.pages.value_or(off);
  bytes_max_ = limits.bytes.value_or(off);
}

void CrawlControl::change_limits(const LimitSpec& limits) {
  set_limits(limits);
  stop_at_pages(limits.pages.value_or(off));
  stop_at_bytes(limits.bytes.value_or(off));
  notify();  // there may be places again
}

LimitSpec CrawlControl::limits() const {
  const std::lock_guard lock{mutex_};
  return limits_;
}

bool CrawlControl::begin_page() {
  // Used up by earlier runs.
  stop_at_bytes(bytes_max_);
  if (stopping()) return false;
  const std::uint64_t pages_max = pages_max_;
  std::uint64_t reserved = pages_reserved_.load();
  while (reserved < pages_max)
    if (pages_reserved_.compare_exchange_weak(reserved, reserved + 1)) return true;
  stop_at_pages(pages_max);
  return false;
}

void CrawlControl::end_page(bool fetched, std::uint64_t bytes_wire) {
  bytes_ += bytes_wire;
  const std::uint64_t pages_max = pages_max_;
  if (fetched) ++pages_;
  if (!fetched) {
    --pages_reserved_;
    if (pages_max != off) notify();  // a place is free again
  }
  stop_at_pages(pages_max);
  stop_at_bytes(bytes_max_);
}

void CrawlControl::count_bytes(std::uint64_t bytes) {
  bytes_ += bytes;
  stop_at_bytes(bytes_max_);
}

void CrawlControl::stop_at_pages(std::uint64_t pages_max) {
  if (pages_max == off || earlier_pages_ + pages_ < pages_max) return;
  request_stop(StopReason::limit, fmt::format("limits.pages = {}", pages_max));
}

void CrawlControl::stop_at_bytes(std::uint64_t bytes_max) {
  if (bytes_max == off || earlier_bytes_ + bytes_ < bytes_max) return;
  request_stop(StopReason::limit, fmt::format("limits.bytes = {}", format_bytes(bytes_max)));
}

CrawlControl::Figures CrawlControl::figures() const {
  Figures figures{
      .pages = pages_, .bytes_wire = bytes_, .retries = retries_, .arriving = arriving_.sum()};
  for (std::size_t i = 0; i < errors_.size(); ++i)
    if (const auto count = errors_[i].load(); count > 0)
      figures.errors.emplace_back(static_cast<Errc>(i), count);
  std::ranges::sort(figures.errors, std::greater{}, [](const auto& e) { return e.second; });
  return figures;
}

}  // namespace trawl::crawl
