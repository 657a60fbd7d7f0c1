#include "core/web/charset/query_encoding.hpp"

#include "core/web/charset/charset.hpp"
#include "core/web/url/url.hpp"
#include "tests/support/conformance_suite.hpp"
#include "tests/web/html/conformance_data.hpp"

#include <gtest/gtest.h>

#include <string>

namespace trawl::web {
namespace {

using tests::text_of;

TEST(QueryEncoding, QueriesAreThoseOfWpt) {
  support::ConformanceSuite suite{"URL: queries in a page's charset, WPT",
                                  "url/percent-encoding.json"};
  const auto rows = tests::parse_json(tests::read_conformance("url/percent-encoding.json"));
  for (const boost::json::value& row : rows.as_array()) {
    if (!row.is_object()) continue;
    const std::string url = "http://h/?" + text_of(row.at("input"));
    for (const auto& [label, output] : row.at("output").as_object()) {
      QueryEncoder encoder(encoding_name(label));
      const Result<Url> got = Url::parse(encoder.encode(url));
      suite.expect(got && got->search() == "?" + text_of(output),
                   text_of(row.at("input")) + " in " + std::string(label) + ": " +
                       (got ? std::string(got->search()) : "no URL"));
    }
  }
}

TEST(QueryEncoding, OnlyTheQueryOfAnHttpUrlChanges) {
  const auto in_latin1 = [](std::string_view url) {
    QueryEncoder encoder("windows-1252");
    return std::string(encoder.encode(url));
  };
  EXPECT_EQ(in_latin1("ü?ü#ü"), "ü?%FC#ü");
  EXPECT_EQ(in_latin1("HTTPS://h/?ü"), "HTTPS://h/?%FC");
  EXPECT_EQ(in_latin1("ws://h/?ü"), "ws://h/?ü");
  EXPECT_EQ(in_latin1("#?ü"), "#?ü");
  EXPECT_EQ(in_latin1("?\xFF"), "?%26%2365533%3B");
  EXPECT_EQ(in_latin1(""), "");
}

// URL standard, section 1.3: one encoder writes the whole query.
TEST(QueryEncoding, Iso2022JpSwitchesSetsOnceForAWord) {
  QueryEncoder encoder("ISO-2022-JP");
  EXPECT_EQ(encoder.encode("?q=日本語"), "?q=%1B$BF|K\\8l%1B(B");
  EXPECT_EQ(encoder.encode("?q=日\n本 &r=語#日"), "?q=%1B$BF|K\\%1B(B%20&r=%1B$B8l%1B(B#日");
  EXPECT_EQ(encoder.encode("?日\x1B本"), "?%1B$BF|%1B(B%26%2365533%3B%1B$BK\\%1B(B");
  EXPECT_EQ(encoder.encode("?日\x1B \n"), "?%1B$BF|%1B(B") << "the URL parser strips it";
  EXPECT_EQ(encoder.encode("?¥~é"), "?%1B(J\\%1B(B~%26%23233%3B");
  EXPECT_EQ(encoder.encode("?日é本"), "?%1B$BF|%1B(B%26%23233%3B%1B$BK\\%1B(B");
}

TEST(QueryEncoding, CharactersThatAnEncodingOnlyReadsAreReferences) {
  const auto in = [](std::string_view charset, std::string_view url) {
    QueryEncoder encoder(charset);
    return std::string(encoder.encode(url));
  };
  EXPECT_EQ(in("EUC-JP", "?日丂"), "?%C6%FC%26%2319970%3B");
  EXPECT_EQ(in("Big5", "?中䏰"), "?%A4%A4%26%2317392%3B");
  EXPECT_EQ(in("GBK", "?中€"), "?%D6%D0%80");
  EXPECT_EQ(in("Shift_JIS", "?表"), "?%95\\");
}

}  // namespace
}  // namespace trawl::web
