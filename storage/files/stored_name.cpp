// By the name alone, so that it is the same whatever is there. A step up is refused also where it
// stays inside: no name that trawl writes has one, and "files/../crawl.db" is no body.
#include "storage/files/stored_name.hpp"

#include <algorithm>
#include <filesystem>

namespace trawl::storage {

namespace fs = std::filesystem;

bool lies_inside(std::string_view name) {
  const fs::path path{name};
  return !path.empty() && path.is_relative() && !name.contains('\0') &&
         std::ranges::none_of(path, [](const fs::path& part) { return part == ".."; });
}

}  // namespace trawl::storage
