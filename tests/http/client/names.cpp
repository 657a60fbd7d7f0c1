// The program's definition comes before the C library's for libcurl too; numbers are passed on.
#include "tests/http/client/names.hpp"

#include <dlfcn.h>
#include <netdb.h>

#include <string_view>
#include <thread>

namespace {

using Resolve = int (*)(const char*, const char*, const addrinfo*, addrinfo**);

int system_resolve(const char* node, const char* service, const addrinfo* hints,
                   addrinfo** result) {
  static const auto next = reinterpret_cast<Resolve>(::dlsym(RTLD_NEXT, "getaddrinfo"));
  return next(node, service, hints, result);
}

int two_addresses(const char* first, const char* second, const char* service, const addrinfo* hints,
                  addrinfo** result) {
  addrinfo any = hints != nullptr ? *hints : addrinfo{};
  any.ai_family = AF_UNSPEC;
  any.ai_flags = AI_NUMERICHOST;
  const int failed = system_resolve(first, service, &any, result);
  return failed != 0 ? failed : system_resolve(second, service, &any, &(*result)->ai_next);
}

}  // namespace

extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints,
                           addrinfo** result) {
  const std::string_view name{node != nullptr ? node : ""};
  if (name == "mixed.test") return two_addresses("10.0.0.1", "127.0.0.1", service, hints, result);
  if (name == "private.test") return two_addresses("10.0.0.1", "10.0.0.2", service, hints, result);
  if (name == "dual.test") return two_addresses("::1", "127.0.0.1", service, hints, result);
  if (name == "slow.test") std::this_thread::sleep_for(trawl::http::names_slow_time);
  if (name.ends_with(".test") || name.ends_with(".invalid")) return EAI_NONAME;
  return system_resolve(node, service, hints, result);
}
