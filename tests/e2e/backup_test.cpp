// Copies of an output folder while its job runs, and what else works on a folder as a whole.
#include "storage/open.hpp"
#include "storage/sqlite/store.hpp"
#include "tests/e2e/program.hpp"

#include <fmt/format.h>

#include <fstream>
#include <thread>

namespace trawl::e2e {
namespace {

namespace fs = std::filesystem;
using crawl::UrlState;
using testing::AllOf;
using testing::HasSubstr;

constexpr int pages = 120;

class Backup : public testing::Test {
 protected:
  void SetUp() override {
    std::vector<std::string> links;
    for (int i = 1; i < pages; ++i) {
      links.push_back(fmt::format("/p{}", i));
      server_.on(links.back(),
                 Reply{.body = page(links.back(), {}) + std::string(9000, 'x') + links.back()});
    }
    server_.on("/", Reply{.body = page("home", links)});
  }
  Arguments crawl_into(const fs::path& folder, const std::string& bodies) {
    return Arguments{"crawl", server_.url("/")} +
           loopback(folder, {"--concurrency", "2", "--set", "output.bodies=" + bodies, "--set",
                             "output.warc_size=200KiB"});
  }

  TempDir dir_;
  LoopbackServer server_;
};

TEST_F(Backup, OfARunningCrawlIsWholeAndCanBeContinued) {
  for (const std::string bodies : {"warc", "files"}) {
    SCOPED_TRACE(bodies);
    const fs::path folder = dir_ / ("out-" + bodies);
    server_.on("/p7", Reply{.body = "slow", .delay = Millis{1500}});  // the crawl lasts that long
    const auto before = server_.count("/");
    Subprocess run{trawl(crawl_into(folder, bodies))};
    ASSERT_TRUE(server_.wait_for("/", before + 1));
    std::vector<fs::path> copies;
    for (int i = 0; i < 3 && run.is_running(); ++i) {
      const fs::path copy = dir_ / fmt::format("copy-{}-{}", bodies, i);
      Arguments command{"backup", folder.string(), copy.string()};
      if (i % 2 == 1) command.emplace_back("--link");
      const auto made = run_trawl(command);
      ASSERT_EQ(made.exit_code, 0) << made.err;
      EXPECT_THAT(made.err, HasSubstr("verified"));
      copies.push_back(copy);
    }
    ASSERT_EQ(run.wait().exit_code, 0) << run.wait().err;
    expect_sound(folder);  // the copies and their use have not harmed it
    ASSERT_GE(copies.size(), 2U);
    for (const fs::path& copy : copies) {
      SCOPED_TRACE(copy);
      EXPECT_FALSE(fs::exists(copy.string() + ".tmp"));
      expect_archived(copy, read_records(copy));
      ASSERT_EQ(run_trawl(crawl_into(copy, bodies)).exit_code, 0);
      const auto records = read_records(copy);
      EXPECT_EQ(count(records, UrlState::fetched), std::size_t{pages});
      expect_sound(copy);
    }
    expect_sound(folder);
  }
}

// Its file has what was sent, its digest is of what came out of that.
TEST_F(Backup, TakesABodyThatCouldNotBeDecoded) {
  server_.on("/", Reply{.body = page("home", {"/odd"})});
  server_.on("/odd", Reply{.headers = {{"Content-Encoding", "unheard-of"}}, .body = "odd"});
  const fs::path folder = dir_ / "out";
  ASSERT_EQ(run_trawl(crawl_into(folder, "files")).exit_code, 0);
  const auto made = run_trawl({"backup", folder.string(), (dir_ / "copy").string()});
  EXPECT_EQ(made.exit_code, 0) << made.err;
  EXPECT_EQ(read_records(dir_ / "copy").at(server_.url("/odd")).outcome.error_detail,
            read_records(folder).at(server_.url("/odd")).outcome.error_detail);
}

TEST_F(Backup, IsThereWholeOrNotAtAll) {
  const fs::path folder = dir_ / "out", copy = dir_ / "copy";
  ASSERT_EQ(run_trawl(crawl_into(folder, "warc")).exit_code, 0);
  // Killed at any moment it leaves nothing under its name, and the next one begins anew.
  for (int ms = 1; ms < 60; ms += 6) {
    Subprocess run{trawl({"backup", folder.string(), copy.string()})};
    std::this_thread::sleep_for(Millis{ms});
    run.send_signal(SIGKILL);
    run.wait();
    if (!fs::exists(copy)) continue;
    expect_sound(copy);
    fs::remove_all(copy);
  }
  ASSERT_EQ(run_trawl({"backup", folder.string(), copy.string()}).exit_code, 0);
  EXPECT_EQ(read_records(copy).size(), read_records(folder).size());
  const auto again = run_trawl({"backup", folder.string(), copy.string()});
  EXPECT_EQ(again.exit_code, 2);
  EXPECT_THAT(again.err, HasSubstr("is there already"));
  // What somebody else made is not removed.
  dir_.write("other.tmp/file", "mine");
  EXPECT_EQ(run_trawl({"backup", folder.string(), (dir_ / "other").string()}).exit_code, 2);
  EXPECT_EQ(dir_.read("other.tmp/file"), "mine");
  EXPECT_EQ(run_trawl({"backup", folder.string(), (folder / "copy").string()}).exit_code, 2);
  EXPECT_EQ(run_trawl({"backup", (dir_ / "none").string(), (dir_ / "x").string()}).exit_code, 2);
  EXPECT_FALSE(fs::exists(dir_ / "x.tmp"));
}

TEST_F(Backup, RefusesAnArchiveThatIsDamaged) {
  const fs::path folder = dir_ / "out", copy = dir_ / "copy";
  ASSERT_EQ(run_trawl(crawl_into(folder, "warc")).exit_code, 0);
  const fs::path warc = fs::directory_iterator{folder / "warc"} -> path();
  std::fstream file{warc, std::ios::in | std::ios::out | std::ios::binary};
  file.seekp(static_cast<std::streamoff>(fs::file_size(warc) / 2));
  file << std::string(40, '!');  // more than a member's head, of which parts say nothing
  file.close();
  const auto refused = run_trawl({"backup", folder.string(), copy.string()});
  EXPECT_EQ(refused.exit_code, 6);
  EXPECT_THAT(refused.err, AllOf(HasSubstr(warc.filename().string()), HasSubstr("fault")));
  EXPECT_FALSE(fs::exists(copy));
  EXPECT_FALSE(fs::exists(dir_ / "copy.tmp"));
  EXPECT_EQ(run_trawl({"backup", "--no-verify", folder.string(), copy.string()}).exit_code, 0);
}

TEST_F(Backup, SaysThatAnArchiveFileIsGone) {
  const fs::path folder = dir_ / "out", copy = dir_ / "copy";
  ASSERT_EQ(run_trawl(crawl_into(folder, "warc")).exit_code, 0);
  const fs::path warc = fs::directory_iterator{folder / "warc"} -> path();
  fs::remove(warc);
  const auto refused = run_trawl({"backup", folder.string(), copy.string()});
  EXPECT_EQ(refused.exit_code, 6);
  EXPECT_THAT(refused.err, AllOf(HasSubstr(warc.filename().string() + " is not there"),
                                 HasSubstr("put it back"), HasSubstr("--no-verify")));
  EXPECT_FALSE(fs::exists(copy));
  EXPECT_EQ(run_trawl({"backup", "--no-verify", folder.string(), copy.string()}).exit_code, 0);
  EXPECT_EQ(read_records(copy).size(), static_cast<std::size_t>(pages));
}

TEST_F(Backup, NamesTheFileThatIsNotWhatTheDatabaseSays) {
  const fs::path folder = dir_ / "out", target = dir_ / "copy";
  ASSERT_EQ(run_trawl(crawl_into(folder, "files")).exit_code, 0);
  const auto record = read_records(folder).at(server_.url("/p3"));
  ASSERT_TRUE(record.outcome.archive);
  const std::string name = record.outcome.archive->file;
  std::ofstream{folder / name, std::ios::app} << "edited";
  const auto edited = run_trawl({"backup", folder.string(), target.string()});
  EXPECT_EQ(edited.exit_code, 6) << edited.err;
  EXPECT_THAT(edited.err, AllOf(HasSubstr(name), HasSubstr("another content")));
  fs::remove(folder / name);
  const auto missing = run_trawl({"backup", folder.string(), target.string()});
  EXPECT_EQ(missing.exit_code, 6) << missing.err;
  EXPECT_THAT(missing.err, AllOf(HasSubstr(name), HasSubstr("is not there")));
  EXPECT_FALSE(fs::exists(target));
  const auto rest = run_trawl({"backup", "--no-verify", folder.string(), target.string()});
  EXPECT_EQ(rest.exit_code, 0) << rest.err;
  EXPECT_EQ(read_records(target).size(), static_cast<std::size_t>(pages));
}

TEST_F(Backup, VacuumRefusesAFolderInUseAndSaysWhatItWon) {
  const fs::path folder = dir_ / "out";
  server_.on("/p7", Reply{.body = "slow", .delay = Millis{1500}});
  Subprocess run{trawl(crawl_into(folder, "warc"))};
  ASSERT_TRUE(server_.wait_for("/p7", 1));
  EXPECT_EQ(run_trawl({"vacuum", folder.string()}).exit_code, 5);
  ASSERT_EQ(run.wait().exit_code, 0);
  const auto records = read_records(folder).size();
  const auto vacuumed = run_trawl({"vacuum", folder.string()});
  EXPECT_EQ(vacuumed.exit_code, 0) << vacuumed.err;
  EXPECT_THAT(vacuumed.err, HasSubstr("won"));
  EXPECT_EQ(read_records(folder).size(), records);
  expect_sound(folder);
  EXPECT_EQ(run_trawl({"vacuum", (dir_ / "none").string()}).exit_code, 2);
  EXPECT_FALSE(fs::exists(dir_ / "none"));
}

TEST_F(Backup, AnExportOfARunningCrawlIsWhole) {
  const fs::path folder = dir_ / "out";
  server_.on("/p7", Reply{.body = "slow", .delay = Millis{1500}});
  Subprocess run{trawl(crawl_into(folder, "warc"))};
  ASSERT_TRUE(server_.wait_for("/p7", 1));
  const fs::path file = dir_ / "records.sqlite";
  const auto made = run_trawl({"export", folder.string(), "-o", file.string()});
  EXPECT_EQ(made.exit_code, 0) << made.err;
  ASSERT_EQ(run.wait().exit_code, 0);
  auto db = storage::Db::open(file, storage::Access::read);
  EXPECT_EQ(db.integer("SELECT count(*) FROM results"), pages);
}

}  // namespace
}  // namespace trawl::e2e
