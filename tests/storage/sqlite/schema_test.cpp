#include "storage/sqlite/schema.hpp"

#include "failure_of.hpp"
#include "tests/support/scratch_folder.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

namespace trawl::storage {

using test::code_of;
using test::failure_of;
using testing::HasSubstr;

class SchemaTest : public testing::Test {
 protected:
  test::ScratchFolder folder_;
  std::filesystem::path path_ = folder_.path() / "crawl.db";
};

TEST_F(SchemaTest, ANewDatabaseIsMarkedAsOursAndOpensAgain) {
  {
    open_for_writing(path_);
  }
  Db db = open_for_writing(path_);
  EXPECT_EQ(db.integer("PRAGMA application_id"), application_id);
  EXPECT_EQ(db.integer("PRAGMA user_version"), migrations().back().version);
  EXPECT_EQ(db.integer("PRAGMA synchronous"), 2);
  EXPECT_EQ(open_for_reading(path_).integer("SELECT count(*) FROM results"), 0);
}

TEST_F(SchemaTest, TheViewHasExactlyTheFieldsOfARecord) {
  Db db = open_for_writing(path_);
  Statement statement = db.prepare("SELECT name FROM pragma_table_info('results')");
  std::string names;
  Rows rows = statement.query();
  while (rows.next()) names += std::string{rows.text(0)} + " ";
  EXPECT_EQ(
      names,
      "url state status error error_detail depth via attempts fetched_at ip http_version "
      "dns_ms connect_ms tls_ms ttfb_ms total_ms bytes_wire bytes_body truncated "
      "content_type charset title digest redirect_to etag last_modified archive "
      "archive_offset archive_length robots_meta sitemap_lastmod filename revisit note method "
      "served_by ");
}

// docs/faults.md rows 65 and 84.
TEST_F(SchemaTest, ANewerVersionIsRefusedWithAdvice) {
  {
    open_for_writing(path_).exec("PRAGMA user_version=99");
  }
  for (const auto open : {open_for_writing, open_for_reading}) {
    const auto error = failure_of([&] { open(path_); });
    EXPECT_EQ(error->code, Errc::damaged);
    EXPECT_THAT(error->detail, HasSubstr("newer trawl (version 99"));
    EXPECT_THAT(error->detail, HasSubstr("use that trawl"));
  }
}

TEST_F(SchemaTest, ADatabaseOfAnotherProgramIsRefusedAndLeftAsItIs) {
  {
    Db db = Db::open(path_, Access::write);
    db.exec("CREATE TABLE mine(a)");
  }
  EXPECT_EQ(code_of([&] { open_for_writing(path_); }), Errc::damaged);
  EXPECT_EQ(code_of([&] { open_for_reading(path_); }), Errc::damaged);
  Db db = Db::open(path_, Access::write);
  Statement statement = db.prepare("PRAGMA journal_mode");
  Rows rows = statement.query();
  ASSERT_TRUE(rows.next());
  EXPECT_EQ(rows.text(0), "delete");
}

TEST_F(SchemaTest, ATruncatedDatabaseIsDamagedAndNeverStartedAnew) {
  {
    open_for_writing(path_);
  }
  std::filesystem::resize_file(path_, 8192);
  EXPECT_EQ(code_of([&] { open_for_writing(path_); }), Errc::damaged);
  EXPECT_EQ(code_of([&] { open_for_reading(path_); }), Errc::damaged);
  EXPECT_EQ(std::filesystem::file_size(path_), 8192u);
}

TEST_F(SchemaTest, AnEmptyOrMissingDatabaseIsNoCrawlForAReader) {
  EXPECT_EQ(code_of([&] { open_for_reading(path_); }), Errc::not_found);
  std::ofstream{path_};
  EXPECT_EQ(code_of([&] { open_for_reading(path_); }), Errc::not_found);
}

TEST_F(SchemaTest, AnInterruptedCreationIsFinishedAtTheNextStart) {
  {
    Db db = Db::open(path_, Access::write);
    db.exec("PRAGMA application_id=" + std::to_string(application_id));
  }
  EXPECT_EQ(code_of([&] { open_for_reading(path_); }), Errc::not_found);
  EXPECT_EQ(open_for_writing(path_).integer("SELECT count(*) FROM url"), 0);
}

TEST_F(SchemaTest, AFinishedCrawlIsReadableInAFolderThatIsNotWritable) {
  {
    open_for_writing(path_);
  }
  std::filesystem::permissions(path_, std::filesystem::perms{0444});
  std::filesystem::permissions(folder_.path(), std::filesystem::perms{0555});
  const pid_t child = ::fork();
  if (child == 0) {
    constexpr uid_t nobody = 65534;
    if (::getuid() == 0 && ::setuid(nobody) != 0) ::_exit(2);
    const auto count = [&] {
      EXPECT_EQ(open_for_reading(path_).integer("SELECT count(*) FROM results"), 0);
    };
    ::_exit(code_of(count) ? 1 : 0);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  std::filesystem::permissions(folder_.path(), std::filesystem::perms{0755});
}

TEST_F(SchemaTest, MigrationsRunInOrderFromTheVersionOfTheFileAndNumbersMayHaveGaps) {
  Db db = open_for_writing(path_);
  const int now = migrations().back().version;
  const std::vector<Migration> later = {{now, "CREATE TABLE must_not_run(a)"},
                                        {now + 3, "CREATE TABLE two(a)"},
                                        {now + 7, "ALTER TABLE two ADD COLUMN b"}};
  migrate(db, later);
  EXPECT_EQ(db.integer("PRAGMA user_version"), now + 7);
  db.exec("INSERT INTO two(a, b) VALUES(1, 2)");
  EXPECT_EQ(code_of([&] { db.exec("SELECT * FROM must_not_run"); }), Errc::internal);
}

TEST_F(SchemaTest, AFailedMigrationLeavesTheVersionBefore) {
  Db db = open_for_writing(path_);
  const int now = migrations().back().version;
  const std::vector<Migration> broken = {{now + 1, "CREATE TABLE two(a); CREATE TABLE url(a)"}};
  EXPECT_EQ(code_of([&] { migrate(db, broken); }), Errc::internal);
  EXPECT_EQ(db.integer("PRAGMA user_version"), now);
  EXPECT_EQ(db.integer("SELECT count(*) FROM sqlite_schema WHERE name='two'"), 0);
}

// docs/faults.md row 84.
TEST_F(SchemaTest, ADatabaseOfAnOlderVersionKeepsItsRecordsAndACopyAsItWas) {
  for (const std::size_t steps : {1, 2}) {
    const auto path = folder_.path() / fmt::format("{}.db", steps);
    {
      Db db = Db::open(path, Access::write);
      db.exec("PRAGMA application_id=" + std::to_string(application_id));
      db.become_writer();
      migrate(db, migrations().first(steps));
      db.exec(
          "INSERT INTO url(host_id, seq, url, state, depth, attempts) "
          "VALUES(1,1,'http://a/',1,0,1)");
      db.exec(
          "INSERT INTO result(host_id, seq, status, bytes_wire, bytes_body, truncated) "
          "VALUES(1,1,200,0,0,0)");
      db.exec(
          "INSERT INTO url(host_id, seq, url, state, depth, attempts, error) "
          "VALUES(1,2,'http://a/excluded',3,0,1,'robots')");
      db.exec(
          "INSERT INTO result(host_id, seq, status, bytes_wire, bytes_body, truncated) "
          "VALUES(1,2,200,0,0,0)");
    }
    const int version = migrations()[steps - 1].version;
    const auto copy = fmt::format("{}.version-{}", path.string(), version);
    std::ofstream{copy + ".part"} << "of a migration that was killed";
    {
      Db db = open_for_writing(path);
      EXPECT_EQ(db.integer("SELECT status FROM results WHERE robots_meta IS NULL AND "
                           "sitemap_lastmod IS NULL"),
                200);
      EXPECT_EQ(db.integer("SELECT sum(left_out) FROM result WHERE seq = 2"), 1);
      EXPECT_EQ(db.integer("SELECT count(*) FROM result WHERE left_out IS NULL"), 1);
    }
    EXPECT_FALSE(std::filesystem::exists(copy + ".part"));
    Db before = Db::open(copy, Access::read);
    EXPECT_EQ(before.integer("PRAGMA user_version"), version);
    EXPECT_EQ(before.integer("PRAGMA application_id"), application_id);
    EXPECT_EQ(before.integer("SELECT status FROM result"), 200);
  }
}

// docs/faults.md row 84.
TEST_F(SchemaTest, AMigrationOfManyStepsIsDoneWholeOrNotAtAll) {
  Db db = open_for_writing(path_);
  const int now = migrations().back().version;
  const std::vector<Migration> steps = {{now + 1, "CREATE TABLE two(a)"},
                                        {now + 2, "CREATE TABLE url(a)"}};
  EXPECT_EQ(code_of([&] { migrate(db, steps); }), Errc::internal);
  EXPECT_EQ(db.integer("PRAGMA user_version"), now);
  EXPECT_EQ(db.integer("SELECT count(*) FROM sqlite_schema WHERE name='two'"), 0);
}

// docs/faults.md row 65.
TEST_F(SchemaTest, ADatabaseThatLacksTablesIsDamaged) {
  {
    open_for_writing(path_).exec("DROP VIEW results; DROP TABLE result");
  }
  for (const auto open : {open_for_writing, open_for_reading}) {
    const auto error = failure_of([&] { open(path_); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code, Errc::damaged);
    EXPECT_THAT(error->detail, HasSubstr("lacks tables of a crawl"));
  }
}

}  // namespace trawl::storage
