#include "storage/sqlite/store.hpp"

#include "failure_of.hpp"
#include "storage/sqlite/schema.hpp"
#include "tests/support/scratch_folder.hpp"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

namespace trawl::storage {
namespace {

using test::code_of;

crawl::StoreBatch batch_of(int count, const std::string& prefix, std::size_t padding = 0) {
  crawl::StoreBatch batch;
  for (int i = 0; i < count; ++i)
    batch.admitted.push_back(
        {.url = "http://a/" + prefix + std::to_string(i) + std::string(padding, 'x'),
         .host = "host" + std::to_string(i % 7)});
  return batch;
}

std::string text_of(Db& db, const std::string& sql) {
  Statement statement = db.prepare(sql);
  Rows rows = statement.query();
  return rows.next() ? std::string{rows.text(0)} : "no row";
}

// Makes every fsync of the write-ahead log fail while it lives.
class FailingSync {
 public:
  explicit FailingSync(sqlite3* db) {
    sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, static_cast<void*>(&log_));
    healthy_ = log_->pMethods;
    failing_ = *healthy_;
    failing_.xSync = [](sqlite3_file*, int) { return SQLITE_IOERR_FSYNC; };
    log_->pMethods = &failing_;
  }
  ~FailingSync() { log_->pMethods = healthy_; }
  FailingSync(const FailingSync&) = delete;
  FailingSync& operator=(const FailingSync&) = delete;

 private:
  sqlite3_file* log_ = nullptr;
  const sqlite3_io_methods* healthy_ = nullptr;
  sqlite3_io_methods failing_{};
};

}  // namespace

class SqliteStoreTest : public testing::Test {
 protected:
  test::ScratchFolder folder_;
  std::filesystem::path path_ = folder_.path() / "crawl.db";
};

// Pages of a round that fetches again ask for it, each while others are committed.
TEST_F(SqliteStoreTest, AReaderBesideSeesWhatIsCommittedAndWaitsForNobody) {
  SqliteStore store{path_};
  const auto reader = store.reader();
  const auto id = store.apply({.admitted = {{.url = "http://a/", .host = "a"}}}).front();
  EXPECT_FALSE(reader->recall(id).result);
  crawl::UrlUpdate update{.id = id, .outcome = {.state = crawl::UrlState::fetched, .status = 200}};
  update.history = crawl::PageHistory{.first_seen = Wall{Millis{1000}}, .fetches = 1};
  store.apply({.updates = {update}});
  auto known = reader->recall(id);
  EXPECT_EQ(known.result->status, 200);
  EXPECT_EQ(known.history.page, update.history);
  // Another writer has the database to itself.
  Db writer = Db::open(path_, Access::write);
  Transaction transaction{writer, Access::write};
  writer.exec("UPDATE result SET status=404");
  EXPECT_EQ(reader->recall(id).result->status, 200);
  transaction.commit();
  EXPECT_EQ(reader->recall(id).result->status, 404);
}

// A body in a file of its own, named after its URL or another one.
TEST_F(SqliteStoreTest, TellsWhetherAnothersRecordNamesAFile) {
  const auto file = [](const char* name) { return crawl::ArchivePosition{name, 0, 1}; };
  const auto fetched = [](crawl::UrlId id, std::optional<crawl::ArchivePosition> position) {
    return crawl::UrlUpdate{.id = id,
                            .outcome = {.state = crawl::UrlState::fetched,
                                        .status = position ? 200 : 404,
                                        .archive = std::move(position)}};
  };
  SqliteStore store{path_};
  const auto ids = store.apply(
      {.admitted = {{.url = "http://a/1", .host = "a"}, {.url = "http://a/2", .host = "a"}}});
  EXPECT_FALSE(store.is_anothers_file("files/a/1", "http://a/2"));
  store.apply({.updates = {fetched(ids[0], file("files/a/1"))}});
  for (int times = 0; times < 2; ++times) {
    EXPECT_FALSE(store.is_anothers_file("files/a/1", "http://a/1"));
    EXPECT_TRUE(store.is_anothers_file("files/a/1", "http://a/2"));
    EXPECT_FALSE(store.is_anothers_file("files/a/2", "http://a/1"));
  }
  store.apply({.updates = {fetched(ids[1], file("files/a/1"))}});
  EXPECT_TRUE(store.is_anothers_file("files/a/1", "http://a/1"));
  // The page is gone, and the file is nobody's.
  store.apply({.updates = {fetched(ids[0], {})}});
  EXPECT_FALSE(store.is_anothers_file("files/a/1", "http://a/2"));
  store.apply({.updates = {fetched(ids[1], file("files/a/2"))}});
  EXPECT_FALSE(store.is_anothers_file("files/a/1", "http://a/1"));
  EXPECT_TRUE(store.is_anothers_file("files/a/2", "http://a/1"));
}

