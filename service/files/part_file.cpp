// What a kill left of a part is written over by the next attempt.
#include "service/files/part_file.hpp"

#include "core/base/result.hpp"
#include "service/files/crawl_files.hpp"
#include "storage/files/file_handle.hpp"

#include <fmt/format.h>

#include <utility>

namespace trawl::service {
namespace {

namespace fs = std::filesystem;

// What a link leads to is replaced, not the link.
fs::path checked(fs::path file, std::string_view advice) {
  std::error_code error;
  if (fs::is_directory(file, error))
    throw Failure(Errc::usage, fmt::format("{} is a folder; name a file", file.string()));
  if (fs::exists(file, error) && !fs::is_regular_file(file, error))
    throw Failure(Errc::usage,
                  fmt::format("{} is no regular file, which would be replaced by one; {}",
                              file.string(), advice));
  return without_links(std::move(file));
}

}  // namespace

PartFile::PartFile(fs::path file, std::string_view advice)
    : file_(checked(std::move(file), advice)), part_(file_.string() + ".part"), lock_(part_) {
  fs::resize_file(part_, 0);
}

PartFile::~PartFile() {
  std::error_code ignored;
  if (!placed_) fs::remove(part_, ignored);
}

void PartFile::place() {
  storage::rename_file(part_, file_);
  placed_ = true;
  storage::sync_directory(fs::absolute(file_).parent_path());
}

}  // namespace trawl::service
