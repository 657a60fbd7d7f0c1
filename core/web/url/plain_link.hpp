#pragma once
// The short way for ordinary links: most of a page's links are ASCII, without anything that the
// parser would have to change.

#include "core/web/url/url.hpp"

#include <cstddef>
#include <string_view>

namespace trawl::web {

// Reads http and https URLs, absolute or relative, that need no encoding, no lower-casing and no
// dot segment removed but leading "./" and "../". Equal to the parser in everything it takes.
class PlainLink {
 public:
  // False where the link is not plain; url is then as it was, and the parser decides. url must be
  // fresh. One allocation.
  static bool read(std::string_view input, const Url* base, Url& url);

 private:
  struct Tail;  // where query and fragment begin
  static bool read_absolute(std::string_view protocol, std::string_view authority, Url& url);
  static bool read_relative(std::string_view input, const Url& base, Url& url);
  static bool join(const Url& base, std::size_t kept, std::string_view text, const Tail& tail,
                   Url& url);
};

}  // namespace trawl::web
