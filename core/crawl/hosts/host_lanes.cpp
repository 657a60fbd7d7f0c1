// Nearly all hosts have lane 0 alone, which costs one look at a null pointer. Lanes that a start
// may find in the store are bits until it is their turn to be read.
#include "core/crawl/hosts/host_lanes.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace trawl::crawl {

void RefilledRanges::add(std::int64_t after_seq, std::int64_t last_seq) {
  if (after_seq > to_) {
    if (!gaps_) gaps_ = std::make_unique<std::vector<Gap>>();
    if (gaps_->size() == gaps_max) gaps_->erase(gaps_->begin());
    gaps_->push_back({to_, after_seq});
  }
  to_ = std::max(to_, last_seq);
}

bool RefilledRanges::contains(std::int64_t seq) const {
  if (seq > to_) return false;
  return !gaps_ || std::ranges::none_of(*gaps_, [seq](const Gap& gap) {
    return seq > gap.after && seq <= gap.last;
  });
}

void Lane::close_refill(const std::vector<QueuedUrl>& urls, bool more) {
  if (!urls.empty()) {
    refilled.add(last_seq, urls.back().id.seq);
    last_seq = std::max(last_seq, urls.back().id.seq);
  }
  more_in_store = more;
  // Without this a URL that was excluded in the meantime would be asked for again for ever.
  if (!more && spilled_seq <= spilled_seq_at_request) spilled_seq = no_seq;
}

Lane& HostLanes::at(int number) {
  if (number == 0) return normal_;
  if (!others_) others_ = std::make_unique<OtherLanes>();
  auto& lanes = others_->lanes;
  const auto place = std::ranges::find_if(
      lanes, [number](const Lane& lane) { return lane.priority() <= priority_of_lane(number); });
  if (place != lanes.end() && place->number == number) return *place;
  Lane lane{number};
  const LaneSet bit = LaneSet{1} << number;
  lane.more_in_store = (others_->unread & bit) != 0;
  others_->unread &= ~bit;
  return *lanes.insert(place, std::move(lane));
}

void HostLanes::expect(LaneSet lanes) {
  normal_.more_in_store = true;
  lanes &= ~LaneSet{1};
  if (lanes == 0) return;
  if (!others_) others_ = std::make_unique<OtherLanes>();
  others_->unread |= lanes;
}

std::size_t HostLanes::urls() const {
  std::size_t count = normal_.window.size();
  if (others_)
    for (const Lane& lane : others_->lanes) count += lane.window.size();
  return count;
}

bool HostLanes::empty() const {
  return normal_.window.empty() && (!others_ || urls() == 0);
}

bool HostLanes::spilled() const {
  if (normal_.spilled()) return true;
  return others_ && (others_->unread != 0 || std::ranges::any_of(others_->lanes, &Lane::spilled));
}

Mono HostLanes::next_due() const {
  Mono due = normal_.window.empty() ? Mono::max() : normal_.window.next_due();
  if (others_)
    for (const Lane& lane : others_->lanes)
      if (!lane.window.empty()) due = std::min(due, lane.window.next_due());
  return due;
}

const QueuedUrl& HostLanes::next(Mono now) {
  const Mono at = std::max(now, next_due());
  const Lane* lane =
      first([at](const Lane& one) { return !one.window.empty() && one.window.next_due() <= at; });
  assert(lane != nullptr);
  return this->at(lane->number).window.next(now);
}

QueuedUrl HostLanes::take(Mono now) {
  const auto has_due = [now](const Lane& lane) {
    return !lane.window.empty() && lane.window.next_due() <= now;
  };
  const Lane* lane = first(has_due);
  assert(lane != nullptr);
  return at(lane->number).window.take(now);
}

std::optional<int> HostLanes::hungry(std::size_t window_urls) const {
  const auto wants = [window_urls](const Lane& lane) {
    return lane.spilled() && 2 * lane.window.size() <= window_urls;
  };
  if (!others_) return wants(normal_) ? std::optional{0} : std::nullopt;
  const Lane* lane = first(wants);
  for (int place = 0; place < lanes_max && others_->unread != 0; ++place) {
    const int number = lane_at(place);
    if (lane != nullptr && lane->priority() >= priority_of_lane(number)) break;
    if ((others_->unread >> number & 1) != 0) return number;
  }
  return lane != nullptr ? std::optional{lane->number} : std::nullopt;
}

QuietLanes HostLanes::quiet() {
  return {.last_seq = normal_.last_seq,
          .refilled = std::move(normal_.refilled),
          .others = std::move(others_),
          .more_in_store = normal_.spilled()};
}

void HostLanes::resume(QuietLanes quiet) {
  normal_.last_seq = quiet.last_seq;
  normal_.refilled = std::move(quiet.refilled);
  normal_.more_in_store = quiet.more_in_store;
  others_ = std::move(quiet.others);
}

}  // namespace trawl::crawl
