#pragma once
// What an error code of a record means to its reader, and what can be done about it.

#include "core/base/error.hpp"

#include <string_view>

namespace trawl::service {

struct ErrorAdvice {
  std::string_view meaning;  // a clause: "the host's name has no address"
  std::string_view advice;   // a sentence; empty where there is nothing to do
};

// Static storage.
ErrorAdvice advice_for(Errc code);

}  // namespace trawl::service
