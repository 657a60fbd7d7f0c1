#pragma once
// Who may include whom: the libraries, the parts inside each, and where a library of others is at
// home. ARCHITECTURE.md has the same as a picture.

#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace trawl::tidy {

// A folder with what it may include besides itself.
struct Layer {
  std::string_view folder;
  std::vector<std::string_view> may_include;
};

// "core/web", for any file below it; none outside the program's folders, tests and cmake.
std::optional<std::string_view> folder_of(std::string_view path);

std::span<const Layer> layers();

// "core/web/url", or the library's own folder for a file that stands there. path: of a file below a
// folder that folder_of() knows.
std::string_view part_of(std::string_view path);

// The parts of libraries that have some. Arrows go one way, so that a part can be read, tested and
// changed without those above it.
std::span<const Layer> parts();

// The headers of another library, by how their names begin, and the folders that may include them.
struct Home {
  std::string_view prefix;
  std::vector<std::string_view> folders;
};
std::span<const Home> homes();

}  // namespace trawl::tidy
