#include "storage/sqlite/db.hpp"

#include "core/base/log.hpp"
#include "failure_of.hpp"
#include "tests/support/scratch_folder.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

namespace trawl::storage {

using test::code_of;
using test::failure_of;

class DbTest : public testing::Test {
 protected:
  test::ScratchFolder folder_;
  std::filesystem::path path_ = folder_.path() / "a b%20?#.db";
};

TEST_F(DbTest, ValuesReadBackAsTheyWereBound) {
  Db db = Db::open(path_, Access::write);
  db.exec("CREATE TABLE t(a, b, c, d, e, f)");
  Statement insert = db.prepare("INSERT INTO t VALUES(?1,?2,?3,?4,?5,?6)");
  const std::string binary("\0\xff", 2);
  EXPECT_EQ(insert.run(std::int64_t{-1}, std::string_view{}, NullIfEmpty{""}, Blob{binary},
                       std::optional<int>{}, std::uint64_t{1} << 62),
            1);
  Statement select = db.prepare("SELECT * FROM t WHERE a = ?1");
  for (int round = 0; round < 2; ++round) {
    Rows rows = select.query(-1);
    ASSERT_TRUE(rows.next());
    EXPECT_EQ(rows.integer(0), -1);
    EXPECT_FALSE(rows.null(1));
    EXPECT_EQ(rows.text(1), "");
    EXPECT_TRUE(rows.null(2));
    EXPECT_TRUE(rows.is_blob(3));
    EXPECT_EQ(rows.blob(3), binary);
    EXPECT_EQ(rows.optional_integer(4), std::nullopt);
    EXPECT_EQ(rows.optional_integer(5), std::int64_t{1} << 62);
    EXPECT_FALSE(rows.next());
  }
}

TEST_F(DbTest, ATransactionThatIsNotCommittedLeavesNothing) {
  Db db = Db::open(path_, Access::write);
  db.exec("CREATE TABLE t(a)");
  {
    Transaction transaction{db, Access::write};
    db.exec("INSERT INTO t VALUES(1)");
  }
  EXPECT_EQ(db.integer("SELECT count(*) FROM t"), 0);
  Transaction transaction{db, Access::write};
  db.exec("INSERT INTO t VALUES(1)");
  transaction.commit();
  EXPECT_EQ(db.integer("SELECT count(*) FROM t"), 1);
}

TEST_F(DbTest, AReaderCannotWriteAndNeverMakesAFile) {
  EXPECT_EQ(code_of([&] { Db::open(path_, Access::read); }), Errc::not_found);
  EXPECT_FALSE(std::filesystem::exists(path_));
  Db writer = Db::open(path_, Access::write);
  writer.become_writer();
  writer.exec("CREATE TABLE t(a)");
  Db reader = Db::open(path_, Access::read);
  EXPECT_EQ(code_of([&] { reader.exec("INSERT INTO t VALUES(1)"); }), Errc::io);
}

TEST_F(DbTest, AReaderThatClosesLastDoesNotCheckpoint) {
  std::optional<Db> writer = Db::open(path_, Access::write);
  writer->become_writer();
  writer->exec("CREATE TABLE t(a)");
  std::optional<Db> reader = Db::open(path_, Access::read);
  EXPECT_EQ(reader->integer("SELECT count(*) FROM t"), 0);
  writer.reset();
  const std::string wal = path_.string() + "-wal";
  ASSERT_TRUE(std::filesystem::exists(wal));
  const auto bytes = std::filesystem::file_size(wal);
  EXPECT_GT(bytes, 0u);
  reader.reset();
  EXPECT_EQ(std::filesystem::file_size(wal), bytes);
}

TEST_F(DbTest, TheLogIsMovedIntoTheFileOnlyWhenItIsLongEnough) {
  Db db = Db::open(path_, Access::write);
  db.become_writer();
  db.exec("CREATE TABLE t(a)");
  const auto before = std::filesystem::file_size(path_);
  EXPECT_GT(db.wal_pages(), 0);
  db.checkpoint(1000);
  EXPECT_EQ(std::filesystem::file_size(path_), before);
  db.checkpoint(1);
  EXPECT_GT(std::filesystem::file_size(path_), before);
}

// docs/faults.md row 66.
TEST_F(DbTest, ALogThatAReaderKeepsFromShrinkingIsSaidAndShrinksBehindIt) {
  const auto file = folder_.path() / "log";
  start_logging({.file = file});
  Db db = Db::open(path_, Access::write);
  db.become_writer(20);
  db.exec("CREATE TABLE t(a); INSERT INTO t VALUES(0)");
  {
    Db reader = Db::open(path_, Access::read);
    const Transaction old{reader, Access::read};
    EXPECT_EQ(reader.integer("SELECT count(*) FROM t"), 1);
    for (int i = 0; i < 60; ++i) {
      db.exec("INSERT INTO t VALUES(zeroblob(3000))");
      db.checkpoint(1);
    }
    EXPECT_GT(db.wal_pages(), 60);
    EXPECT_EQ(reader.integer("SELECT count(*) FROM t"), 1);
  }
  db.checkpoint(1);
  db.exec("INSERT INTO t VALUES(1)");
  EXPECT_LT(db.wal_pages(), 10);
  stop_logging();
  std::stringstream text;
  text << std::ifstream{file}.rdbuf();
  std::size_t said = 0;
  for (std::string line; std::getline(text, line);) {
    EXPECT_THAT(line, testing::HasSubstr("because another program keeps reading an old state"));
    ++said;
  }
  EXPECT_GE(said, 2u);  // at 20 pages, 40, 80, …
  EXPECT_LE(said, 5u);
}

// docs/faults.md row 75.
TEST_F(DbTest, AFileThatIsNoLongerInItsPlaceIsNoticed) {
  Db db = Db::open(path_, Access::write);
  db.become_writer();
  db.exec("CREATE TABLE t(a)");
  EXPECT_FALSE(db.has_moved());
  std::filesystem::rename(path_, folder_.path() / "elsewhere");
  EXPECT_TRUE(db.has_moved());
}

TEST_F(DbTest, DamageIsToldFromAFullDiskAndFromALock) {
  std::ofstream(path_) << std::string(8192, 'x');
  EXPECT_EQ(code_of([&] { Db::open(path_, Access::read); }), Errc::damaged);
  const auto full = folder_.path() / "full.db";
  Db db = Db::open(full, Access::write);
  db.exec("PRAGMA max_page_count=2; CREATE TABLE t(a)");
  const auto error = failure_of([&] { db.exec("INSERT INTO t VALUES(zeroblob(100000))"); });
  EXPECT_EQ(error->code, Errc::disk_full);
  EXPECT_THAT(error->detail, testing::HasSubstr(full.string()));
}

TEST_F(DbTest, ALockOfAnotherProgramIsNamed) {
  Db db = Db::open(path_, Access::write);
  db.exec("CREATE TABLE t(a)");
  Db other = Db::open(path_, Access::write);
  other.exec("PRAGMA busy_timeout=0; BEGIN EXCLUSIVE");
  db.exec("PRAGMA busy_timeout=0");
  const auto error = failure_of([&] { Transaction transaction(db, Access::write); });
  EXPECT_EQ(error->code, Errc::io);
  EXPECT_THAT(error->detail, testing::HasSubstr("locked by another program"));
}

TEST_F(DbTest, ABugInAStatementIsInternal) {
  Db db = Db::open(path_, Access::write);
  EXPECT_EQ(code_of([&] { db.prepare("SELEC 1"); }), Errc::internal);
}

}  // namespace trawl::storage
