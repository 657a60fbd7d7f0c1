#pragma once
// The table hsts: hosts that ask for https alone.

#include "core/web/headers/hsts.hpp"
#include "storage/sqlite/db.hpp"

#include <vector>

namespace trawl::storage {

class HstsTable {
 public:
  explicit HstsTable(Db& db);

  // Inside a transaction; in order.
  void write(const std::vector<web::HstsChange>& changes);

 private:
  Statement upsert_;
  Statement delete_;
};

// All of them, by name. A reading connection will do.
std::vector<web::HstsHost> read_hsts(Db& db);

}  // namespace trawl::storage
