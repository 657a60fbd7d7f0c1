#pragma once
// The files of the source tree that the tidy checks read.

#include <string>
#include <string_view>
#include <vector>

namespace trawl::tidy {

struct SourceFile {
  std::string path;  // relative to the root, with '/'
  std::string text;

  bool is_header() const { return path.ends_with(".hpp"); }
  bool is_source() const { return path.ends_with(".cpp"); }
  bool is_cmake() const { return path.ends_with("CMakeLists.txt") || path.ends_with(".cmake"); }
  bool is_under(std::string_view folder) const;  // folder without a slash at its end
};

// All .cpp, .hpp and CMake files of ours under root, by path. Throws when root can't be read.
std::vector<SourceFile> read_source_tree(const std::string& root);

// The text with comments and the insides of string and character literals blanked; lines stay where
// they are, and so do the paths of #include lines.
std::string code_only(std::string_view text);

std::vector<std::string_view> lines_of(std::string_view text);

}  // namespace trawl::tidy
