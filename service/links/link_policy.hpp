#pragma once
// LinkPolicy: which broken links a checker is not to complain of: those that its owner has decided
// about, and those that were there before.

#include "core/crawl/job/url_pattern.hpp"
#include "service/links/link_lines.hpp"
#include "storage/sqlite/queries.hpp"

#include <boost/unordered/unordered_flat_set.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace trawl::service {

class LinkPolicy {
 public:
  // Files of patterns, one a line: of links as pages have them, absolute and with their fragment,
  // or behind "page:" of pages; "#" and a blank begin a comment, empty lines are none. Throws
  // Failure: usage with the file and the line, io.
  void ignore_by(const std::string& file);
  // HTTP statuses that are no faults: "403,429,999".
  void accept(const std::string& statuses);
  // A file that `trawl links` wrote as jsonl: what is in it is not new. Likewise.
  void know(const std::string& file);

  enum class Verdict : std::uint8_t { counts, ignored, known };
  Verdict judge(const FoundLink& found) const;

 private:
  std::vector<crawl::UrlPattern> links_, pages_;
  std::vector<storage::StatusRange> accepted_;
  boost::unordered_flat_set<std::uint64_t> known_;  // fingerprints of page and link
};

}  // namespace trawl::service
