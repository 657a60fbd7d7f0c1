// What the crawl's job said is in the folder. A folder that is read twice would have each of its
// links counted twice, so paths are compared by what they lead to.
#include "service/links/link_folder.hpp"

#include "core/crawl/scope/admission.hpp"
#include "core/web/digest.hpp"
#include "service/records/stored_job.hpp"
#include "storage/open.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

namespace trawl::service {
namespace {

LinkFolder open_link_folder(const std::string& path) {
  auto db = storage::open_results(path);
  const crawl::JobSpec job = read_stored_job(db).spec;
  return {path, std::move(db), crawl::canonical_rules(job.urls)};
}

}  // namespace

std::vector<LinkFolder> open_link_folders(const std::vector<std::string>& paths) {
  std::vector<LinkFolder> folders;
  for (const std::string& path : paths) {
    const auto is_it = [&path](const LinkFolder& other) {
      std::error_code unknown;  // what can't be asked for can't be opened either
      return std::filesystem::equivalent(path, other.path, unknown);
    };
    if (std::ranges::none_of(folders, is_it)) folders.push_back(open_link_folder(path));
  }
  return folders;
}

Result<std::vector<std::uint64_t>> link_prints(const std::vector<LinkFolder>& folders,
                                               const std::string& text) {
  std::vector<std::string> spellings{text};
  if (!text.contains("://")) spellings = {"https://" + text, "http://" + text};
  std::vector<std::uint64_t> prints;
  Error fault{Errc::bad_url, {}};
  for (const std::string& spelling : spellings) {
    const auto url = web::Url::parse(spelling);
    if (!url) return std::unexpected(url.error());
    for (const LinkFolder& folder : folders) {
      // The rules of another folder may take it all the same.
      if (const auto canonical = web::canonicalise(*url, folder.rules))
        prints.push_back(web::fingerprint(canonical->href()));
      else
        fault = canonical.error();
    }
  }
  if (prints.empty()) return std::unexpected(std::move(fault));
  return prints;
}

}  // namespace trawl::service
