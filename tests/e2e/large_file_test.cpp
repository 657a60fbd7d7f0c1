// A large file from nginx: streamed in flat memory, and continued after kill -9. The whole of it,
// by hand, with room for two such files in the temporary folder:
//   TRAWL_LARGE_MIB=10240 build/release/e2e_stream_tests --gtest_filter='LargeFile*'
#include "storage/open.hpp"
#include "tests/e2e/program.hpp"
#include "tests/support/nginx.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <thread>

namespace trawl::e2e {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t small_mib = 16;

std::uint64_t large_mib() {
  const char* text = std::getenv("TRAWL_LARGE_MIB");
  return text == nullptr ? small_mib : std::strtoull(text, nullptr, 10);
}

Arguments fetch_to(const fs::path& folder, const std::string& url) {
  return Arguments{"fetch",    url,
                   "--bodies", "files",
                   "--set",    "fetch.max_body=off",
                   "--set",    "fetch.timeout_total=30m"} +
         loopback(folder);
}

// How much of the body a killed run would leave.
std::uint64_t saved_bytes(const fs::path& folder) {
  if (!fs::exists(folder / "crawl.db")) return 0;
  try {
    auto db = storage::open_results(folder);
    return static_cast<std::uint64_t>(db.integer("SELECT coalesce(max(bytes), 0) FROM part"));
  } catch (const Failure&) {
    return 0;  // not ready yet
  }
}

// The quick file is as long as it is; the slow one takes 4 seconds.
class LargeFile : public testing::Test {
 protected:
  LargeFile() {
    if (!support::Nginx::is_installed()) throw std::runtime_error("needs nginx");
    const auto file = root_.write("www/file.bin", "");
    fs::resize_file(file, bytes_);
    fs::create_hard_link(file, root_ / "www/slow.bin");
    site_ = std::make_unique<support::Nginx>(
        (root_ / "www").string(),
        fmt::format("sendfile on; location /slow.bin {{ limit_rate {}; }}", bytes_ / 4));
  }

  std::string digest() const {
    const auto sum = support::run({.args = {"sha256sum", (root_ / "www/file.bin").string()},
                                   .timeout = std::chrono::minutes{5}});
    return "sha256:" + sum.out.substr(0, 64);
  }
  // Fails unless the folder has the file, whole, and nothing else.
  void expect_whole(const fs::path& folder, const std::string& url) const {
    const auto records = read_records(folder);
    ASSERT_EQ(state_of(records, url), "fetched") << error_of(records, url);
    const auto& outcome = records.at(url).outcome;
    EXPECT_EQ(outcome.digest, digest());
    EXPECT_EQ(outcome.status, 200);
    ASSERT_TRUE(outcome.archive);
    EXPECT_EQ(fs::file_size(folder / outcome.archive->file), bytes_);
    EXPECT_TRUE(fs::is_empty(folder / "tmp"));
  }

  const std::uint64_t bytes_ = large_mib() << 20;
  TempDir root_;
  std::unique_ptr<support::Nginx> site_;
};

TEST_F(LargeFile, IsStreamedToDiskInFlatMemory) {
  const auto curl = support::run(
      {.args = {"curl", "-s", "-o", (root_ / "curl.bin").string(), site_->url("/file.bin")},
       .timeout = std::chrono::minutes{20}});
  ASSERT_EQ(curl.exit_code, 0);
  fs::remove(root_ / "curl.bin");
  const auto run =
      run_trawl(fetch_to(root_ / "out", site_->url("/file.bin")), std::chrono::minutes{20});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const auto records = read_records(root_ / "out");
  const auto transfer_ms = *records.at(site_->url("/file.bin")).outcome.total_ms;
  std::printf("%llu MiB: curl %lld ms, trawl %lld ms (its transfer %lld ms), %.1f MiB resident\n",
              static_cast<unsigned long long>(bytes_ >> 20),
              static_cast<long long>(curl.took.count()), static_cast<long long>(run.took.count()),
              static_cast<long long>(transfer_ms),
              static_cast<double>(run.resident_bytes_max) / (1 << 20));
  expect_whole(root_ / "out", site_->url("/file.bin"));
  if (sanitized) return;
  EXPECT_LT(run.resident_bytes_max, 100ULL << 20);
  if (large_mib() == small_mib) return;  // its time is the program's start
  EXPECT_LT(run.took.count() * 8, curl.took.count() * 10) << "less than 0.8 of curl's speed";
}

TEST_F(LargeFile, IsContinuedAfterKillWhereItWasDurable) {
  const bool large = large_mib() != small_mib;
  const auto url = site_->url(large ? "/file.bin" : "/slow.bin");
  const auto folder = root_ / "out";
  const std::uint64_t enough = large ? bytes_ / 2 : 1 << 20;
  std::uint64_t saved = 0;
  {
    Subprocess first{trawl(fetch_to(folder, url), std::chrono::minutes{20})};
    while (saved < enough && first.is_running()) {
      std::this_thread::sleep_for(Millis{10});
      saved = saved_bytes(folder);
    }
    first.send_signal(SIGKILL);
    ASSERT_EQ(first.wait().signal, SIGKILL) << "it was done before it could be killed";
  }
  saved = saved_bytes(folder);
  const auto run = run_trawl(fetch_to(folder, url), std::chrono::minutes{20});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  expect_whole(folder, url);

  std::vector<support::Access> accesses = site_->accesses();
  std::erase_if(accesses, [](const auto& access) { return access.target == "/robots.txt"; });
  ASSERT_EQ(accesses.size(), 2u);
  EXPECT_EQ(accesses[1].status, 206);
  EXPECT_EQ(accesses[1].body_bytes, bytes_ - saved);
  std::printf("%llu MiB, killed at %llu MiB saved, %llu MiB fetched by the second run in %lld ms\n",
              static_cast<unsigned long long>(bytes_ >> 20),
              static_cast<unsigned long long>(saved >> 20),
              static_cast<unsigned long long>(accesses[1].body_bytes >> 20),
              static_cast<long long>(run.took.count()));
}

}  // namespace
}  // namespace trawl::e2e
