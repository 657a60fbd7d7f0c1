// What is told of hosts whose URLs are more than are counted.
#include "storage/sqlite/host_list.hpp"

#include "storage/sqlite/schema.hpp"
#include "storage/sqlite/store.hpp"
#include "tests/support/scratch_folder.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <vector>

namespace trawl::storage {
namespace {

class HostListTest : public testing::Test {
 protected:
  std::vector<crawl::UrlId> admit(const std::string& host, int count) {
    crawl::StoreBatch batch;
    for (int i = 0; i < count; ++i)
      batch.admitted.push_back({.url = fmt::format("http://{}/{}", host, i), .host = host});
    return store_.apply(batch);
  }
  void fetch(const std::vector<crawl::UrlId>& ids, std::size_t from, std::size_t end) {
    crawl::StoreBatch batch;
    for (std::size_t i = from; i < end; ++i)
      batch.updates.push_back(
          {.id = ids[i], .outcome = {.state = crawl::UrlState::fetched, .status = 200}});
    store_.apply(batch);
  }
  HostRow row_of(const std::string& host, std::size_t counted_max) {
    Db reader = open_for_reading(path_);
    for (HostRow& row : list_hosts(reader, 10, counted_max))
      if (row.key == host) return std::move(row);
    ADD_FAILURE() << host << " is not in the list";
    return {};
  }

 private:
  test::ScratchFolder folder_;
  std::filesystem::path path_ = folder_.path() / "crawl.db";
  SqliteStore store_{path_};
};

TEST_F(HostListTest, AHostWhoseOldUrlsAreDoneIsNotDrainedWhileItsNewOnesAreQueued) {
  const auto ids = admit("a.example", 4);
  fetch(ids, 0, 3);
  const HostRow host = row_of("a.example", 3);
  EXPECT_EQ(host.queued, 0U);
  EXPECT_EQ(host.fetched, 3U);
  EXPECT_TRUE(host.counts_cut);
  EXPECT_FALSE(host.drained);
  fetch(ids, 3, 4);
  EXPECT_TRUE(row_of("a.example", 3).drained);
}

TEST_F(HostListTest, AHostThatIsCountedInFullIsDrainedWhileOthersAreNot) {
  fetch(admit("a.example", 2), 0, 2);
  admit("b.example", 1);
  EXPECT_TRUE(row_of("a.example", 3).drained);
  EXPECT_FALSE(row_of("b.example", 3).drained);
}

}  // namespace
}  // namespace trawl::storage
