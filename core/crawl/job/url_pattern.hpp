#pragma once
// UrlPattern: one entry of scope.include, scope.exclude: a glob on the whole URL, or "re:" and an
// RE2 expression that matches anywhere in it. Immutable; may be used by any thread.

#include "core/base/result.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace trawl::crawl {

// `*` is any run of characters, `?` one character, everything else itself. The whole text must
// match. No recursion; O(pattern x text) at worst.
bool glob_matches(std::string_view glob, std::string_view text);

struct GlobForms;

class UrlPattern {
 public:
  // A glob's characters beyond ASCII stand for what URLs have in their place: the percent-encoded
  // UTF-8, and Punycode in a host. What else URLs spell in another way it matches as well, by
  // canonical_forms(). Errors: Errc::config for malformed UTF-8, for an invalid
  // expression or one with characters beyond ASCII, for a glob that no http(s) URL can match, such
  // as "example.org/*", which lacks the scheme, and for one with half a name beyond ASCII as host.
  static Result<UrlPattern> create(std::string_view text);

  bool matches(std::string_view url) const;
  const std::string& text() const { return text_; }  // as configured
  std::size_t program_size() const;                  // of an expression, in instructions; else 0

 private:
  UrlPattern() = default;

  std::string text_;
  std::string glob_;  // in ASCII, escapes in upper case; empty for an expression
  std::shared_ptr<const GlobForms> forms_;      // null: the glob is spelled as URLs are
  std::shared_ptr<const re2::RE2> expression_;  // null for a glob; shared by copies of a scope
};

}  // namespace trawl::crawl
