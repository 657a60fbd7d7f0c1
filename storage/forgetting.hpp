#pragma once
// Forgetting: what a folder holds of some URLs, taken out of its database, its archives and its
// files as one step. What is to be done is written down first, so that one that was killed is
// finished by whoever opens the folder next.

#include "core/crawl/state/record.hpp"
#include "storage/open.hpp"
#include "storage/warc/erase.hpp"

#include <map>
#include <string>
#include <vector>

namespace trawl::storage {

// In the folder while one is under way.
inline constexpr const char* forgetting_list = "forgetting.list";

struct Forgetting {
  std::vector<crawl::UrlId> urls;          // that are forgotten
  std::vector<crawl::UrlId> without_body;  // whose body goes with them: see lose_bodies()
  std::vector<std::string> origins;        // whose robots.txt is forgotten
  std::vector<std::string> files;          // relative to the folder
  std::map<std::string, std::vector<RecordRange>> records;  // by archive file, likewise

  bool empty() const {
    return urls.empty() && without_body.empty() && origins.empty() && files.empty() &&
           records.empty();
  }
};

// Writes it down, and does it. folder: has no store open. False when somebody reads the database,
// whose log keeps pages as they were until they are done. Throws Failure; what was begun is then
// finished by finish_forgetting(), which opening a store does.
bool forget(const OutputFolder& folder, const Forgetting& what);

// Finishes what was begun there and not finished; mostly nothing. Throws Failure.
void finish_forgetting(const OutputFolder& folder);

}  // namespace trawl::storage
