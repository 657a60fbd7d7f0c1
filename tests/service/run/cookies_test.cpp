#include "service/cli/cookies.hpp"

#include "core/base/result.hpp"
#include "service/run/cookies.hpp"
#include "storage/files/file_handle.hpp"
#include "tests/service/cli/small_crawl.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>

namespace trawl::service {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr Wall now{std::chrono::seconds{1'700'000'000}};

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

std::vector<std::string> pairs_of(const std::vector<web::Cookie>& cookies) {
  std::vector<std::string> pairs;
  for (const auto& cookie : cookies) pairs.push_back(cookie.name + "=" + cookie.value);
  return pairs;
}

class CookiesAtStart : public testing::Test {
 protected:
  void write(std::string_view lines) { std::ofstream{job_.fetch.cookies_file} << lines; }
  std::vector<std::string> start() { return pairs_of(cookies_at_start(job_, store_, now)); }

  test::ScratchFolder folder_;
  storage::SqliteStore store_{folder_.path() / "crawl.db"};
  crawl::JobSpec job_{.fetch = {.cookies_file = folder_.path() / "cookies.txt"}};
};

TEST_F(CookiesAtStart, ComeFromTheFileInEachSession) {
  job_.fetch.cookies = crawl::CookieMode::session;
  write("h.example\tFALSE\t/\tFALSE\t0\ta\t1\n");
  EXPECT_THAT(start(), ElementsAre("a=1"));
  EXPECT_THAT(store_.cookies(), IsEmpty());
  job_.fetch.cookies = crawl::CookieMode::off;
  EXPECT_THAT(start(), IsEmpty());
}

TEST_F(CookiesAtStart, ComeFromAFileOnceAndAgainWhenItHasChanged) {
  job_.fetch.cookies = crawl::CookieMode::persist;
  write("h.example\tFALSE\t/\tFALSE\t0\ta\t1\nh.example\tFALSE\t/\tFALSE\t1\told\t1\n");
  EXPECT_THAT(start(), ElementsAre("a=1"));
  // The server renews it; the file that was read before must not take that back.
  auto renewed = store_.cookies().front();
  renewed.value = "2";
  store_.apply({.cookies = {{renewed}}});
  EXPECT_THAT(start(), ElementsAre("a=2"));
  write("h.example\tFALSE\t/\tFALSE\t0\ta\t3\nh.example\tFALSE\t/\tFALSE\t0\tb\t4\n");
  EXPECT_THAT(start(), ElementsAre("a=3", "b=4"));
}

TEST_F(CookiesAtStart, LeaveWhatHasExpiredInTheStoreBehind) {
  job_.fetch.cookies = crawl::CookieMode::persist;
  job_.fetch.cookies_file.clear();
  store_.apply(
      {.cookies = {{{.name = "a", .value = "1", .domain = "h", .path = "/", .expires = now}},
                   {{.name = "b", .value = "2", .domain = "h", .path = "/"}}}});
  EXPECT_THAT(start(), ElementsAre("b=2"));
  EXPECT_EQ(store_.cookies().size(), 1U);
}

TEST_F(CookiesAtStart, SayWhichFileIsNoneOfCookies) {
  job_.fetch.cookies = crawl::CookieMode::session;
  const auto message = [&] {
    try {
      start();
    } catch (const Failure& failure) {
      return std::string{failure.what()};
    }
    return std::string{"none"};
  };
  EXPECT_THAT(message(), HasSubstr("can't open " + job_.fetch.cookies_file));
  write("[{\"name\": \"a\"}]\n");
  EXPECT_THAT(message(), HasSubstr("expected Netscape's format"));
  write("nothing\nh.example\tFALSE\t/\tFALSE\t0\ta\t1\n");
  EXPECT_THAT(start(), ElementsAre("a=1"));
}

TEST(CookiesCommand, ShowsNamesAndExportsValues) {
  test::SmallCrawl crawl;
  crawl.apply({.cookies = {{{.name = "sid",
                             .value = "secret",
                             .domain = "h.example",
                             .path = "/",
                             .expires = now,
                             .secure = true}},
                           {{.name = "x\x1b[31m", .value = "a\tb", .domain = "h", .path = "/"}}}});
  cli::TextOutput out;
  EXPECT_EQ(cli::run_cookies({.folder = crawl.folder()}, out), ExitCode::ok);
  EXPECT_THAT(out.text, HasSubstr("sid"));
  EXPECT_THAT(out.text, HasSubstr("2023-11-14T22:13:20Z"));
  EXPECT_THAT(out.text, HasSubstr("host,secure"));
  EXPECT_THAT(out.text, Not(HasSubstr("secret")));
  EXPECT_THAT(out.text, Not(HasSubstr("\x1b")));

  const auto file = std::filesystem::path{crawl.folder()} / "export.txt";
  std::ofstream{file} << "an older one that others may read";
  cli::TextOutput nothing;
  EXPECT_EQ(cli::run_cookies({.folder = crawl.folder(), .export_file = file}, nothing),
            ExitCode::ok);
  EXPECT_EQ(nothing.text, "");
  EXPECT_EQ(read_file(file),
            "# Netscape HTTP Cookie File\nh.example\tFALSE\t/\tTRUE\t1700000000\tsid\tsecret\n");
  struct stat status{};
  ASSERT_EQ(::stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
}

}  // namespace
}  // namespace trawl::service
