#include "storage/sqlite/queries.hpp"
#include "storage/sqlite/schema.hpp"
#include "storage/sqlite/store.hpp"
#include "tests/contract/store_contract.hpp"
#include "tests/support/scratch_folder.hpp"

namespace trawl::test {
namespace {

class SqliteBackend final : public StoreBackend {
 public:
  crawl::Store& store() override { return *store_; }
  void reopen() override {
    store_.reset();
    store_.emplace(database_);
  }
  std::optional<crawl::Record> record(std::string_view url) override {
    storage::Db reader = storage::open_for_reading(database_);
    const std::string_view host = url.substr(7, url.find('/', 7) - 7);
    return storage::find_record(reader, url, host);
  }

 private:
  ScratchFolder folder_;
  std::filesystem::path database_ = folder_.path() / "crawl.db";
  std::optional<storage::SqliteStore> store_{std::in_place, database_};
};

std::unique_ptr<StoreBackend> make_sqlite_backend() {
  return std::make_unique<SqliteBackend>();
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(Sqlite, StoreContract, testing::Values(&make_sqlite_backend));

}  // namespace trawl::test
