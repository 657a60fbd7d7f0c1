#pragma once
// The tables of what few URLs have: a request that is more than a plain GET, and the kept part of a
// body. Writer thread.

#include "core/crawl/state/store.hpp"
#include "storage/sqlite/db.hpp"

#include <vector>

namespace trawl::storage {

class RequestTable {
 public:
  explicit RequestTable(Db& db);

  // Whether there is any; without one nobody has to look.
  bool any() const { return any_; }
  void insert(crawl::UrlId id, const crawl::RequestSpec& request);
  void write_sent(crawl::UrlId id, bool sent);
  void write_served_by(crawl::UrlId id, std::string_view url);
  // Null for a plain GET.
  crawl::SharedRequest find(crawl::UrlId id);

 private:
  bool any_;
  Statement insert_;
  Statement write_sent_;
  Statement write_served_by_;
  Statement select_;
};

class PartTable {
 public:
  explicit PartTable(Db& db);

  void write(const crawl::PartUpdate& update);
  std::vector<crawl::PartUpdate> all();

 private:
  Statement upsert_;
  Statement erase_;
  Statement select_;
};

}  // namespace trawl::storage
