// The due part is a vector with a head index instead of a deque: an empty one allocates nothing
// (libstdc++'s deque takes 576 bytes), and new URLs nearly always go to its end.
#include "core/crawl/hosts/url_window.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

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

void UrlWindow::move_due(Mono now) {
  while (!delayed_.empty() && delayed_.front().due <= now) {
    std::pop_heap(delayed_.begin(), delayed_.end(), later);
    insert_due(std::move(delayed_.back().url));
    delayed_.pop_back();
  }
  if (delayed_.empty() && delayed_.capacity() > 0) delayed_ = {};
}

const QueuedUrl& UrlWindow::next(Mono now) {
  move_due(now);
  return head_ < due_.size() ? due_[head_] : delayed_.front().url;
}

QueuedUrl UrlWindow::take(Mono now) {
  move_due(now);
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

}  // namespace trawl::crawl
