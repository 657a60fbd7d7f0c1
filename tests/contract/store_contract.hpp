#pragma once
// What every Store must do. A backend instantiates the suite with a way to make and reopen one:
//   INSTANTIATE_TEST_SUITE_P(Memory, StoreContract, testing::Values(&make_memory_backend));

#include "core/crawl/state/store.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace trawl::test {

class StoreBackend {
 public:
  virtual ~StoreBackend() = default;
  virtual crawl::Store& store() = 0;
  // Ends the store and opens it again from what it has committed; in memory: nothing.
  virtual void reopen() = 0;
  virtual std::optional<crawl::Record> record(std::string_view url) = 0;
};

using BackendFactory = std::unique_ptr<StoreBackend> (*)();

class StoreContract : public testing::TestWithParam<BackendFactory> {
 protected:
  crawl::Store& store() { return backend_->store(); }
  void reopen() { backend_->reopen(); }
  std::optional<crawl::Record> record(std::string_view url) { return backend_->record(url); }

  std::unique_ptr<StoreBackend> backend_ = GetParam()();
};

}  // namespace trawl::test
