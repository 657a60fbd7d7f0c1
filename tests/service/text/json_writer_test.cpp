#include "service/text/json_writer.hpp"

#include "service/text/base64.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace trawl::service {
namespace {

std::string json_string(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

TEST(JsonWriter, StringsAreEscapedAndKeptInUtf8) {
  EXPECT_EQ(json_string("a\"b\\c\n\r\t\x01\x7f"), R"("a\"b\\c\n\r\t\u0001\u007f")");
  EXPECT_EQ(json_string("Übung €"), "\"Übung €\"");
  EXPECT_EQ(json_string(std::string_view{"\0x", 2}), R"("\u0000x")");
}

TEST(JsonWriter, MalformedUtf8BecomesReplacementCharacters) {
  EXPECT_EQ(json_string("a\xff\"b"), "\"a\xEF\xBF\xBD\\\"b\"");
  EXPECT_EQ(json_string("caf\xe9"), "\"caf\xEF\xBF\xBD\"");
  EXPECT_EQ(json_string("\xed\xa0\x80").find('\xed'), std::string::npos);
}

TEST(JsonWriter, CommasStandBetweenValuesOnly) {
  std::string out = "before[";
  JsonWriter json{out};
  json.begin_object().key("a").integer(-1).key("b").begin_array().text("x{").null();
  json.begin_object().end_object().begin_array().end_array().boolean(false).end_array();
  json.key("c").count(18446744073709551615ULL).end_object();
  EXPECT_EQ(out, R"(before[{"a":-1,"b":["x{",null,{},[],false],"c":18446744073709551615})");
}

TEST(JsonWriter, NumbersThatJsonLacksAreNull) {
  std::string out;
  JsonWriter json{out};
  json.begin_array().number(2).number(0.1).number(1e300);
  json.number(std::numeric_limits<double>::infinity()).end_array();
  EXPECT_EQ(out, "[2,0.1,1e+300,null]");
}

TEST(Base64, BytesOfEveryLengthComeBack) {
  EXPECT_EQ(decode_base64(""), "");
  EXPECT_EQ(decode_base64("Zg=="), "f");
  EXPECT_EQ(decode_base64("Zm8="), "fo");
  EXPECT_EQ(decode_base64("Zm9v\r\nYmFy"), "foobar");
  EXPECT_EQ(decode_base64("Zm8"), "fo");
  EXPECT_EQ(decode_base64("AP/+"), std::string("\x00\xff\xfe", 3));
}

TEST(Base64, OtherTextsAreRefused) {
  for (const char* text : {"Z", "Zm9vY", "Zg=", "Zg===", "Z===", "Zm=9", "Zm9*", "Zm 8", "===="})
    EXPECT_EQ(decode_base64(text), std::nullopt) << text;
}

}  // namespace
}  // namespace trawl::service
