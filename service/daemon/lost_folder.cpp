// Of a disk that is not mounted nothing is left but an empty folder, or none: a run there would
// fetch everything anew, into a place that the disk hides when it comes back. Who wants just that
// has a job without a history do it.
#include "service/daemon/lost_folder.hpp"

#include "core/base/result.hpp"

#include <fmt/format.h>

#include <system_error>

namespace trawl::service {

void refuse_lost_folder(const std::filesystem::path& folder, const crawl::StoreTotals& had) {
  const std::uint64_t urls = had.queued + had.fetched + had.failed + had.excluded;
  if (urls == 0) return;
  std::error_code error;
  const auto bytes = std::filesystem::file_size(folder / "crawl.db", error);
  // Of what can't be looked at its opening says more.
  const bool missing =
      error == std::errc::no_such_file_or_directory || error == std::errc::not_a_directory;
  if (error ? !missing : bytes > 0) return;
  throw Failure(
      Errc::io,
      fmt::format("{} has no crawl.db, though runs of this job left {} there: when its disk is not "
                  "mounted, mount it, or put the folder back, and resume the job; to begin from "
                  "nothing, remove the job and add it again",
                  std::filesystem::absolute(folder).lexically_normal().string(),
                  urls == 1 ? "a URL" : fmt::format("{} URLs", urls)));
}

}  // namespace trawl::service
