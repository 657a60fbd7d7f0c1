#pragma once
// TypeFilter: media types by patterns, as users write them: text/html, image/*, pdf. Pure.

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace trawl::web {

// Of a type and a subtype of 127 bytes each (RFC 6838, 4.2).
inline constexpr std::size_t type_bytes_max = 255;

// The globs on "type/subtype", in lower case, that a word stands for; one without a slash is either
// half: "image" is image/* or */image. Absent: it is no such word.
std::optional<std::vector<std::string>> type_globs(std::string_view word);

class TypeFilter {
 public:
  // What type_globs() refuses matches nothing.
  explicit TypeFilter(std::span<const std::string> words);

  bool empty() const { return globs_.empty(); }
  // essence: "text/html", in lower case. Without words all are taken.
  bool takes(std::string_view essence) const;

 private:
  std::vector<std::string> globs_;
};

}  // namespace trawl::web
