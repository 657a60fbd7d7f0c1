// The program's definition comes before the C library's for libcurl too. libcurl is to look nothing
// up by itself: a thread for each name, in a process that may have thousands.
#include "tests/http/client/names.hpp"

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <netdb.h>

#include <atomic>
#include <string_view>

namespace {

std::atomic<int> lookups_of_the_c_library = 0;

bool is_number(const char* node) {
  return node == nullptr || trawl::http::IpAddress::parse(node);
}

// At the end of the whole program.
class NobodyAskedTheCLibrary final : public testing::Environment {
  void TearDown() override {
    EXPECT_EQ(lookups_of_the_c_library, 0) << "names were resolved by getaddrinfo()";
  }
};
[[maybe_unused]] const auto* const registered =
    testing::AddGlobalTestEnvironment(new NobodyAskedTheCLibrary);

}  // namespace

extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints,
                           addrinfo** result) {
  using Resolve = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
  static const auto next = reinterpret_cast<Resolve>(::dlsym(RTLD_NEXT, "getaddrinfo"));
  if (is_number(node)) return next(node, service, hints, result);
  ++lookups_of_the_c_library;
  return EAI_NONAME;
}
