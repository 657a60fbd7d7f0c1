#pragma once
// The short way for ordinary links: most of a page's links are ASCII, without anything that the
// parser would have to change.

#include "core/web/url.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

namespace trawl::web {

// Reads http and https URLs, absolute or relative, that need no encoding, no lower-casing and no
// dot segment removed but leading "./" and "../". Equal to the parser in everything it takes.
class PlainLink {
 public:
  // Nothing where the link is not plain; then the parser decides. One allocation for the result.
  static std::optional<Url> read(std::string_view input, const Url* base);

 private:
  struct Tail;  // where query and fragment begin
  static std::optional<Url> read_absolute(std::string_view protocol, std::string_view authority);
  static std::optional<Url> read_relative(std::string_view input, const Url& base);
  static std::optional<Url> join(const Url& base, std::size_t kept, std::string_view text,
                                 const Tail& tail);
};

}  // namespace trawl::web
