#include "core/base/error.hpp"

#include <gtest/gtest.h>

namespace trawl {

TEST(Error, EveryCodeHasANameThatReadsBack) {
  for (int i = 0; i <= static_cast<int>(Errc::internal); ++i) {
    const auto code = static_cast<Errc>(i);
    EXPECT_EQ(errc_from_string(to_string(code)), code) << i;
  }
  EXPECT_EQ(errc_from_string("no such code"), std::nullopt);
}

}  // namespace trawl
