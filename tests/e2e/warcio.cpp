// The script is copied to where node finds the package.
#include "tests/e2e/warcio.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

namespace trawl::e2e {

namespace fs = std::filesystem;

namespace {
const fs::path node_folder = TRAWL_SOURCE_DIR "/build/node";
}

bool has_warcio() {
  return fs::exists(node_folder / "node_modules/warcio");
}

Finished node(Arguments arguments) {
  return support::run({.args = Arguments{"node"} + arguments, .cwd = node_folder.string()});
}

std::vector<std::string> warc_files(const fs::path& folder) {
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator{folder / "warc"})
    files.push_back(entry.path().string());
  std::ranges::sort(files);
  return files;
}

std::string check_with_warcio(Arguments files) {
  const auto script = node_folder / fmt::format("check_warc-{}.mjs", ::getpid());
  fs::copy_file(TRAWL_SOURCE_DIR "/tests/e2e/check_warc.mjs", script,
                fs::copy_options::overwrite_existing);
  const auto run = node(Arguments{script.string()} + files);
  fs::remove(script);
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.err, "");
  return run.out;
}

}  // namespace trawl::e2e
