#include "core/web/query_encoding.hpp"

#include "core/web/charset.hpp"
#include "core/web/url.hpp"
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

}  // namespace
}  // namespace trawl::web
