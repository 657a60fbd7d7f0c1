#pragma once
// Forget: takes what a crawl has kept of some URLs out of its folder, for whoever has to: a record
// that must not be kept, a page that its owner wants removed.

#include "core/base/result.hpp"
#include "core/crawl/job/url_pattern.hpp"
#include "storage/forgetting.hpp"
#include "storage/open.hpp"

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace trawl::service {

// Which URLs; each of the three adds some.
struct ForgetSelection {
  std::vector<std::vector<std::string>> urls;  // each in the forms that it may have (url_forms())
  std::vector<crawl::UrlPattern> patterns;
  std::vector<std::string> hosts;  // name, or name:port; without a port all of its ports

  bool has(std::string_view url) const;
};

// May be read by another thread while the search goes on.
struct ForgetFigures {
  std::atomic<std::uint64_t> files = 0;    // of the archive, begun
  std::atomic<std::uint64_t> records = 0;  // seen
};

struct ForgetPlan {
  storage::Forgetting what;
  std::vector<std::string> names;        // of the URLs, the first of them
  std::vector<std::size_t> unknown;      // of ForgetSelection::urls, those that nothing is known of
  bool known = false;                    // anything of the selection
  std::uint64_t records = 0, bytes = 0;  // of the archive
  std::uint64_t lost = 0;                // answers of other URLs whose body was with one of theirs
  std::uint64_t files = 0;               // of files/ and offline/
  // In warc/, and the database doesn't know them: nobody looked at what is in them.
  std::vector<std::string> others;
};

// What there is of them: rows, archive records (of a mirror that served one, too), files, and the
// pages whose body is kept with one of theirs. Reads the archive once or twice. folder: is held.
// on_damage: of a part of an archive that can't be read; what is in it is not found. Throws
// Failure{io} for the database.
ForgetPlan plan_forgetting(const std::filesystem::path& folder, storage::Db& db,
                           const ForgetSelection& selection, ForgetFigures& figures,
                           const std::function<void(const Error&)>& on_damage);

}  // namespace trawl::service
