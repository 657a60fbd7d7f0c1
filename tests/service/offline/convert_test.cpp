#include "service/offline/convert.hpp"

#include <gtest/gtest.h>

namespace trawl::service {
namespace {

web::NewLink to_x(const web::Url&, web::LinkUse) {
  return {.text = "x", .local = true};
}

std::string converted(std::string_view body, std::string_view charset,
                      OfflineType type = OfflineType::html) {
  const auto url = web::Url::parse("http://h/");
  return convert_links({.body = body, .charset = charset, .url = *url, .type = type}, to_x);
}

std::string utf16(std::u16string_view text, bool big, bool mark) {
  std::string out;
  const auto put = [&](char16_t unit) {
    const char high = static_cast<char>(unit >> 8), low = static_cast<char>(unit & 0xFF);
    out += big ? high : low;
    out += big ? low : high;
  };
  if (mark) put(0xFEFF);
  for (const char16_t unit : text) put(unit);
  return out;
}

TEST(ConvertLinks, AnEncodingThatOnlyTheHeaderNamedIsDeclared) {
  EXPECT_EQ(converted("<p>\xE9<a href=y>", "windows-1252"),
            "<meta charset=\"windows-1252\"><p>\xE9<a href=\"x\">");
  EXPECT_EQ(converted("<meta charset=latin1><p>\xE9", "windows-1252"),
            "<meta charset=latin1><p>\xE9");
  EXPECT_EQ(converted("<p>ascii", "windows-1252"), "<p>ascii");
  EXPECT_EQ(converted("\xEF\xBB\xBF<p>\xC3\xA9", "UTF-8"), "\xEF\xBB\xBF<p>\xC3\xA9");
  EXPECT_EQ(converted("<p>\xC3\xA9", "UTF-8", OfflineType::xhtml), "<p>\xC3\xA9");
}

TEST(ConvertLinks, Utf16StaysUtf16) {
  for (const bool big : {false, true})
    for (const bool mark : {false, true})
      EXPECT_EQ(
          converted(utf16(u"<p>é\U0001F600<a href='y'>", big, mark), big ? "UTF-16BE" : "UTF-16LE"),
          utf16(u"<p>é\U0001F600<a href='x'>", big, mark));
}

TEST(ConvertLinks, StatefulEncodingsStay) {
  // ISO-2022-JP: 日 as two bytes between escapes.
  EXPECT_EQ(converted("<p>\x1B$BF|\x1B(B<a href='y'>", "ISO-2022-JP"),
            "<p>\x1B$BF|\x1B(B<a href='x'>");
  EXPECT_EQ(converted("<a href=y>", "replacement"), "<a href=y>");
}

// The text is changed as UTF-8, but its queries were sent in the page's encoding.
TEST(ConvertLinks, QueriesOfStatefulEncodingsAreThoseThatWereFetched) {
  const auto url = web::Url::parse("http://h/");
  std::string asked;
  const auto note = [&asked](const web::Url& target, web::LinkUse) {
    asked = target.href();
    return web::NewLink{.text = "x", .local = true};
  };
  convert_links({.body = "<a href='?q=\x1B$BF|K\\\x1B(B'>",
                 .charset = "ISO-2022-JP",
                 .url = *url,
                 .type = OfflineType::html},
                note);
  EXPECT_EQ(asked, "http://h/?q=%1B$BF|K\\%1B(B");
  convert_links({.body = utf16(u"<a href='?é'>", true, false),
                 .charset = "UTF-16BE",
                 .url = *url,
                 .type = OfflineType::html},
                note);
  EXPECT_EQ(asked, "http://h/?%C3%A9");
}

TEST(ConvertLinks, StyleSheetsHaveNoTags) {
  EXPECT_EQ(converted("a{b:url(y)} <a href=y>", "", OfflineType::css), "a{b:url(x)} <a href=y>");
}

}  // namespace
}  // namespace trawl::service
