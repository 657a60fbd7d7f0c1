#include "storage/sqlite/epochs.hpp"

#include "storage/sqlite/changes.hpp"
#include "storage/sqlite/forget.hpp"
#include "storage/sqlite/schema.hpp"
#include "storage/sqlite/store.hpp"
#include "tests/support/scratch_folder.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <set>

namespace trawl::storage {
namespace {

TEST(FeedCursor, IsTextAndBack) {
  for (const char* text : {"0", "4711", "4711-9f3a1c2e", "1-00000001"})
    EXPECT_EQ(FeedCursor::parse(text).value_or(FeedCursor{}).text(), text);
  for (const char* text : {"", "-", "-1", "1-", "1-0", "x", "1-9f3a1c2g", "1-9f3a1c2e0", "1 ",
                           "99999999999999999999", "1--9f3a1c2", "-1-9f3a1c2e"})
    EXPECT_FALSE(FeedCursor::parse(text)) << text;
}

// A folder, and runs that commit in it.
class Epochs : public testing::Test {
 protected:
  std::filesystem::path path() const { return folder_.path() / "crawl.db"; }
  void run(int commits) {
    SqliteStore store{path()};
    for (int i = 0; i < commits; ++i)
      store.apply({.admitted = {{.url = "http://h/", .host = "h"}}});
  }
  FeedCursor here() {
    Db db = open_for_reading(path());
    return cursor_at(db, last_commit(db));
  }
  bool has(const FeedCursor& cursor) {
    Db db = open_for_reading(path());
    return has_place(db, cursor);
  }

  test::ScratchFolder folder_;
};

TEST_F(Epochs, EachRunThatCommitsHasItsOwn) {
  run(2);
  const FeedCursor first = here();
  EXPECT_EQ(first.commit, 2);
  EXPECT_NE(first.epoch, 0U);
  run(0);
  EXPECT_EQ(here(), first);
  run(3);
  EXPECT_EQ(here().commit, 5);
  EXPECT_NE(here().epoch, first.epoch);
  EXPECT_TRUE(has(first));
  EXPECT_TRUE(has(here()));
  EXPECT_TRUE(has({1, first.epoch}));
  EXPECT_TRUE(has({0, 0}));
  EXPECT_FALSE(has({2, here().epoch}));
  EXPECT_FALSE(has({3, first.epoch}));
  EXPECT_FALSE(has({6, here().epoch}));
  EXPECT_FALSE(has({2, 0}));
}

TEST_F(Epochs, TellAPlaceThatWasLostWhenACopyWasPutBack) {
  run(2);
  const auto copy = folder_.path() / "copy.db";
  std::filesystem::copy_file(path(), copy);
  const FeedCursor kept = here();
  run(2);
  const FeedCursor lost = here();
  std::filesystem::copy_file(copy, path(), std::filesystem::copy_options::overwrite_existing);
  EXPECT_TRUE(has(kept));
  EXPECT_FALSE(has(lost));
  run(5);
  EXPECT_TRUE(has(kept));
  EXPECT_FALSE(has(lost));
}

TEST_F(Epochs, BeginWithWhatIsForgotten) {
  run(1);
  const FeedCursor before = here();
  {
    Db db = open_for_writing(path());
    Transaction transaction{db, Access::write};
    const crawl::UrlId id{1, 1};
    forget_urls(db, {&id, 1});
    transaction.commit();
  }
  EXPECT_EQ(here().commit, 2);
  EXPECT_NE(here().epoch, before.epoch);
}

// What an earlier trawl wrote is of none.
TEST_F(Epochs, APlaceOfATimeWithoutThemIsKnown) {
  run(3);
  Db::open(path(), Access::write).exec("DELETE FROM epoch");
  EXPECT_EQ(here().text(), "3");
  EXPECT_TRUE(has({3, 0}));
  run(1);
  EXPECT_TRUE(has({3, 0}));
  EXPECT_FALSE(has({4, 0}));
}

TEST_F(Epochs, TheOldestOfTooManyAreTakenOnTrust) {
  run(1);
  const FeedCursor first = here();
  {
    Db db = Db::open(path(), Access::write);
    Transaction transaction{db, Access::write};
    db.exec("UPDATE progress SET commits = 20000");
    db.exec(
        "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 10000) "
        "INSERT INTO epoch SELECT i, i FROM n");
    begin_epoch(db, 10'001);
    EXPECT_EQ(db.integer("SELECT count(*) FROM epoch"), 10'000);
    transaction.commit();
  }
  EXPECT_TRUE(has(first));
  EXPECT_FALSE(has({2, first.epoch}));
}

}  // namespace
}  // namespace trawl::storage
