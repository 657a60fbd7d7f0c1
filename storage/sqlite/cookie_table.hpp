#pragma once
// The table cookie: the jar of a job with fetch.cookies = "persist".

#include "core/web/headers/cookie_jar.hpp"
#include "storage/sqlite/db.hpp"

#include <vector>

namespace trawl::storage {

class CookieTable {
 public:
  explicit CookieTable(Db& db);

  // Inside a transaction; in order.
  void write(const std::vector<web::CookieChange>& changes);

 private:
  Statement upsert_;
  Statement delete_;
};

// All of them, in the order in which they were made. A reading connection will do.
std::vector<web::Cookie> read_cookies(Db& db);

}  // namespace trawl::storage
