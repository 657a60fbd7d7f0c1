// Keys as the Internet Archive's own implementation gives them.
#include "core/web/archive/surt.hpp"

#include <gtest/gtest.h>

namespace trawl::web {
namespace {

struct Case {
  const char* url;
  const char* key;
};

TEST(Surt, KeysAreThoseOfOtherArchives) {
  const Case cases[] = {
      {"http://www.archive.org/", "org,archive)/"},
      {"http://archive.org/goo/", "org,archive)/goo"},
      {"http://archive.org/goo/?", "org,archive)/goo"},
      {"http://archive.org/goo/?b&a", "org,archive)/goo?a&b"},
      {"http://archive.org/goo/?a=2&b&a=1", "org,archive)/goo?a=1&a=2&b"},
      {"http://archive.org?q", "org,archive)/?q"},
      {"http://www2.example.org/", "org,example)/"},
      {"http://www.com/", "com)/"},
      {"http://a.b.example.org./", "org,example,b,a)/"},
      {"https://xn--bcher-kva.example/%E2%82%AC?%E2%82%AC",
       "example,xn--bcher-kva)/%e2%82%ac?%e2%82%ac"},
      {"https://example.org:443/x//y/../z/", "org,example)/x/z"},
      {"http://example.org/a//b///c//", "org,example)/a/b/c"},
      {"http://example.org/%7Euser/%C3%A9?", "org,example)/~user/%c3%a9"},
      {"http://u:p@Ex.org/%2541", "org,ex)/a"},
      {"http://example.org/a%20b?c%20d", "org,example)/a%20b?c%20d"},
      {"http://example.org/%zz%23?a=%26&a&=1&b=a=c", "org,example)/%25zz%23?&=1&a&a=&b=a=c"},
      {"http://example.org/?a=%2B%2525+", "org,example)/?a=+%25+"},
      {"http://example.org/?&&", "org,example)/?&&"},
      {"ftp://www.x.org/a", "org,x)/a"},
      {"http://127.0.0.1:8080/A/b/?B=2&a=1", "1,0,0,127:8080)/a/b?a=1&b=2"},
      {"http://[::1]:80/x", "::1)/x"},
      {"http://[::1]:8080/x", "::1:8080)/x"},
      {"dns:archive.org", "dns:archive.org"},
      {"mailto:foo@example.com", "mailto:foo@example.com"},
      {"urn:X-wpull:log", "urn:x-wpull:log"},
  };
  for (const auto& [url, key] : cases) EXPECT_EQ(surt_key(url), key) << url;
}

TEST(Surt, SessionIdsAreNoPartOfAKey) {
  const Case cases[] = {
      {"http://example.org/?sid=0123456789abcdef0123456789abcdef&b=1", "org,example)/?b=1"},
      {"http://example.org/a?x=1&sid=0123456789abcdef0123456789abcdef", "org,example)/a?&x=1"},
      {"http://example.org/a?x=1;phpsessid=0123456789abcdef0123456789abcdef",
       "org,example)/a?x=1;"},
      {"http://example.org/index.php?PHPSESSID=0123456789abcdefghijklemopqrstuv&action=profile;u=4",
       "org,example)/index.php?action=profile;u=4"},
      {"http://example.org/?cfid=1&cftoken=2&x", "org,example)/?x"},
      {"http://example.org/x?ASPSESSIONIDABCDEFGH=abcdefghijklmnopqrstuvwx&y", "org,example)/x?y"},
      {"http://example.org/(s(0123456789abcdefghijklmn))/p.aspx", "org,example)/p.aspx"},
  };
  for (const auto& [url, key] : cases) EXPECT_EQ(surt_key(url), key) << url;
}

TEST(Surt, AKeyHasNoSpaceWhateverTheUrlIs) {
  for (const char* url : {"", "no url", "http://", "http://a b/", " x\ty\n", "mailto:a b"})
    EXPECT_EQ(surt_key(url).find_first_of(" \t\n"), std::string::npos) << url;
}

}  // namespace
}  // namespace trawl::web
