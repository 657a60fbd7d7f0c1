#pragma once
// This program's own getaddrinfo(), so that no test asks a name server:
//   slow.test             no address, after names_slow_time
//   mixed.test            10.0.0.1 first, then 127.0.0.1
//   private.test          10.0.0.1 and 10.0.0.2
//   dual.test             ::1 first, then 127.0.0.1
//   every other name under .test and .invalid: no such name, at once

#include <chrono>

namespace trawl::http {

inline constexpr std::chrono::milliseconds names_slow_time{700};

}  // namespace trawl::http
