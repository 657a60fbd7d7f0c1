#include "storage/sqlite/run_table.hpp"

#include "storage/sqlite/schema.hpp"
#include "storage/sqlite/store.hpp"
#include "tests/support/scratch_folder.hpp"

#include <gmock/gmock.h>

namespace trawl::storage {
namespace {

using crawl::RunRecord;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class RunTableTest : public testing::Test {
 protected:
  std::vector<RunRecord> runs(std::size_t runs_max = 100) {
    Db reader = open_for_reading(path_);
    return read_runs(reader, runs_max);
  }

  test::ScratchFolder folder_;
  std::filesystem::path path_ = folder_.path() / "crawl.db";
  SqliteStore store_{path_};
};

TEST_F(RunTableTest, TheEndTakesThePlaceOfTheBeginning) {
  EXPECT_THAT(runs(), IsEmpty());
  const RunRecord begun{.began_ms = 1000, .mode = "crawl"};
  store_.apply({.run = begun});
  EXPECT_THAT(runs(), ElementsAre(begun));
  const RunRecord ended{.began_ms = 1000,
                        .ended_ms = 2000,
                        .mode = "crawl",
                        .end = "limit",
                        .detail = "limits.pages = 7",
                        .fetched = 7,
                        .failed = 1,
                        .excluded = 2,
                        .queued = 3,
                        .bytes_wire = 4096};
  store_.apply({.run = ended});
  EXPECT_THAT(runs(), ElementsAre(ended));
}

TEST_F(RunTableTest, TheLastOnesComeTheOldestOfThemFirst) {
  for (const int began : {3, 1, 2}) store_.apply({.run = RunRecord{.began_ms = began}});
  EXPECT_THAT(runs(2), ElementsAre(RunRecord{.began_ms = 2}, RunRecord{.began_ms = 3}));
}

TEST_F(RunTableTest, TheOldestOfTooManyGo) {
  {
    Db db = Db::open(path_, Access::write);
    db.exec(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10050) "
        "INSERT INTO run SELECT i, NULL, 'crawl', NULL, NULL, 0, 0, 0, 0, 0 FROM n");
  }
  store_.apply({.run = RunRecord{.began_ms = 20'000}});
  const auto left = runs(100'000);
  EXPECT_THAT(left, SizeIs(10'000));
  EXPECT_EQ(left.back().began_ms, 20'000);
  EXPECT_EQ(left.front().began_ms, 52);
}

}  // namespace
}  // namespace trawl::storage
