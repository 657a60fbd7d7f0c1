#include "core/web/charset/content.hpp"

#include "core/web/utf8.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace trawl::web {
namespace {

using namespace std::string_view_literals;

std::string decoded(std::string_view body, std::string_view charset) {
  std::string storage;
  return std::string(to_utf8(body, charset, storage));
}

using Fields = std::vector<std::pair<std::string, std::string>>;

// The examples of the Fetch standard, section 2.2.2, and more.
TEST(MediaType, OfSeveralTheLastThatIsOneCounts) {
  const auto declared = [](const Fields& fields) {
    const auto type = declared_media_type(fields);
    return type.essence + ";" + type.charset;
  };
  EXPECT_EQ(declared({}), ";");
  EXPECT_EQ(declared({{"Content-Type", ""}}), ";");
  EXPECT_EQ(declared({{"content-type", "text/html, text/html"}}), "text/html;");
  EXPECT_EQ(declared({{"Content-Type", "text/plain;charset=gbk, text/html"}}), "text/html;");
  EXPECT_EQ(declared({{"Content-Type", "text/html;charset=gbk;a=b, text/html;x=y"}}),
            "text/html;gbk");
  EXPECT_EQ(declared({{"Content-Type", "text/html;charset=gbk"},
                      {"Content-Type", "x/x"},
                      {"Content-Type", "text/html;x=y"}}),
            "text/html;");
  EXPECT_EQ(declared({{"Content-Type", "text/html, */*"}, {"Content-Type", "cannot-parse"}}),
            "text/html;");
  EXPECT_EQ(declared({{"Content-Type", "text/html;charset=\"a,text/plain\""}}),
            "text/html;a,text/plain");
}

// MIME Sniffing standard, section 7.1.
TEST(MediaType, AnUnknownOneIsSeenInTheFirstBytes) {
  const auto sniffed = [](std::string_view begin) { return sniffed_media_type(begin).essence; };
  EXPECT_EQ(sniffed("<!doctype html><title>"), "text/html");
  EXPECT_EQ(sniffed(" \r\n\t<hTmL lang=de>"), "text/html");
  EXPECT_EQ(sniffed("<!-->"), "text/html");
  EXPECT_EQ(sniffed("<a href=x>"), "text/html");
  EXPECT_EQ(sniffed("<article>"), "");
  EXPECT_EQ(sniffed("<b"), "") << "cut";
  EXPECT_EQ(sniffed("<?xml version='1.0'?><rss>"), "text/xml");
  EXPECT_EQ(sniffed("\x89PNG <a href=x>"), "");
  EXPECT_EQ(sniffed(std::string(600, ' ') + "<html>"), "");
  EXPECT_EQ(sniffed(""), "");
  for (const auto* unknown : {"", "*/*", "unknown/unknown", "application/unknown", "text"})
    EXPECT_TRUE(parse_media_type(unknown).is_unknown()) << unknown;
  EXPECT_FALSE(parse_media_type("application/octet-stream").is_unknown());
}

TEST(MediaType, IsLowerCaseWithItsCharset) {
  const MediaType type = parse_media_type(" Text/HTML ; x=y; Charset=\"utf\\-8\" ; charset=x");
  EXPECT_EQ(type.essence, "text/html");
  EXPECT_EQ(type.charset, "utf-8");
  EXPECT_TRUE(type.is_html());
  EXPECT_EQ(parse_media_type("text/html;charset=utf-8").charset, "utf-8");
  EXPECT_EQ(parse_media_type("text/html;charset= ;charset=b").charset, "b");
}

TEST(MediaType, IsEmptyWhenItIsNone) {
  EXPECT_EQ(parse_media_type("").essence, "");
  EXPECT_EQ(parse_media_type("text").essence, "");
  EXPECT_EQ(parse_media_type("text/").essence, "");
  EXPECT_EQ(parse_media_type("te xt/html").essence, "");
}

TEST(MediaType, FamiliesAreKnown) {
  EXPECT_TRUE(parse_media_type("application/xhtml+xml").is_html());
  EXPECT_TRUE(parse_media_type("application/atom+xml").is_xml());
  EXPECT_TRUE(parse_media_type("text/css").is_css());
  EXPECT_FALSE(parse_media_type("text/plain").is_xml());
}

TEST(Charset, LabelsAreThoseOfTheEncodingStandard) {
  EXPECT_EQ(charset_for_label(" Latin1\n"), "windows-1252");
  EXPECT_EQ(charset_for_label("gb2312"), "GBK");
  EXPECT_EQ(charset_for_label("iso-2022-kr"), "replacement");
  EXPECT_EQ(charset_for_label("utf-7"), "");
}

TEST(Charset, TheMarkIsStrongerThanTheHeaderAndTheHeaderThanThePage) {
  EXPECT_EQ(detect_charset("\xEF\xBB\xBFx", "latin1"), "UTF-8");
  EXPECT_EQ(detect_charset("\xFF\xFEx\0"sv, "latin1"), "UTF-16LE");
  EXPECT_EQ(detect_charset("<meta charset=koi8-r>", "shift_jis"), "Shift_JIS");
  EXPECT_EQ(detect_charset("<meta charset=koi8-r>", "nonsense"), "KOI8-R");
  EXPECT_EQ(detect_charset("<?xml version='1.0' encoding='big5'?><p>", ""), "Big5");
}

TEST(Charset, WithoutASignTheBytesDecide) {
  EXPECT_EQ(detect_charset("plain", ""), "UTF-8");
  EXPECT_EQ(detect_charset("\xC3\xA4", ""), "UTF-8");
  EXPECT_EQ(detect_charset("cut off: \xE2\x82", ""), "UTF-8");
  EXPECT_EQ(detect_charset("\xE4 latin", ""), "windows-1252");
  EXPECT_EQ(detect_charset(std::string(2000, ' ') + "<meta charset=koi8-r>\xE4 ", ""), "KOI8-R");
}

TEST(Utf8, AValidBodyIsNotCopied) {
  std::string storage;
  const std::string body = "gr\xC3\xBC\xC3\x9F dich " + std::string(200, 'x');
  EXPECT_EQ(to_utf8(body, "UTF-8", storage).data(), body.data());
  EXPECT_EQ(to_utf8("\xEF\xBB\xBFx", "UTF-8", storage), "x");
}

// Encoding standard, section 8.1.1: one U+FFFD for each maximal malformed part.
TEST(Utf8, MalformedPartsAreReplaced) {
  EXPECT_EQ(decoded("a\xFF"
                    "b",
                    "UTF-8"),
            "a\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(decoded("\xE2\x82z", "UTF-8"), "\xEF\xBF\xBDz");
  EXPECT_EQ(decoded("\xED\xA0\x80", "UTF-8"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(decoded("\xF0\x9F\x98", "UTF-8"), "\xEF\xBF\xBD");
  EXPECT_EQ(decoded("\xC0\xAF", "UTF-8"), "\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(Utf8, OnlyScalarValuesAreValid) {
  EXPECT_TRUE(utf8::is_valid("\xF4\x8F\xBF\xBF"));
  EXPECT_FALSE(utf8::is_valid("\xF4\x90\x80\x80"));
  EXPECT_FALSE(utf8::is_valid("\xE0\x80\x80"));
  EXPECT_FALSE(utf8::is_valid(std::string(100, 'x') + "\x80"));
}

TEST(Decode, EncodingsAreThoseOfTheStandard) {
  EXPECT_EQ(decoded("\x80\x81\xE4", "iso-8859-1"), "\xE2\x82\xAC\xC2\x81\xC3\xA4");
  EXPECT_EQ(decoded("\xA4", "iso-8859-15"), "\xE2\x82\xAC");
  EXPECT_EQ(decoded("\xF0\xD2", "koi8-r"), "\xD0\x9F\xD1\x80");
  EXPECT_EQ(decoded("\x93\xFA\x96\x7B", "shift_jis"), "\xE6\x97\xA5\xE6\x9C\xAC");
  EXPECT_EQ(decoded("\xC6\xFC\xCB\xDC", "euc-jp"), "\xE6\x97\xA5\xE6\x9C\xAC");
  EXPECT_EQ(decoded("\xD6\xD0", "gb2312"), "\xE4\xB8\xAD");
  EXPECT_EQ(decoded("\xA4\xA4", "big5"), "\xE4\xB8\xAD");
  EXPECT_EQ(decoded("\xB0\xA1", "euc-kr"), "\xEA\xB0\x80");
  EXPECT_EQ(decoded("a\0b\0"sv, "utf-16le"), "ab");
  EXPECT_EQ(decoded("\0a\0b"sv, "utf-16be"), "ab");
  EXPECT_EQ(decoded("x\x80", "x-user-defined"), "x\xEF\x9E\x80");
  EXPECT_EQ(decoded("anything", "iso-2022-kr"), "\xEF\xBF\xBD");
}

TEST(Decode, EveryEncodingHasAConverterThatKeepsAscii) {
  for (const std::string_view label :
       {"ibm866",       "iso-8859-2",   "iso-8859-3",     "iso-8859-4",   "iso-8859-5",
        "iso-8859-6",   "iso-8859-7",   "iso-8859-8",     "iso-8859-8-i", "iso-8859-10",
        "iso-8859-13",  "iso-8859-14",  "iso-8859-15",    "iso-8859-16",  "koi8-r",
        "koi8-u",       "macintosh",    "windows-874",    "windows-1250", "windows-1251",
        "windows-1252", "windows-1253", "windows-1254",   "windows-1255", "windows-1256",
        "windows-1257", "windows-1258", "x-mac-cyrillic", "gbk",          "gb18030",
        "big5",         "euc-jp",       "iso-2022-jp",    "shift_jis",    "euc-kr",
        "utf-16be"}) {
    std::string storage;
    if (label == "utf-16be") {
      EXPECT_EQ(to_utf8("\0a"sv, label, storage), "a");
      continue;
    }
    for (char c = 0; c >= 0; ++c) {
      if (label == "iso-2022-jp" && (c == 0x0E || c == 0x0F || c == 0x1B)) continue;  // no text
      const std::string ascii = {'x', c, 'y'};
      EXPECT_EQ(to_utf8(ascii, label, storage), ascii) << label << " " << int{c};
      if (c == 0x7F) break;
    }
  }
}

TEST(Decode, LongBodiesPassTheConverterInPieces) {
  std::string body;
  for (int i = 0; i < 100'000; ++i) body += "\xC6\xFC";
  const std::string text = decoded(body, "euc-jp");
  EXPECT_EQ(text.size(), 300'000U);
  EXPECT_TRUE(utf8::is_valid(text));
}

}  // namespace
}  // namespace trawl::web
