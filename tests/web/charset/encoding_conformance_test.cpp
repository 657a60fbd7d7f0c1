// html5lib's encoding cases: what a page's own declaration says. Where it says nothing, the cases
// expect windows-1252, which trawl answers only for bytes that are no UTF-8.

#include "core/web/ascii.hpp"
#include "core/web/charset/charset.hpp"
#include "tests/support/conformance_suite.hpp"
#include "tests/web/html/conformance_data.hpp"

#include <gtest/gtest.h>

#include <string>

namespace trawl::web {
namespace {

struct EncodingCase {
  std::string data;
  std::string encoding;
};

std::vector<EncodingCase> read_cases(const std::string& name) {
  const std::string text = tests::read_conformance(name);
  std::vector<EncodingCase> cases;
  constexpr std::string_view data_mark = "#data\n";
  constexpr std::string_view encoding_mark = "\n#encoding\n";
  for (std::size_t at = text.find(data_mark); at != std::string::npos;) {
    const std::size_t start = at + data_mark.size();
    const std::size_t middle = text.find(encoding_mark, at);
    const std::size_t label = middle + encoding_mark.size();
    const std::size_t end = text.find('\n', label);
    cases.push_back({middle < start ? "" : text.substr(start, middle - start),
                     text.substr(label, end - label)});
    at = text.find(data_mark, label);
  }
  return cases;
}

TEST(EncodingConformance, APageIsReadInTheEncodingThatItDeclares) {
  support::ConformanceSuite suite{"Encoding: BOM and meta prescan, html5lib",
                                  "html5lib/encoding/tests{1,2}.dat"};
  for (const char* file : {"html5lib/encoding/tests1.dat", "html5lib/encoding/tests2.dat"}) {
    for (const EncodingCase& test : read_cases(file)) {
      std::string_view found = bom_charset(test.data);
      if (found.empty()) found = prescan_charset(test.data);
      if (found.empty()) found = "windows-1252";
      suite.expect(found == encoding_name(test.encoding), test.data);
    }
  }
  EXPECT_EQ(suite.cases(), 38U);
}

}  // namespace
}  // namespace trawl::web
