// Properties that hold for every input, tried on texts put together at random from the pieces that
// matter to the parser.
#include "core/web/url/canonical.hpp"
#include "core/web/url/url.hpp"
#include "core/web/url/url_input.hpp"
#include "core/web/url/url_parser.hpp"

#include <gtest/gtest.h>

#include <array>
#include <random>

namespace trawl::web {
namespace {

constexpr auto pieces = std::to_array<std::string_view>(
    {"http:", "https:",      "file:",  "ftp:",      "x:",   "//",    "/",   "\\",
     "?",     "#",           "@",      ":",         "..",   ".",     "%2e", "%2E",
     "%41",   "%7e",         "%c3%A4", "%",         "%4",   "a",     "b",   "C|",
     "C:",    "example.org", "h",      "127.1",     "0x7f", "[::1]", ":80", ":443",
     ":8080", "\xC3\xA4",    "\xFF",   " ",         "\t",   "\n",    "&",   "=",
     "utm_x", "+",           "'",      "\"",        "<",    "^",     "`",   "|",
     "xn--",  "-",           "~",      "localhost", "1",    "\x7F",  ";",   ","});

class RandomText {
 public:
  std::string next() {
    std::string text;
    for (auto left = count_(random_); left > 0; --left) text += pieces[piece_(random_)];
    return text;
  }

 private:
  std::mt19937 random_{20'240'601};
  std::uniform_int_distribution<int> count_{0, 12};
  std::uniform_int_distribution<std::size_t> piece_{0, pieces.size() - 1};
};

const std::array<Url, 5>& bases() {
  static const std::array<Url, 5> urls = {
      Url::parse("http://u:p@example.org:8080/a/b/c?q#f").value(),
      Url::parse("https://example.org").value(), Url::parse("file:///C:/a/b?q").value(),
      Url::parse("x://h/a/b").value(), Url::parse("x:/.//a").value()};
  return urls;
}

void expect_same(const Url& left, const Url& right) {
  EXPECT_EQ(left.href(), right.href());
  EXPECT_EQ(left.protocol(), right.protocol());
  EXPECT_EQ(left.username(), right.username());
  EXPECT_EQ(left.password(), right.password());
  EXPECT_EQ(left.host(), right.host());
  EXPECT_EQ(left.hostname(), right.hostname());
  EXPECT_EQ(left.port(), right.port());
  EXPECT_EQ(left.pathname(), right.pathname());
  EXPECT_EQ(left.search(), right.search());
  EXPECT_EQ(left.hash(), right.hash());
  EXPECT_EQ(left.effective_port(), right.effective_port());
  EXPECT_EQ(left.path_and_query(), right.path_and_query());
}

}  // namespace

TEST(UrlProperty, ParsingWhatWasSerialisedChangesNothing) {
  RandomText texts;
  int parsed = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::string text = texts.next();
    const Result<Url> url = Url::parse(text, &bases()[static_cast<std::size_t>(i) % 5]);
    if (!url) continue;
    ++parsed;
    SCOPED_TRACE(text);
    const Result<Url> again = Url::parse(url->href());
    ASSERT_TRUE(again) << again.error().detail;
    expect_same(*again, *url);
    if (testing::Test::HasFailure()) return;
  }
  EXPECT_GT(parsed, 5000);
}

TEST(UrlProperty, TheShortWayForPlainLinksAgreesWithTheParser) {
  RandomText texts;
  for (int i = 0; i < 40'000; ++i) {
    const std::string text = texts.next();
    const Url& base = bases()[static_cast<std::size_t>(i) % 2];
    SCOPED_TRACE(text);
    std::string storage;
    const Result<Url> whole = UrlBuilder(clean_url_input(text, storage), &base).build();
    const Result<Url> url = Url::parse(text, &base);
    ASSERT_EQ(url.has_value(), whole.has_value());
    if (url) expect_same(*url, *whole);
    if (testing::Test::HasFailure()) return;
  }
}

// Hosts that are IPv4 addresses, in the form the parser writes and in all others.
TEST(UrlProperty, TheShortWayForPlainLinksAgreesWithTheParserOnAddresses) {
  constexpr std::array parts = {"0",   "1",    "9",    "10", "01", "99", "127", "255",
                                "256", "1000", "0x7f", "08", "",   "a",  "00",  "4294967295"};
  std::mt19937 random(1);
  int plain = 0;
  for (int i = 0; i < 40'000; ++i) {
    std::string text = "http://";
    const auto count = 1 + random() % 5;
    for (std::size_t part = 0; part < count; ++part)
      text.append(part == 0 ? "" : ".").append(parts[random() % (i % 2 == 0 ? 8 : parts.size())]);
    if (i % 3 == 0) text += ":8080";
    text += "/a";
    SCOPED_TRACE(text);
    std::string storage;
    const Result<Url> whole = UrlBuilder(clean_url_input(text, storage), nullptr).build();
    const Result<Url> url = Url::parse(text);
    ASSERT_EQ(url.has_value(), whole.has_value());
    if (url) expect_same(*url, *whole);
    if (url && url->href() == text) ++plain;
    if (testing::Test::HasFailure()) return;
  }
  EXPECT_GT(plain, 2000);
}

TEST(UrlProperty, CanonicalisingTwiceChangesNothing) {
  RandomText texts;
  const std::array<CanonicalRules, 3> rules = {
      CanonicalRules{}, CanonicalRules{.strip_params = {"utm_*", "a"}},
      CanonicalRules{.strip_params = {"*b*"}, .sort_query = true}};
  int canonical_urls = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::string text = texts.next();
    const CanonicalRules& rule = rules[static_cast<std::size_t>(i) % 3];
    const Result<Url> url = Url::parse(text, &bases()[static_cast<std::size_t>(i) % 2]);
    if (!url || !url->is_http()) continue;
    ++canonical_urls;
    SCOPED_TRACE(text);
    const Result<Url> once = canonicalise(*url, rule);
    ASSERT_TRUE(once) << once.error().detail;
    const Result<Url> twice = canonicalise(*once, rule);
    ASSERT_TRUE(twice);
    expect_same(*once, *twice);
    expect_same(*once, Url::parse(once->href()).value());
    if (testing::Test::HasFailure()) return;
  }
  EXPECT_GT(canonical_urls, 5000);
}

}  // namespace trawl::web
