// Limits count what was fetched, not what was tried; places are reserved so that many shards
// together never pass the limit.
#include "core/crawl/control.hpp"

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

void CrawlControl::start_from(std::uint64_t pages, std::uint64_t bytes_wire) {
  earlier_pages_ = pages;
  earlier_bytes_ = bytes_wire;
  pages_reserved_ = pages;
}

bool CrawlControl::begin_page() {
  // Used up by earlier runs.
  if (limits_.bytes && earlier_bytes_ + bytes_ >= *limits_.bytes) {
    stop_for_bytes();
    return false;
  }
  if (!limits_.pages) return true;
  std::uint64_t reserved = pages_reserved_.load();
  while (reserved < *limits_.pages)
    if (pages_reserved_.compare_exchange_weak(reserved, reserved + 1)) return true;
  if (earlier_pages_ + pages_.load() >= *limits_.pages)
    request_stop(StopReason::limit, fmt::format("limits.pages = {}", *limits_.pages));
  return false;
}

void CrawlControl::end_page(bool fetched, std::uint64_t bytes_wire) {
  const std::uint64_t bytes = bytes_ += bytes_wire;
  if (fetched) ++pages_;
  if (limits_.pages) {
    if (!fetched) {
      --pages_reserved_;
      notify();  // a place is free again
    }
    if (earlier_pages_ + pages_ >= *limits_.pages)
      request_stop(StopReason::limit, fmt::format("limits.pages = {}", *limits_.pages));
  }
  if (limits_.bytes && earlier_bytes_ + bytes >= *limits_.bytes) stop_for_bytes();
}

void CrawlControl::stop_for_bytes() {
  request_stop(StopReason::limit, fmt::format("limits.bytes = {}", format_bytes(*limits_.bytes)));
}

CrawlControl::Figures CrawlControl::figures() const {
  Figures figures{.pages = pages_, .bytes_wire = bytes_, .retries = retries_};
  for (std::size_t i = 0; i < errors_.size(); ++i)
    if (const auto count = errors_[i].load(); count > 0)
      figures.errors.emplace_back(static_cast<Errc>(i), count);
  std::ranges::sort(figures.errors, std::greater{}, [](const auto& e) { return e.second; });
  return figures;
}

}  // namespace trawl::crawl
