#include "core/crawl/host_queue.hpp"

#include "virtual_time.hpp"

#include <gtest/gtest.h>

namespace trawl::crawl {

TEST(UrlWindow, GivesUrlsInSequenceOrder) {
  UrlWindow window;
  for (const std::int64_t seq : {5, 1, 9, 7, 3}) {
    window.insert(queued_url(1, seq), Mono::min(), at_ms(0));
  }
  for (const std::int64_t seq : {1, 3, 5, 7, 9}) EXPECT_EQ(window.take(at_ms(0)).id.seq, seq);
  EXPECT_TRUE(window.empty());
}

TEST(UrlWindow, KeepsADelayedUrlUntilItIsDueAndThenInItsPlace) {
  UrlWindow window;
  window.insert(queued_url(1, 2), at_ms(100), at_ms(0));
  EXPECT_EQ(window.next_due(), at_ms(100));
  for (const std::int64_t seq : {1, 3, 4}) {
    window.insert(queued_url(1, seq), Mono::min(), at_ms(0));
  }
  EXPECT_EQ(window.next_due(), Mono::min());
  EXPECT_EQ(window.size(), 4U);
  EXPECT_EQ(window.take(at_ms(99)).id.seq, 1);
  EXPECT_EQ(window.take(at_ms(99)).id.seq, 3);
  EXPECT_EQ(window.take(at_ms(100)).id.seq, 2);
  EXPECT_EQ(window.take(at_ms(100)).id.seq, 4);
}

TEST(UrlWindow, StaysSmallWhileItIsUsedAsAQueue) {
  UrlWindow window;
  std::int64_t in = 0;
  std::int64_t out = 0;
  for (int i = 0; i < 8; ++i) window.insert(queued_url(1, in++), Mono::min(), at_ms(0));
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(window.take(at_ms(0)).id.seq, out++);
    window.insert(queued_url(1, in++), Mono::min(), at_ms(0));
    EXPECT_EQ(window.size(), 8U);
  }
}

TEST(HostQueue, IsSmall) {
  EXPECT_LE(sizeof(HostQueue), 288U);
}

TEST(HostQueue, StaysSpilledForWhatCameAfterTheRequest) {
  HostQueue host;
  host.last_seq = 10;
  host.spilled_seq = 12;
  host.spilled_seq_at_request = 12;
  EXPECT_TRUE(host.spilled());
  host.spilled_seq = 15;  // pushed while the request was out, not in its answer
  host.close_refill({queued_url(1, 12)}, false);
  EXPECT_TRUE(host.spilled());
  host.spilled_seq_at_request = 15;
  host.close_refill({}, false);  // 15 is no longer queued
  EXPECT_FALSE(host.spilled());
}

}  // namespace trawl::crawl