// Which is made once, and isn't where no job asks.
TEST_F(SqliteStoreTest, LooksForAFilesRecordsByAnIndex) {
  const auto indexes = [this] {
    Db db = open_for_reading(path_);
    return db.integer("SELECT count(*) FROM sqlite_schema WHERE name='result_file'");
  };
  for (const int there : {0, 1}) {
    SqliteStore store{path_};
    const std::string url = "http://a/" + std::to_string(there);
    const auto id = store.apply({.admitted = {{.url = url, .host = "a"}}}).front();
    store.apply({.updates = {{.id = id,
                              .outcome = {.state = crawl::UrlState::fetched,
                                          .status = 200,
                                          .archive = crawl::ArchivePosition{"files/a/1", 0, 1}}}}});
    EXPECT_FALSE(store.is_anothers_file("files/a/2", url));
    EXPECT_EQ(indexes(), there);
    EXPECT_EQ(store.is_anothers_file("files/a/1", url), there == 1);
    EXPECT_EQ(indexes(), 1);
  }
}

// docs/faults.md row 60.
TEST_F(SqliteStoreTest, AFullDiskRollsBackTheWholeBatchAndLeavesTheStoreUsable) {
  Db db = open_for_writing(path_);
  db.exec("PRAGMA max_page_count=" + std::to_string(db.integer("PRAGMA page_count") + 20));
  SqliteStore store{std::move(db)};
  store.apply(batch_of(10, "first"));
  const auto before = store.totals();
  EXPECT_EQ(code_of([&] { store.apply(batch_of(1000, "big", 500)); }), Errc::disk_full);
  EXPECT_EQ(store.totals(), before);
  const auto ids = store.apply(batch_of(1, "after"));
  EXPECT_EQ(ids[0].seq, 11);
  EXPECT_EQ(open_for_reading(path_).integer("SELECT count(*) FROM results"), 11);
}

// docs/faults.md row 64.
TEST_F(SqliteStoreTest, ALockOfAnotherProgramLosesNoBatch) {
  SqliteStore store = [&] {
    Db db = open_for_writing(path_);
    db.exec("PRAGMA busy_timeout=0");
    return SqliteStore{std::move(db)};
  }();
  {
    Db other = Db::open(path_, Access::write);
    other.exec("BEGIN IMMEDIATE");
    EXPECT_EQ(code_of([&] { store.apply(batch_of(3, "a")); }), Errc::io);
  }
  EXPECT_EQ(store.apply(batch_of(3, "a")).size(), 3u);
  EXPECT_EQ(store.totals().queued, 3u);
}

// docs/faults.md row 62.
TEST_F(SqliteStoreTest, AfterAFailedFsyncNothingIsBelievedUntilTheNextStart) {
  {
    Db db = open_for_writing(path_);
    sqlite3* handle = db.native_handle();
    SqliteStore store{std::move(db)};
    store.apply(batch_of(3, "a"));
    {
      const FailingSync failing{handle};
      EXPECT_EQ(code_of([&] { store.apply(batch_of(1, "b")); }), Errc::io);
    }
    EXPECT_EQ(code_of([&] { store.apply(batch_of(1, "b")); }), Errc::io);
    EXPECT_EQ(store.totals().queued, 3u);
  }
  SqliteStore store{path_};
  EXPECT_GE(store.totals().queued, 3u);
  EXPECT_GT(store.apply(batch_of(1, "c"))[0].seq, 3);
}

