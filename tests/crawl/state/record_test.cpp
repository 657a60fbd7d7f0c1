#include "core/crawl/state/record.hpp"

#include <gtest/gtest.h>

namespace trawl::crawl {

TEST(Record, EveryStateHasANameThatReadsBack) {
  for (const UrlState state :
       {UrlState::queued, UrlState::fetched, UrlState::failed, UrlState::excluded}) {
    EXPECT_EQ(url_state_from_string(to_string(state)), state);
  }
  EXPECT_EQ(to_string(UrlState::excluded), "excluded");
  EXPECT_EQ(url_state_from_string("Fetched"), std::nullopt);
}

}  // namespace trawl::crawl
