#include "service/text/json_text.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <string>

namespace trawl::service {
namespace {

std::string wrong(std::string_view text) {
  const auto value = parse_json(text, 8);
  return value ? "" : value.error().detail;
}

TEST(ParseJson, SaysWhereTheFaultIs) {
  EXPECT_EQ(parse_json(" {\"a\": [1]} \n").value().at("a").at(0), 1);
  EXPECT_TRUE(wrong("{bad").starts_with("line 1, column 2: ")) << wrong("{bad");
  EXPECT_TRUE(wrong("{\n  \"a\": 1,\n  \"b\" 2}").starts_with("line 3, column 7: "))
      << wrong("{\n  \"a\": 1,\n  \"b\" 2}");
  EXPECT_TRUE(wrong("").starts_with("line 1, column 1: "));
  EXPECT_TRUE(wrong("{\"a\": ").starts_with("line 1, column 7: ")) << wrong("{\"a\": ");
  EXPECT_TRUE(wrong("{} x").starts_with("line 1, column 4: ")) << wrong("{} x");
  EXPECT_NE(wrong(std::string(100, '[')), "");
}

}  // namespace
}  // namespace trawl::service
