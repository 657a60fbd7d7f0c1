#pragma once
// What a crawl of the hostile site has recorded, behaviour by behaviour, beside what it was to.

#include "core/crawl/state/record.hpp"
#include "service/demo/hostile_site.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

namespace trawl::service::demo {

using RecordsByUrl = std::map<std::string, crawl::Record>;

struct Observed {
  std::string state;  // "no record" without one
  std::string error;  // of a redirect: of the hop at which its chain ends
  std::string note;
  bool truncated = false;
  std::optional<int> status;
  std::uint64_t bytes_body = 0;

  bool as_expected(const Expected& expected) const;
};

// url: of the behaviour's page, as it was asked for.
Observed observe(const RecordsByUrl& records, const std::string& url);

// Throws what storage throws.
RecordsByUrl read_all_records(const std::filesystem::path& folder);

struct HostileReport {
  std::string text;  // a line a behaviour, and a line of totals
  std::size_t unexpected = 0;
};
HostileReport report_hostile(const RecordsByUrl& records, std::string_view origin);

}  // namespace trawl::service::demo
