// A folder whose last run did not end in order, and whose database has no log: whether the log was
// lost, or somebody's look at the database has moved it in, is told by the archive.
#include "failure_of.hpp"
#include "storage/open.hpp"
#include "tests/support/scratch_folder.hpp"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trawl::storage {
namespace {

namespace fs = std::filesystem;
using test::failure_of;
using testing::HasSubstr;

constexpr std::string_view known = "a-b_c-20260101000000-00003.warc.gz";
constexpr std::string_view given_up = "a-b_c-20260101000000-00004.warc.gz";

class LostLog : public testing::Test {
 protected:
  // The job "a-b.c" has ten bytes in one file, and gave up what was in another.
  void begin(std::map<std::string, std::string> meta) const {
    {
      const OutputFolder folder = OutputFolder::open(path_);
      folder.open_store()->apply(
          {.marks = {{"warc/" + std::string{known}, 10}, {"warc/" + std::string{given_up}, 0}},
           .meta = std::move(meta)});
    }
    fs::create_directory(path_ / "warc");
    write(known, 10);
    write(given_up, 10);
    // As of a run that was killed, whose marks of commits a power cut took.
    std::ofstream{path_ / ".lock"} << "1\ncrawl.db-wal in use\n";
  }
  void begin() const { begin({{"job.name", "a-b.c"}}); }
  void write(std::string_view name, std::size_t bytes) const {
    std::ofstream{path_ / "warc" / name} << std::string(bytes, 'x');
  }
  // Whether a start says that the log is gone, for the sake of this file.
  bool is_said_of(std::string_view name) const {
    const auto error = failure_of([&] { OutputFolder::open(path_); });
    if (!error) return false;
    EXPECT_EQ(error->code, Errc::damaged);
    EXPECT_THAT(error->detail, HasSubstr((path_ / "warc" / name).string() + " has "));
    EXPECT_THAT(error->detail, HasSubstr("crawl.db-wal is gone"));
    return true;
  }

  test::ScratchFolder scratch_;
  fs::path path_ = scratch_.path() / "out";
};

}  // namespace

TEST_F(LostLog, FilesThatAreNotOfTheJobSayNothingOfALog) {
  begin();
  for (const char* name :
       {"other-20260101000000-00009.warc.gz", "b_c-20260101000000-00009.warc.gz",
        "a-b-c-20260101000000-00009.warc.gz", "a-b_c-20260101000000-00002.warc.gz",
        "a-b_c-00009.warc.gz", "mine.warc", "mine.warc.gz"})
    write(name, 100);
  EXPECT_EQ(failure_of([&] { OutputFolder::open(path_); }), std::nullopt);
}

TEST_F(LostLog, AKnownFileThatGoesOnSaysThatTheLogIsGone) {
  begin();
  write(known, 11);
  EXPECT_TRUE(is_said_of(known));
}

TEST_F(LostLog, ALaterFileOfTheJobSaysThatTheLogIsGone) {
  for (const char* name :
       {"a-b_c-20260101000000-00005.warc.gz", "a-b_c-20270101000000-100000.warc.zst"}) {
    begin();
    write(name, 100);
    EXPECT_TRUE(is_said_of(name)) << name;
    fs::remove_all(path_);
  }
}

// Whatever it is called: recovery would remove it.
TEST_F(LostLog, AFileThatWasNotCommittedSaysThatTheLogIsGone) {
  begin();
  const std::string name = "other-20260101000000-00001.warc.gz";
  write(name, 100);
  write(name + ".uncommitted", 0);
  EXPECT_TRUE(is_said_of(name));
}

TEST_F(LostLog, WhereTheDatabaseKnowsNoJobAnyFileSaysThatTheLogIsGone) {
  begin({});
  const std::string_view name = "other-20260101000000-00001.warc.gz";
  write(name, 100);
  EXPECT_TRUE(is_said_of(name));
}

// As the program sqlite3 does when it ends.
TEST_F(LostLog, ALogThatAnotherProgramHasMovedIntoTheDatabaseIsNotMissed) {
  begin();
  const pid_t child = ::fork();
  if (child == 0) {
    const OutputFolder folder = OutputFolder::open(path_);
    const auto store = folder.open_store();
    const OutputFolder::LogInUse log{folder, store.get()};
    store->apply({.admitted = {{.url = "http://a/", .host = "a"}},
                  .marks = {{"warc/" + std::string{known}, 20}}});
    ::_exit(0);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  ASSERT_EQ(status, 0);
  write(known, 20);
  write("other-20260101000000-00009.warc.gz", 100);
  ASSERT_GT(fs::file_size(path_ / "crawl.db-wal"), 0U);
  Db::open(path_ / "crawl.db", Access::write).exec("PRAGMA wal_checkpoint(TRUNCATE)");
  ASSERT_FALSE(fs::exists(path_ / "crawl.db-wal"));
  EXPECT_EQ(failure_of([&] { OutputFolder::open(path_); }), std::nullopt);
  EXPECT_EQ(open_results(path_).integer("SELECT count(*) FROM results"), 1);
}

}  // namespace trawl::storage
