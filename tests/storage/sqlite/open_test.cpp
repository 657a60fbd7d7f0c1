#include "storage/open.hpp"

#include "failure_of.hpp"
#include "tests/support/scratch_folder.hpp"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

namespace trawl::storage {

namespace fs = std::filesystem;
using test::code_of;
using test::failure_of;
using testing::AllOf;
using testing::HasSubstr;

class OutputFolderTest : public testing::Test {
 protected:
  void write(const fs::path& relative, std::string_view text) {
    fs::create_directories((path_ / relative).parent_path());
    std::ofstream{path_ / relative} << text;
  }

  test::ScratchFolder scratch_;
  fs::path path_ = scratch_.path() / "deep" / "out";
};

TEST_F(OutputFolderTest, AFolderIsMadeAndOpensAgain) {
  for (int round = 0; round < 2; ++round) {
    const OutputFolder folder = OutputFolder::open(path_);
    EXPECT_TRUE(fs::is_directory(folder.tmp()));
    folder.open_store()->apply(
        {.admitted = {{.url = "http://a/" + std::to_string(round), .host = "a"}}});
  }
  Db reader = open_results(path_);
  EXPECT_EQ(reader.integer("SELECT count(*) FROM results"), 2);
}

TEST_F(OutputFolderTest, ASecondHolderIsRefusedAndToldWhoTheFirstIs) {
  const OutputFolder folder = OutputFolder::open(path_);
  const auto error = failure_of([&] { OutputFolder::open(path_); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, Errc::in_use);
  EXPECT_THAT(error->detail, HasSubstr("is used by trawl (pid " + std::to_string(::getpid()) +
                                       "); wait for it or choose another folder"));
}

TEST_F(OutputFolderTest, TheLockGoesWithItsHolder) {
  {
    OutputFolder first = OutputFolder::open(path_);
    const OutputFolder moved = std::move(first);
    EXPECT_EQ(code_of([&] { OutputFolder::open(path_); }), Errc::in_use);
  }
  const pid_t child = ::fork();
  if (child == 0) {
    const OutputFolder folder = OutputFolder::open(path_);
    ::_exit(0);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(code_of([&] { OutputFolder::open(path_); }), std::nullopt);
}

TEST_F(OutputFolderTest, BodiesOfAnEarlierRunAreCleared) {
  {
    OutputFolder::open(path_).open_store();
  }
  write("tmp/body.1", "x");
  write("tmp/sub/body.2", "x");
  write("warc/kept", "x");
  const OutputFolder folder = OutputFolder::open(path_);
  EXPECT_TRUE(fs::is_empty(folder.tmp()));
  EXPECT_TRUE(fs::exists(path_ / "warc/kept"));
}

TEST_F(OutputFolderTest, AFolderWithStrangersFilesIsLeftAlone) {
  for (const char* file : {"tmp/mine", "warc/mine", "files/mine"}) {
    write(file, "x");
    const auto error = failure_of([&] { OutputFolder::open(path_); });
    ASSERT_TRUE(error) << file;
    EXPECT_EQ(error->code, Errc::damaged);
    EXPECT_TRUE(fs::exists(path_ / file));
    fs::remove(path_ / file);
  }
}

TEST_F(OutputFolderTest, AnEmptiedDatabaseBesideArchivesIsNotStartedAnew) {
  {
    OutputFolder::open(path_).open_store();
  }
  write("warc/a.warc.gz", "x");
  fs::resize_file(path_ / "crawl.db", 0);
  EXPECT_EQ(code_of([&] { OutputFolder::open(path_); }), Errc::damaged);
  EXPECT_TRUE(fs::exists(path_ / "warc/a.warc.gz"));
}

TEST_F(OutputFolderTest, ADatabaseThatIsNotOursIsRefusedUntouched) {
  write("crawl.db", "shopping list");
  write("tmp/mine", "x");
  const auto error = failure_of([&] { OutputFolder::open(path_); });
  EXPECT_EQ(error->code, Errc::damaged);
  EXPECT_THAT(error->detail, HasSubstr("is no database of trawl's"));
  EXPECT_TRUE(fs::exists(path_ / "tmp/mine"));
}

TEST_F(OutputFolderTest, AFileInThePlaceOfTheFolderIsNamed) {
  fs::create_directories(path_.parent_path());
  std::ofstream{path_};
  const auto error = failure_of([&] { OutputFolder::open(path_); });
  EXPECT_EQ(error->code, Errc::io);
  EXPECT_THAT(error->detail, HasSubstr(path_.string() + " is not a directory"));
  EXPECT_EQ(code_of([&] { OutputFolder::open(path_ / "below"); }), Errc::io);
}

TEST_F(OutputFolderTest, ALinkToNothingInThePlaceOfTheFolderIsNamed) {
  fs::create_directories(path_.parent_path());
  fs::create_symlink("nowhere", path_);
  for (const fs::path& path : {path_, path_ / "below"}) {
    const auto error = failure_of([&] { OutputFolder::open(path); });
    EXPECT_EQ(error->code, Errc::io);
    EXPECT_THAT(error->detail,
                HasSubstr(path_.string() + " is a link to nowhere, which isn't there"));
  }
}

// SQLite's own limit is far below the system's.
TEST_F(OutputFolderTest, APathThatIsTooLongForSqliteIsSaidToBe) {
  fs::path place = path_;
  while (place.string().size() < 460) place /= std::string(20, 'd');
  {
    const auto store = OutputFolder::open(place).open_store();
  }
  const fs::path moved = place.parent_path() / std::string(100, 'e');
  fs::rename(place, moved);
  const auto is_told = AllOf(HasSubstr("and SQLite takes no more than 504"), HasSubstr("shorter"));
  EXPECT_THAT(failure_of([&] { open_results(moved); })->detail, is_told);
  EXPECT_THAT(failure_of([&] { OutputFolder::open(moved).open_store(); })->detail, is_told);
}

TEST_F(OutputFolderTest, AFolderThatCannotBeMadeIsAnErrorOfTheEnvironment) {
  EXPECT_EQ(code_of([&] { OutputFolder::open("/proc/trawl"); }), Errc::io);
}

// After an upgrade, of a job that is finished and will not run again.
TEST_F(OutputFolderTest, ReadingBringsTheTablesOfAnOlderTrawlUpToDate) {
  {
    const OutputFolder folder = OutputFolder::open(path_);
    folder.open_store()->apply({.admitted = {{.url = "http://a/", .host = "a"}}});
  }
  Db::open(path_ / "crawl.db", Access::write).exec("DROP TABLE epoch; PRAGMA user_version=16");
  {
    const OutputFolder held = OutputFolder::open(path_);
    EXPECT_EQ(code_of([&] { open_results(path_); }), Errc::in_use);
  }
  Db reader = open_results(path_);
  EXPECT_EQ(reader.integer("SELECT count(*) FROM results"), 1);
  EXPECT_EQ(reader.integer("SELECT count(*) FROM epoch"), 0);
  EXPECT_TRUE(fs::exists(path_ / "crawl.db.version-16"));
}

TEST_F(OutputFolderTest, AFolderWithoutACrawlHasNoResults) {
  EXPECT_EQ(code_of([&] { open_results(path_); }), Errc::not_found);
  {
    OutputFolder::open(path_).open_store();
  }
  EXPECT_EQ(open_results(path_).integer("SELECT count(*) FROM results"), 0);
}

}  // namespace trawl::storage
