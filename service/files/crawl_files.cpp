// By name: a crawl may have been made by another version, which had other files.
#include "service/files/crawl_files.hpp"

#include "core/base/result.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <system_error>

namespace trawl::service {
namespace {

namespace fs = std::filesystem;

constexpr int links_max = 40;  // as the kernel has it
constexpr const char* own[] = {".lock", "files", "offline", "tmp", "warc"};

bool is_own(const std::string& name) {
  return name.starts_with("crawl.db") || std::ranges::find(own, name) != std::end(own);
}

}  // namespace

fs::path without_links(fs::path file) {
  std::error_code error;
  for (int links = 0; links < links_max && fs::is_symlink(file, error); ++links)
    file = file.parent_path() / fs::read_symlink(file, error);
  return file;
}

void refuse_crawl_files(const fs::path& folder, const fs::path& file) {
  std::error_code error;
  const fs::path root = fs::weakly_canonical(folder, error);
  if (error) return;
  const fs::path target = fs::weakly_canonical(without_links(file), error);
  if (error) return;
  const fs::path inside = target.lexically_relative(root);
  if (inside.empty() || !is_own(inside.begin()->string())) return;
  throw Failure(Errc::usage, fmt::format("{} is a part of the crawl in {}; name another file",
                                         file.string(), folder.string()));
}

}  // namespace trawl::service
