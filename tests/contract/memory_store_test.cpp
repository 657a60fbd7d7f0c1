#include "tests/support/memory_store.hpp"

#include "core/base/result.hpp"
#include "tests/contract/store_contract.hpp"

namespace trawl::test {
namespace {

class MemoryBackend final : public StoreBackend {
 public:
  crawl::Store& store() override { return store_; }
  void reopen() override {}
  std::optional<crawl::Record> record(std::string_view url) override { return store_.record(url); }

 private:
  MemoryStore store_;
};

std::unique_ptr<StoreBackend> make_memory_backend() {
  return std::make_unique<MemoryBackend>();
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(Memory, StoreContract, testing::Values(&make_memory_backend));

TEST(MemoryStore, AFailureOnDemandStoresNothingAndPasses) {
  MemoryStore store;
  store.fail_next({Errc::disk_full, "no space"});
  EXPECT_THROW(store.apply({.admitted = {{.url = "http://a/", .host = "a"}}}), Failure);
  EXPECT_EQ(store.totals().queued, 0u);
  EXPECT_EQ(store.apply({.admitted = {{.url = "http://a/", .host = "a"}}}).size(), 1u);
  EXPECT_EQ(store.commits(), 1u);
}

}  // namespace trawl::test
