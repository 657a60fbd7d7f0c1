// Whose malloc the program gets is decided by the order of its libraries, which a linker's options
// change silently. The dynamic loader tells what it bound to what.
#include "tests/e2e/program.hpp"

#include <sstream>

namespace trawl::e2e {
namespace {

TEST(Allocator, EveryLibraryAllocatesFromTheOneThatIsLinkedForIt) {
  if (sanitized) GTEST_SKIP() << "a sanitizer's allocator";
  auto command = trawl({"--version"});
  command.env = {{"LD_DEBUG", "bindings"}, {"LD_BIND_NOW", "1"}};
  const auto run = support::run(command);
  EXPECT_EQ(run.exit_code, 0);

  std::istringstream log(run.err);
  std::size_t bindings = 0;
  for (std::string line; std::getline(log, line);) {
    if (!line.contains("symbol `malloc'")) continue;
    EXPECT_THAT(line, testing::ContainsRegex("binding file .+ to .+/libtcmalloc_minimal\\.so"));
    ++bindings;
  }
  EXPECT_GT(bindings, 10U) << run.err.substr(0, 2000);
}

}  // namespace
}  // namespace trawl::e2e
