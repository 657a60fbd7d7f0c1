#include "core/crawl/scope/location.hpp"

#include <gtest/gtest.h>

namespace trawl::crawl {
namespace {

std::string target(std::string_view location) {
  const auto url = parse_location(location, *web::Url::parse("http://h/folder/page"));
  return url ? url->href() : "none";
}

TEST(Location, BytesThatAreNoUtf8StayWhatTheyAre) {
  EXPECT_EQ(target("/caf\xE9?a=\xFF"), "http://h/caf%E9?a=%FF");
  EXPECT_EQ(target("caf\xC3\xA9"), "http://h/folder/caf%C3%A9");
  EXPECT_EQ(target("/%E9"), "http://h/%E9");
  EXPECT_EQ(target("//b\xC3\xBC"
                   "cher.example/"),
            "http://xn--bcher-kva.example/");
  EXPECT_EQ(target("http://[::1/"), "none");
}

}  // namespace
}  // namespace trawl::crawl
