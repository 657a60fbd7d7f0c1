// systemd reads the unit as it is meant, and finds it as closed as it is meant to be.
#include "tests/support/subprocess.hpp"
#include "tests/support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

namespace trawl {
namespace {

std::string unit_text() {
  std::ifstream file{TRAWL_SOURCE_DIR "/packaging/trawl.service"};
  return {std::istreambuf_iterator<char>{file}, {}};
}

TEST(UnitFile, SystemdFindsNothingToComplainOf) {
  // The program is where it was built, not where the package puts it.
  std::string text = unit_text();
  const std::string installed = "/usr/bin/trawl";
  text.replace(text.find(installed), installed.size(), TRAWL_BINARY_DIR "/trawl");
  const support::TempDir folder;
  const auto unit = folder.write("trawl.service", text);
  const auto verified = support::run({.args = {"systemd-analyze", "verify", "--man=no", unit}});
  EXPECT_EQ(verified.exit_code, 0);
  EXPECT_EQ(verified.err, "");
}

// Of 10, where 10 is wide open; the threshold is in tenths of a point.
TEST(UnitFile, ExposureIsAtMost1Point5) {
  const auto rated =
      support::run({.args = {"systemd-analyze", "security", "--offline=true", "--threshold=15",
                             "--no-pager", TRAWL_SOURCE_DIR "/packaging/trawl.service"}});
  EXPECT_EQ(rated.exit_code, 0) << rated.out;
}

}  // namespace
}  // namespace trawl
