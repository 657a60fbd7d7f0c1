#include "core/web/url/url.hpp"

#include "tests/support/cpu_time.hpp"

#include <gtest/gtest.h>

#include <string>

namespace trawl::web {
namespace {

std::string resolved(std::string_view link, std::string_view base) {
  const Result<Url> base_url = Url::parse(base);
  const Result<Url> url = Url::parse(link, &base_url.value());
  return url ? url->href() : "failure";
}

}  // namespace

TEST(Url, ComponentsAreViewsIntoTheText) {
  const Url url = Url::parse("https://user:secret@Example.org:8443/a/b?q=1#top").value();
  EXPECT_EQ(url.href(), "https://user:secret@example.org:8443/a/b?q=1#top");
  EXPECT_EQ(url.scheme(), "https");
  EXPECT_EQ(url.protocol(), "https:");
  EXPECT_EQ(url.username(), "user");
  EXPECT_EQ(url.password(), "secret");
  EXPECT_EQ(url.host(), "example.org:8443");
  EXPECT_EQ(url.hostname(), "example.org");
  EXPECT_EQ(url.port(), "8443");
  EXPECT_EQ(url.effective_port(), 8443);
  EXPECT_EQ(url.pathname(), "/a/b");
  EXPECT_EQ(url.search(), "?q=1");
  EXPECT_EQ(url.hash(), "#top");
  EXPECT_EQ(url.origin(), "https://example.org:8443");
  EXPECT_EQ(url.path_and_query(), "/a/b?q=1");
  EXPECT_EQ(url.without_fragment(), "https://user:secret@example.org:8443/a/b?q=1");
}

TEST(Url, AbsentComponentsAreEmpty) {
  const Url url = Url::parse("http://example.org").value();
  EXPECT_EQ(url.href(), "http://example.org/");
  EXPECT_EQ(url.username(), "");
  EXPECT_EQ(url.password(), "");
  EXPECT_EQ(url.port(), "");
  EXPECT_EQ(url.effective_port(), 80);
  EXPECT_EQ(url.search(), "");
  EXPECT_EQ(url.hash(), "");
  EXPECT_EQ(url.path_and_query(), "/");
  EXPECT_EQ(url.without_fragment(), url.href());

  const Url mail = Url::parse("mailto:a@example.org").value();
  EXPECT_EQ(mail.host(), "");
  EXPECT_EQ(mail.hostname(), "");
  EXPECT_EQ(mail.username(), "");
  EXPECT_EQ(mail.pathname(), "a@example.org");
  EXPECT_EQ(mail.effective_port(), 0);
  EXPECT_EQ(mail.origin(), "null");
}

TEST(Url, APasswordMayStandAlone) {
  const Url url = Url::parse("http://:p@h/").value();
  EXPECT_EQ(url.href(), "http://:p@h/");
  EXPECT_EQ(url.username(), "");
  EXPECT_EQ(url.password(), "p");
  EXPECT_EQ(Url::parse("http://u:@h/").value().href(), "http://u@h/");
  EXPECT_EQ(Url::parse("http://:@h/").value().href(), "http://h/");
}

TEST(Url, OrdinaryLinksResolveAgainstTheirPage) {
  const std::string_view page = "https://example.org/docs/api/index.html?v=1#top";
  EXPECT_EQ(resolved("class.html", page), "https://example.org/docs/api/class.html");
  EXPECT_EQ(resolved("../guide/a.html#b", page), "https://example.org/docs/guide/a.html#b");
  EXPECT_EQ(resolved("../../../../a.html", page), "https://example.org/a.html");
  EXPECT_EQ(resolved("./a/../b", page), "https://example.org/docs/api/b");
  EXPECT_EQ(resolved("..", page), "https://example.org/docs/");
  EXPECT_EQ(resolved("../", page), "https://example.org/docs/");
  EXPECT_EQ(resolved("./", page), "https://example.org/docs/api/");
  EXPECT_EQ(resolved("../?q", page), "https://example.org/docs/?q");
  EXPECT_EQ(resolved("/", page), "https://example.org/");
  EXPECT_EQ(resolved("/a?b=c/d", page), "https://example.org/a?b=c/d");
  EXPECT_EQ(resolved("?w=2", page), "https://example.org/docs/api/index.html?w=2");
  EXPECT_EQ(resolved("#end", page), "https://example.org/docs/api/index.html?v=1#end");
  EXPECT_EQ(resolved("", page), "https://example.org/docs/api/index.html?v=1");
  EXPECT_EQ(resolved("//cdn.example.net/x.js", page), "https://cdn.example.net/x.js");
  EXPECT_EQ(resolved("http://127.0.0.1:8080/x", page), "http://127.0.0.1:8080/x");
  EXPECT_EQ(resolved("mailto:me", page), "mailto:me");
  EXPECT_EQ(resolved("a/b:c", page), "https://example.org/docs/api/a/b:c");
  EXPECT_EQ(resolved(".well-known", page), "https://example.org/docs/api/.well-known");
  EXPECT_EQ(resolved("a/%2e%2E/b", page), "https://example.org/docs/api/b");
  EXPECT_EQ(resolved("%2e./b", page), "https://example.org/docs/b");
  EXPECT_EQ(resolved("a%20b", page), "https://example.org/docs/api/a%20b");
}

TEST(Url, InvalidBytesBecomeReplacementCharacters) {
  EXPECT_EQ(Url::parse("http://h/a\xFF"
                       "b")
                .value()
                .pathname(),
            "/a%EF%BF%BDb");
  // A truncated sequence is one character, a surrogate three (Encoding standard, UTF-8 decoder).
  EXPECT_EQ(Url::parse("http://h/\xE2\x82/").value().pathname(), "/%EF%BF%BD/");
  EXPECT_EQ(Url::parse("http://h/\xED\xA0\x80").value().pathname(), "/%EF%BF%BD%EF%BF%BD%EF%BF%BD");
  EXPECT_EQ(Url::parse("http://h/\xF0\x9F\x98").value().pathname(), "/%EF%BF%BD");
  EXPECT_EQ(Url::parse("http://h/\xF0\x9F\t\x98\x80").value().pathname(),
            "/%EF%BF%BD%EF%BF%BD%EF%BF%BD");
  EXPECT_FALSE(Url::parse("http://\xFF/"));
  EXPECT_FALSE(Url::parse("http://%FF/"));
}

TEST(Url, ZeroBytesAreOrdinaryBytes) {
  EXPECT_EQ(Url::parse(std::string_view("http://h/a\0b", 12)).value().pathname(), "/a%00b");
  EXPECT_FALSE(Url::parse(std::string_view("http://h\0h/", 11)));
}

TEST(Url, FailuresSayWhy) {
  EXPECT_EQ(Url::parse("page.html").error(),
            (Error{Errc::bad_url, "the URL is relative and has no base"}));
  EXPECT_EQ(Url::parse("http://h:65536/").error(),
            (Error{Errc::bad_url, "the port is larger than 65535"}));
  EXPECT_EQ(Url::parse("http:///?q").error(), (Error{Errc::bad_url, "the URL has no host"}));
  EXPECT_EQ(Url::parse("http://127.0.0.256/").error(),
            (Error{Errc::bad_url, "the host ends in a number but is no IPv4 address"}));
}

TEST(Url, InternationalHostsAreChecked) {
  const auto host = [](std::string_view name) {
    const Result<Url> url = Url::parse("http://" + std::string(name) + "/");
    return url ? std::string(url->hostname()) : "failure";
  };
  EXPECT_EQ(host("b\xC3\xBC"
                 "cher.de"),
            "xn--bcher-kva.de");
  EXPECT_EQ(host("B%C3%9Ccher.de"), "xn--bcher-kva.de");
  EXPECT_EQ(host("fa\xC3\x9F.de"), "xn--fa-hia.de");      // not transitional: sharp s stays
  EXPECT_EQ(host("FA\xE1\xBA\x9E.de"), "xn--fa-hia.de");  // Unicode 15.1
  EXPECT_EQ(host("\xC2\xAD"), "failure");                 // nothing is left of a soft hyphen
  EXPECT_EQ(host("\xE3\x80\x82"), ".");
  EXPECT_EQ(host("\xE2\x84\x80.de"), "failure");  // becomes "a/c"
  // Labels in ASCII are looked into only where the host has others.
  EXPECT_EQ(host("xn--a"), "xn--a");
  EXPECT_EQ(host("xn--a.\xC3\xA4"), "failure");
  EXPECT_EQ(host("xn--.\xC3\xA4"), "failure");
  EXPECT_EQ(host("xn--a-.\xC3\xA4"), "failure");
  EXPECT_EQ(host("xn--xn---epa.\xC3\xA4"), "failure");
}

// Punycode takes quadratic time, and a page may have thousands of such links.
TEST(Url, InternationalHostsAreBounded) {
  const auto of = [](int points, std::string_view character) {
    std::string text;
    for (int i = 0; i < points; ++i) text += character;
    return text;
  };
  const auto is_url = [](const std::string& host) {
    return Url::parse("http://" + host).has_value();
  };
  const std::string_view umlaut = "\xC3\xA4";
  const std::string_view ideographic = "\xE4\xB8\x80";
  EXPECT_TRUE(is_url(of(128, ideographic) + ".de"));
  EXPECT_FALSE(is_url(of(129, ideographic) + ".de"));
  EXPECT_FALSE(is_url("de." + of(129, "a") + "." + std::string(umlaut)));
  EXPECT_TRUE(is_url(of(100, ideographic) + "\xE3\x80\x82" + of(100, ideographic)));
  EXPECT_TRUE(is_url(of(1000, "a")));
  EXPECT_TRUE(is_url(of(340, std::string(umlaut) + ".") + "de"));
  EXPECT_FALSE(is_url(of(342, std::string(umlaut) + ".") + "de"));
}

TEST(Url, AddressesHaveOneSpelling) {
  EXPECT_EQ(Url::parse("http://[2001:DB8:0:0:1:0:0:1]/").value().hostname(), "[2001:db8::1:0:0:1]");
  EXPECT_EQ(Url::parse("http://[1:0:0:2:0:0:0:3]/").value().hostname(), "[1:0:0:2::3]");
  EXPECT_EQ(Url::parse("http://[1:2:3:4:5:6:7:0]/").value().hostname(), "[1:2:3:4:5:6:7:0]");
  EXPECT_EQ(Url::parse("http://[1::]/").value().hostname(), "[1::]");
  EXPECT_EQ(Url::parse("http://[::]/").value().hostname(), "[::]");
  EXPECT_EQ(Url::parse("http://0x7F.1/").value().hostname(), "127.0.0.1");
  for (const char* host :
       {"[::1", "[:1]", "[1:2]", "[1::2::3]", "[1:2:3:4:5:6:7:8:9]", "[::1.2.3]", "[::1.2.3.256]",
        "[::01.2.3.4]", "[1:2:3:4:5:6:7:1.2.3.4]", "[::1%25eth0]", "[]", "[12345::]", "[1:]",
        "1.2.3.4.5", "0xffffffff1", "09", "1..2"})
    EXPECT_FALSE(Url::parse(std::string("http://") + host + "/")) << host;
}

void parse_huge_inputs() {
  std::string up = "http://h/";
  for (int i = 0; i < 1'000'000; ++i) up += "../";
  EXPECT_EQ(Url::parse(up).value().href(), "http://h/");
  std::string down = "http://h";
  for (int i = 0; i < 500'000; ++i) down += "/a";
  for (int i = 0; i < 500'000; ++i) down += "/%2e%2E";
  EXPECT_EQ(Url::parse(down).value().href(), "http://h/");
  EXPECT_EQ(Url::parse("http://" + std::string(1'000'000, '@') + "h/").value().hostname(), "h");
  EXPECT_FALSE(Url::parse("http://" + std::string(1'000'000, '1') + "/"));
  EXPECT_FALSE(Url::parse("http://[" + std::string(1'000'000, ':') + "]/"));
  // Punycode is quadratic, so long internationalised hosts are refused instead of encoded.
  std::string wide;
  for (int i = 0; i < 300'000; ++i) wide += "\xC3\xA4";
  EXPECT_FALSE(Url::parse("http://" + wide + "/"));
}

TEST(Url, HugeInputsTakeLinearTime) {
  EXPECT_LT(support::cpu_seconds_of(parse_huge_inputs), 60);
}

TEST(Url, EqualityIsThatOfTheText) {
  EXPECT_EQ(Url::parse("HTTP://H:80").value(), Url::parse("http://h/").value());
  EXPECT_FALSE(Url::parse("http://h/a").value() == Url::parse("http://h/b").value());
}

}  // namespace trawl::web