TEST_F(SqliteStoreTest, AKilledProcessLeavesEveryBatchThatReturned) {
  const pid_t child = ::fork();
  if (child == 0) {
    SqliteStore store{path_};
    for (int i = 0; i < 5; ++i) store.apply(batch_of(100, std::to_string(i)));
    ::_exit(0);  // no destructor: as after a kill, the log is not moved into the file
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  {
    Db reader = open_for_reading(path_);
    EXPECT_EQ(reader.integer("SELECT count(*) FROM url"), 500);
  }
  SqliteStore store{path_};
  EXPECT_EQ(store.totals().queued, 500u);
  EXPECT_EQ(store.apply(batch_of(1, "next"))[0].seq, 501);
}

TEST_F(SqliteStoreTest, ProgressAgreesWithTheRowsThemselves) {
  SqliteStore store{path_};
  const auto ids = store.apply(batch_of(50, "a"));
  crawl::StoreBatch batch = batch_of(5, "b");
  batch.admitted[0].excluded = Errc::scope;
  for (int i = 0; i < 20; ++i)
    batch.updates.push_back(
        {.id = ids[static_cast<std::size_t>(i)],
         .outcome = {.state = i % 2 ? crawl::UrlState::fetched : crawl::UrlState::failed,
                     .bytes_wire = 10}});
  store.apply(batch);
  Db reader = open_for_reading(path_);
  const auto count = [&](int state) {
    return static_cast<std::uint64_t>(
        reader.integer("SELECT count(*) FROM url WHERE state=" + std::to_string(state)));
  };
  EXPECT_EQ(store.totals(), (crawl::StoreTotals{count(0), count(1), count(2), count(3), 200}));
}

TEST_F(SqliteStoreTest, TheViewShowsTextWhereTheTablesHoldNumbers) {
  SqliteStore store{path_};
  const auto ids = store.apply({.admitted = {{.url = "http://a/", .host = "a"}}});
  const std::string digest = "sha256:" + std::string(62, 'a') + "09";
  store.apply({.admitted = {{.url = "http://a/b", .host = "a", .via = ids[0]}},
               .updates = {{.id = ids[0],
                            .outcome = {.state = crawl::UrlState::fetched,
                                        .status = 200,
                                        .error = Errc::body_truncated,
                                        .fetched_at = Wall{Millis{1'767'225'599'007}},
                                        .digest = digest,
                                        .archive = crawl::ArchivePosition{"warc/x", 5, 6}}}},
               .marks = {{"warc/x", 11}}});
  Db reader = open_for_reading(path_);
  const std::string where = " FROM results WHERE url='http://a/'";
  EXPECT_EQ(text_of(reader, "SELECT state" + where), "fetched");
  EXPECT_EQ(text_of(reader, "SELECT error" + where), "body_truncated");
  EXPECT_EQ(text_of(reader, "SELECT fetched_at" + where), "2025-12-31T23:59:59.007Z");
  EXPECT_EQ(text_of(reader, "SELECT digest" + where), digest);
  EXPECT_EQ(text_of(reader, "SELECT archive || archive_offset || archive_length" + where),
            "warc/x56");
  EXPECT_EQ(text_of(reader, "SELECT via FROM results WHERE url='http://a/b'"), "http://a/");
  EXPECT_EQ(text_of(reader, "SELECT state FROM results WHERE url='http://a/b'"), "queued");
  EXPECT_EQ(reader.integer("SELECT bytes_wire IS NULL FROM results WHERE url='http://a/b'"), 1);
}

TEST_F(SqliteStoreTest, ADigestOfAnotherKindIsKeptAsItIs) {
  SqliteStore store{path_};
  const auto ids = store.apply(batch_of(1, "a"));
  const std::string odd = "sha256:" + std::string(64, 'X');
  store.apply(
      {.updates = {{.id = ids[0], .outcome = {.state = crawl::UrlState::fetched, .digest = odd}}}});
  Db reader = open_for_reading(path_);
  EXPECT_EQ(text_of(reader, "SELECT digest FROM results"), odd);
}

TEST_F(SqliteStoreTest, NamesWithOneFingerprintStayApart) {
  Db db = open_for_writing(path_);
  const auto print = std::to_string(name_fingerprint("b"));
  db.exec("INSERT INTO host(key, fingerprint) VALUES('a', " + print + ")");
  SqliteStore store{std::move(db)};
  store.apply({.admitted = {{.url = "http://b/", .host = "b"}}});
  ASSERT_EQ(store.hosts().size(), 2u);
  EXPECT_EQ(store.hosts()[1].key, "b");
}

TEST_F(SqliteStoreTest, TheLogStaysShortHoweverMuchIsWritten) {
  SqliteStore store{path_};
  for (int i = 0; i < 30; ++i) store.apply(batch_of(1000, std::to_string(i), 1000));
  EXPECT_LT(std::filesystem::file_size(path_.string() + "-wal"), 30u << 20);
  EXPECT_GT(std::filesystem::file_size(path_), 10u << 20);
}

}  // namespace trawl::storage
