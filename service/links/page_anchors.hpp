#pragma once
// PageAnchors: which fragments the kept pages of crawls have a place for.

#include "core/base/result.hpp"
#include "core/crawl/state/record.hpp"

#include <boost/unordered/unordered_flat_set.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>

namespace trawl::service {

class PageAnchors {
 public:
  // Reads the page of a record, unless it is no HTML or was cut. folder: the output folder. Memory:
  // some 16 bytes for each anchor. Errors: as read_stored_page().
  Result<> add(const std::filesystem::path& folder, const crawl::Record& record);

  // url: fingerprint of the page's URL. Absent: the fragment needs no place, or the page is not
  // known.
  std::optional<bool> has(std::uint64_t url, std::string_view fragment) const;

 private:
  boost::unordered_flat_set<std::uint64_t> pages_;    // fingerprints of their URLs
  boost::unordered_flat_set<std::uint64_t> anchors_;  // of URL and name together
};

}  // namespace trawl::service
