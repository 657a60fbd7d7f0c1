#pragma once
// UrlWindow: the URLs of one lane of a host that are in memory.

#include "core/base/clock.hpp"
#include "core/crawl/state/store.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace trawl::crawl {

// Those that may go out now, in sequence order, and those that wait for their time. Amortised O(1)
// at both ends, O(n) for a retry in between (n <= window).
class UrlWindow {
 public:
  bool empty() const { return size() == 0; }
  std::size_t size() const { return due_.size() - head_ + delayed_.size(); }

  // due: not before; Mono::min() for at once.
  void insert(QueuedUrl url, Mono due, Mono now);
  // The lowest sequence number among the URLs that are due. Precondition: next_due() <= now.
  QueuedUrl take(Mono now);
  // What take() gives now, or else the first that will be due. Precondition: not empty.
  const QueuedUrl& next(Mono now);
  // When the next URL is due: Mono::min() for at once. Precondition: not empty.
  Mono next_due() const;

 private:
  struct Delayed {
    Mono due;
    QueuedUrl url;
  };
  static bool later(const Delayed& a, const Delayed& b);
  void insert_due(QueuedUrl url);
  void move_due(Mono now);

  std::vector<QueuedUrl> due_;    // sorted by seq from head_ on
  std::vector<Delayed> delayed_;  // heap, earliest due first
  std::uint32_t head_ = 0;        // the last member: what follows it in memory is a Lane's
};

}  // namespace trawl::crawl
