// The due part of a window is a vector with a head index instead of a deque: an empty one allocates
// nothing (libstdc++'s deque takes 576 bytes), and new URLs nearly always go to its end.
#include "core/crawl/host_queue.hpp"

#include <algorithm>
#include <cassert>

namespace trawl::crawl {

bool UrlWindow::later(const Delayed& a, const Delayed& b) {
  return std::pair(a.due, a.url.id.seq) > std::pair(b.due, b.url.id.seq);
}

void UrlWindow::insert_due(QueuedUrl url) {
  if (due_.empty() || due_.back().id.seq < url.id.seq) {
    if (head_ > 0 && due_.size() == due_.capacity()) {
      due_.erase(due_.begin(), due_.begin() + static_cast<std::ptrdiff_t>(head_));
      head_ = 0;
    }
    due_.push_back(std::move(url));
    return;
  }
  const auto first = due_.begin() + static_cast<std::ptrdiff_t>(head_);
  const auto place = std::lower_bound(
      first, due_.end(), url.id.seq,
      [](const QueuedUrl& queued, std::int64_t seq) { return queued.id.seq < seq; });
  if (place == first && head_ > 0) {
    due_[--head_] = std::move(url);
  } else {
    due_.insert(place, std::move(url));
  }
}

void UrlWindow::insert(QueuedUrl url, Mono due, Mono now) {
  if (due <= now) {
    insert_due(std::move(url));
    return;
  }
  delayed_.push_back({due, std::move(url)});
  std::push_heap(delayed_.begin(), delayed_.end(), later);
}

QueuedUrl UrlWindow::take(Mono now) {
  while (!delayed_.empty() && delayed_.front().due <= now) {
    std::pop_heap(delayed_.begin(), delayed_.end(), later);
    insert_due(std::move(delayed_.back().url));
    delayed_.pop_back();
  }
  if (delayed_.empty() && delayed_.capacity() > 0) delayed_ = {};
  assert(head_ < due_.size());
  QueuedUrl url = std::move(due_[head_++]);
  if (head_ == due_.size()) {
    due_ = {};  // gives the memory back: most hosts have few URLs at most times
    head_ = 0;
  }
  return url;
}

Mono UrlWindow::next_due() const {
  if (head_ < due_.size()) return Mono::min();
  return delayed_.front().due;
}

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

Mono HostQueue::start_allowed() const {
  if (draining) return Mono::min();
  const Mono allowed = std::max({next_allowed, blocked_until, shared_until});
  if (in_flight == 0 || last_start == Mono::min()) return allowed;
  return std::max(allowed, last_start + start_gap);
}

void HostQueue::close_refill(const std::vector<QueuedUrl>& urls, bool more) {
  refill_urls = 0;
  if (!urls.empty()) {
    refilled.add(last_seq, urls.back().id.seq);
    last_seq = std::max(last_seq, urls.back().id.seq);
  }
  more_in_store = more;
  // Without this a URL that was excluded in the meantime would be asked for again for ever.
  if (!more && spilled_seq <= spilled_seq_at_request) spilled_seq = no_seq;
}

}  // namespace trawl::crawl
