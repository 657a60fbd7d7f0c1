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

class UrlPattern {
 public:
  // Errors: Errc::config for an invalid expression, and for a glob that no http(s) URL can match,
  // such as "example.org/*", which lacks the scheme.
  static Result<UrlPattern> create(std::string_view text);

  bool matches(std::string_view url) const;
  const std::string& text() const { return text_; }  // as configured
  std::size_t program_size() const;                  // of an expression, in instructions; else 0

 private:
  UrlPattern() = default;

  std::string text_;
  std::shared_ptr<const re2::RE2> expression_;  // null for a glob; shared by copies of a scope
};

}  // namespace trawl::crawl
