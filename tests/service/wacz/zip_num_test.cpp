#include "service/wacz/zip_num.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace trawl::service {
namespace {

struct Written {
  std::vector<std::string> members;
  std::string index;
};

Written write(const std::vector<std::string>& lines) {
  Written written;
  ZipNum index{"index.cdx.gz",
               [&written](std::string_view member) { written.members.emplace_back(member); }};
  for (const std::string& line : lines) index.add(line);
  written.index = index.finish();
  return written;
}

TEST(ZipNum, AMemberHasAThousandAndTwentyFourLines) {
  const auto written = write(std::vector<std::string>(2049, "key 2026 {}\n"));
  EXPECT_EQ(written.members.size(), 3U);
  EXPECT_EQ(std::ranges::count(written.index, '\n'), 4);
}

// They are in memory at once, and what a server says of itself is in them.
TEST(ZipNum, AMemberOfLongLinesEndsSooner) {
  const std::string line = "key 2026 {" + std::string(600'000, 'x') + "}\n";
  const auto written = write({line, line, line, "short 2026 {}\n"});
  ASSERT_EQ(written.members.size(), 2U);
  EXPECT_EQ(std::ranges::count(written.index, '\n'), 3);
  EXPECT_TRUE(written.index.contains("\nkey 2026 {\"offset\":0,"));
}

}  // namespace
}  // namespace trawl::service
