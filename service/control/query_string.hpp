#pragma once
// The query of a request's target, as forms write it (WHATWG URL, section 5.1). Pure.

#include "core/base/result.hpp"

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trawl::service::control {

// %XX decoded, and "+" as a space where form is set. Errors: Errc::usage for a % that two hex
// digits don't follow and for a NUL.
Result<std::string> decode_percent(std::string_view text, bool form);

class QueryString {
 public:
  // text: without "?". Errors: Errc::usage for what can't be decoded, for a name that comes twice
  // and for too many of them.
  static Result<QueryString> parse(std::string_view text);

  // The value, or empty.
  std::string_view get(std::string_view name) const;
  bool has(std::string_view name) const;

  // Errors: Errc::usage for a name that isn't among these, naming the nearest. A slip would
  // otherwise be no condition, and give everything.
  Result<> allow_only(std::span<const std::string_view> names) const;

 private:
  std::vector<std::pair<std::string, std::string>> parameters_;
};

}  // namespace trawl::service::control
