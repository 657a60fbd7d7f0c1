// Jobs that stay: what a limit of a round leaves to the next run, and where a folder that is gone
// is not begun anew.
#include "storage/sqlite/db.hpp"
#include "tests/e2e/daemon_process.hpp"

#include <string>
#include <string_view>

namespace trawl::e2e {
namespace {

using crawl::UrlState;
using testing::HasSubstr;

std::string limited_job(const std::string& url, std::string_view more) {
  std::string job = DaemonProcess::job(url, fmt::format("delay = \"0s\"\n{}", more));
  const std::string_view section = "[limits]\n";
  return job.insert(job.find(section) + section.size(), "pages = 3\n");
}

}  // namespace

TEST(DaemonRounds, AScheduledRunAfterALimitFetchesMoreUpToTheLimit) {
  LoopbackServer site;
  serve_site(site, 6);
  DaemonProcess daemon;
  daemon.add("a.toml", "[job]\nschedule = \"every 2s\"\n" + limited_job(site.url(), ""));
  daemon.start();
  ASSERT_TRUE(daemon.says("a: running → limited (limits.pages = 3)")) << daemon.process->err();
  EXPECT_EQ(count(read_records(daemon.output("a")), UrlState::fetched), 3U);
  EXPECT_EQ(daemon.ask({"resume", "a"}).exit_code, 0);  // continues, and there is nothing to
  ASSERT_TRUE(daemon.says_times("a: running → limited", 2)) << daemon.process->err();
  EXPECT_EQ(count(read_records(daemon.output("a")), UrlState::fetched), 3U);
  ASSERT_TRUE(daemon.says("a: running → finished")) << daemon.process->err();
  EXPECT_EQ(count(read_records(daemon.output("a")), UrlState::fetched), 7U);
  EXPECT_EQ(daemon.times("a: running → limited"), 3U) << daemon.process->err();
  EXPECT_EQ(site.count("/"), 1U);
  // And then all of it anew, as much as the limit has room for.
  ASSERT_TRUE(daemon.says_times("a: running → limited", 4)) << daemon.process->err();
  EXPECT_EQ(site.count("/"), 2U);
  EXPECT_EQ(daemon.stop(), 0);
  EXPECT_EQ(run_trawl({"verify", daemon.output("a").string()}).exit_code, 0);
}

TEST(DaemonRounds, ALimitEndsNoRecrawl) {
  LoopbackServer site;
  serve_site(site, 6);
  DaemonProcess daemon;
  daemon.add("a.toml", limited_job(site.url(), "[recrawl]\nevery = \"2s\"\n"));
  daemon.start();
  ASSERT_TRUE(daemon.says("a: running → limited (limits.pages = 3)")) << daemon.process->err();
  EXPECT_EQ(site.count("/"), 1U);
  EXPECT_THAT(daemon.ask({"status", "a"}).out, HasSubstr("next run"));
  ASSERT_TRUE(site.wait_for("/", 3)) << daemon.process->err();
  // A run that has one page to fetch is no more often than once a second.
  EXPECT_LT(daemon.times("→ running"), 9U) << daemon.process->err();
  EXPECT_EQ(daemon.stop(), 0);
  EXPECT_LE(count(read_records(daemon.output("a")), UrlState::fetched), 3U);
}

TEST(DaemonRounds, AFolderThatIsNotMountedIsNotBegunAnew) {
  LoopbackServer site;
  serve_site(site, 3);
  DaemonProcess daemon;
  const auto disk = daemon.dir / "disk", away = daemon.dir / "away";
  std::filesystem::create_directory(disk);
  daemon.add("a.toml", fmt::format("[job]\nschedule = \"every 1s\"\n[output]\ndir = \"{}\"\n{}",
                                   (disk / "a").string(), DaemonProcess::job(site.url())));
  daemon.start();
  ASSERT_TRUE(daemon.says("a: running → finished")) << daemon.process->err();
  EXPECT_EQ(daemon.stop(), 0);
  std::filesystem::rename(disk, away);
  std::filesystem::create_directory(disk);
  const auto before = site.count();
  daemon.start();
  ASSERT_TRUE(daemon.says("a: running → failed (io: " + (disk / "a").string() + " has no crawl.db"))
      << daemon.process->err();
  EXPECT_THAT(daemon.ask({"status", "a"}).out, HasSubstr("its disk is not mounted"));
  EXPECT_TRUE(std::filesystem::is_empty(disk));
  EXPECT_EQ(site.count(), before);
  std::filesystem::remove(disk);
  std::filesystem::rename(away, disk);
  ASSERT_TRUE(daemon.says("a: running → finished")) << daemon.process->err();
  EXPECT_EQ(daemon.stop(), 0);
  EXPECT_EQ(run_trawl({"verify", (disk / "a").string()}).exit_code, 0);
}

// Nobody knows of anything in the new one.
TEST(DaemonRounds, AnotherFolderIsBegun) {
  LoopbackServer site;
  serve_site(site, 3);
  DaemonProcess daemon;
  const auto job = [&](const char* dir) {
    return fmt::format("[output]\ndir = \"{}\"\n{}", (daemon.dir / dir).string(),
                       DaemonProcess::job(site.url()));
  };
  daemon.add("a.toml", job("one"));
  daemon.start();
  ASSERT_TRUE(daemon.says("a: running → finished")) << daemon.process->err();
  daemon.add("a.toml", job("two"));
  ASSERT_TRUE(daemon.says_times("a: running → finished", 2)) << daemon.process->err();
  EXPECT_EQ(daemon.stop(), 0);
  EXPECT_EQ(count(read_records(daemon.dir / "two"), UrlState::fetched), 4U);
}

// Of a former trawl the ledger has the new folder's name beside the figures of the one before.
TEST(DaemonRounds, AnotherFolderIsBegunAlsoByADaemonThatWasUpdated) {
  LoopbackServer site;
  serve_site(site, 3);
  DaemonProcess daemon;
  const auto job = [&](const char* dir) {
    return fmt::format("[job]\nschedule = \"every 1s\"\n[output]\ndir = \"{}\"\n{}",
                       (daemon.dir / dir).string(), DaemonProcess::job(site.url()));
  };
  daemon.add("a.toml", job("one"));
  daemon.start();
  ASSERT_TRUE(daemon.says("a: running → finished")) << daemon.process->err();
  EXPECT_EQ(daemon.stop(), 0);
  {
    auto db = storage::Db::open(daemon.dir / "data/daemon.db", storage::Access::write);
    EXPECT_EQ(db.integer("SELECT fetched FROM job WHERE again & 8"), 4);
    db.exec(fmt::format("UPDATE job SET again = again & ~8, dir = '{}'",
                        (daemon.dir / "two").string()));
  }
  daemon.add("a.toml", job("two"));
  daemon.start();
  ASSERT_TRUE(daemon.says("a: running → finished")) << daemon.process->err();
  EXPECT_EQ(daemon.times("has no crawl.db"), 0U) << daemon.process->err();
  EXPECT_EQ(count(read_records(daemon.dir / "two"), UrlState::fetched), 4U);
  // From then on a folder that is gone is known to be.
  EXPECT_EQ(daemon.stop(), 0);
  std::filesystem::rename(daemon.dir / "two", daemon.dir / "away");
  daemon.start();
  ASSERT_TRUE(daemon.says("has no crawl.db")) << daemon.process->err();
  EXPECT_EQ(daemon.stop(), 0);
}

}  // namespace trawl::e2e
