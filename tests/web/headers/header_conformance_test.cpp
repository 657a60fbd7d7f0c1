// The cases of others for headers: what they expect of a parser, and what we do.
#include "core/web/ascii.hpp"
#include "core/web/charset/content.hpp"
#include "core/web/headers/content_disposition.hpp"
#include "core/web/headers/cookie_jar.hpp"
#include "tests/support/conformance_suite.hpp"
#include "tests/web/html/conformance_data.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace trawl::web {
namespace {

namespace json = boost::json;
using tests::text_of;

const json::array& cases(const char* list) {
  static const json::value all =
      tests::parse_json(tests::read_conformance("headers/header_cases.json"));
  return all.as_object().at(list).as_array();
}

// The suites write a field's bytes as characters; those beyond Latin-1 stand for their UTF-8.
std::string bytes_of(const json::value& text) {
  std::string bytes;
  const std::string utf8 = text_of(text);
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    const auto lead = static_cast<unsigned char>(utf8[i]);
    if (lead < 0x80) {
      bytes += utf8[i];
    } else if (lead <= 0xC3) {
      bytes +=
          static_cast<char>((lead << 6 | (static_cast<unsigned char>(utf8[++i]) & 0x3F)) & 0xFF);
    } else {
      return utf8;
    }
  }
  return bytes;
}

std::optional<std::string> text_at(const json::object& row, const char* key) {
  const auto* value = row.if_contains(key);
  return value == nullptr || !value->is_string() ? std::nullopt : std::optional{text_of(*value)};
}

}  // namespace

TEST(HeaderConformance, ContentDispositionOfJshttp) {
  support::ConformanceSuite suite{"Headers: Content-Disposition, jshttp",
                                  "headers/header_cases.json"};
  const std::string other =
      "it knows UTF-8 and Latin-1 alone; here all charsets of the web are "
      "read";
  suite.explain("attachment; filename*=ISO-8859-2''%A4%20rates.pdf", other);
  suite.explain("attachment; filename=\"EURO rates.pdf\"; filename*=ISO-8859-2''%A4%20rates.pdf",
                other);
  suite.explain("attachment; filename=\"foo-Ã¤.html\"",
                "it reads Latin-1 alone; bytes that are UTF-8 are read as such, as browsers do");
  for (const auto& row : cases("content_disposition_jshttp")) {
    const auto& item = row.as_object();
    if (!item.at("options").is_null()) continue;  // of its own interface: parts of a form
    const auto& out = item.at("out").as_object();
    const auto found = parse_content_disposition(bytes_of(item.at("header")));
    const bool right = found.type == text_of(out.at("type")) &&
                       found.filename == text_at(out.at("parameters").as_object(), "filename");
    suite.expect(right, text_of(item.at("header")));
  }
}

TEST(HeaderConformance, ContentDispositionOfGreenbytes) {
  support::ConformanceSuite suite{"Headers: Content-Disposition, greenbytes",
                                  "headers/header_cases.json"};
  const std::string strict =
      "it refuses the malformed value whole; here what can be read of it "
      "is, as browsers do";
  for (const char* name :
       {"test_attwithtokfncommanq", "test_attwith2filenames", "test_attfnbrokentoken",
        "test_attmissingdisposition3", "test_attandinline", "test_attbrokenquotedfn",
        "test_empty_param_value_no_crash"})
    suite.explain(name, strict);
  suite.explain("test_attwithasciifnescapedquote",
                "it takes a quote inside of quotes for a part of the name; RFC 9110, 5.6.4, ends "
                "the string there");
  suite.explain("test_attwithutf8fnplain",
                "it reads Latin-1 alone; bytes that are UTF-8 are read as such, as browsers do");
  suite.explain("test_attwithfn2231noc", "a filename* without a charset is none (RFC 8187, 3.2)");
  suite.explain("test_attwithfn2231utf8_bad",
                "bytes that Latin-1 leaves open are those of windows-1252 (Encoding standard)");
  for (const auto& row : cases("content_disposition_greenbytes_aiohttp")) {
    const auto& item = row.as_object();
    const auto& parameters = item.at("params").as_object();
    auto expected = text_at(parameters, "filename*");
    if (!expected) expected = text_at(parameters, "filename");
    auto found = parse_content_disposition(bytes_of(item.at("header"))).filename;
    // aiohttp gives the name that is left of a path; both of these are safe_file_name()'s.
    if (found) found = safe_file_name(*found);
    suite.expect(found == expected, text_of(item.at("test")));
  }
}

// The suite's server is home.example.org, as of 2011.
TEST(HeaderConformance, CookiesOfHttpState) {
  support::ConformanceSuite suite{"Headers: Set-Cookie, http-state", "headers/header_cases.json"};
  suite.explain("DISABLED_PATH0029",
                "paths are compared as they are written (RFC 6265bis, 5.1.4); the suite itself has "
                "the case switched off");
  constexpr Wall now{std::chrono::seconds{1'300'000'000}};
  for (const auto& row : cases("set_cookie_http_state")) {
    const auto& item = row.as_object();
    const Url from =
        *Url::parse("http://home.example.org:8888/cookie-parser?" + text_of(item.at("test")));
    CookieJar jar;
    for (const auto& line : item.at("received").as_array()) jar.accept(from, text_of(line), now);
    const auto to = text_at(item, "sent-to").value_or("/cookie-parser-result");
    std::string expected;
    for (const auto& cookie : item.at("sent").as_array())
      expected += (expected.empty() ? "" : "; ") + text_of(cookie.as_object().at("name")) + "=" +
                  text_of(cookie.as_object().at("value"));
    suite.expect(jar.field_for(*Url::parse(to, &from), now) == expected, text_of(item.at("test")));
  }
}

TEST(HeaderConformance, DatesOfCookies) {
  support::ConformanceSuite suite{"Headers: dates of cookies, http-state",
                                  "headers/header_cases.json"};
  for (const char* list : {"cookie_dates_bsd_examples", "cookie_dates_examples"}) {
    for (const auto& row : cases(list)) {
      const auto& item = row.as_object();
      const auto expected = text_at(item, "expected");
      const auto found = parse_cookie_date(text_of(item.at("test")));
      suite.expect(found == (expected ? parse_cookie_date(*expected) : std::nullopt),
                   text_of(item.at("test")));
    }
  }
}

TEST(HeaderConformance, MediaTypesOfWpt) {
  support::ConformanceSuite suite{"Headers: media types, WPT", "headers/header_cases.json"};
  for (const char* list : {"mime_types_wpt", "mime_types_generated_wpt"}) {
    for (const auto& row : cases(list)) {
      const auto& item = row.as_object();
      const MediaType found = parse_media_type(bytes_of(item.at("input")));
      // The output is the type's one normal form, of which we have the essence and the charset.
      const MediaType expected =
          item.at("output").is_null() ? MediaType{} : parse_media_type(bytes_of(item.at("output")));
      bool right = found.essence == expected.essence && found.charset == expected.charset;
      if (const auto* encoding = item.if_contains("encoding"))
        right = right &&
                charset_for_label(found.charset) == (encoding->is_null() ? "" : text_of(*encoding));
      suite.expect(right, text_of(item.at("input")));
    }
  }
}

TEST(HeaderConformance, CharsetsOfW3lib) {
  support::ConformanceSuite suite{"Headers: charsets, w3lib", "headers/header_cases.json"};
  for (const char* text :
       {"Content-Type: text/html; charset=\"utf-8\"", "Content-Type: text/html; charset=utf-8\r\n"})
    suite.explain(text, "the case has the field's name in its value");
  suite.explain("foo=bar; charset=\"utf-8\"",
                "it asks for no media type; without one there is no "
                "charset (MIME Sniffing standard, 4.4)");
  suite.explain("text/html;charset=utf-8, text/html",
                "a list of two media types, of which a value has only one");
  suite.explain("text/html; charset=\"utf-8",
                "it refuses a quote that is not closed, which WPT wants read");
  for (const auto& row : cases("content_type_charset_w3lib")) {
    const auto& item = row.as_object();
    const auto expected = text_at(item, "encoding");
    const auto found = parse_media_type(text_of(item.at("header"))).charset;
    suite.expect(charset_for_label(found) == (expected ? charset_for_label(*expected) : ""),
                 text_of(item.at("header")));
  }
}

}  // namespace trawl::web
