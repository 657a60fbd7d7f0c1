#include "core/web/charset/text_stream.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace trawl::web {
namespace {

using namespace std::string_view_literals;

// The text when it comes in blocks of so many bytes.
std::string decoded(std::string_view bytes, std::string_view charset, std::size_t block) {
  TextStream stream{charset};
  std::string text;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(block, bytes.size())))
    text += stream.feed(bytes.substr(0, block));
  text += stream.finish();
  return text;
}

TEST(TextStream, BlocksOfAnySizeGiveTheSameText) {
  struct Case {
    std::string_view charset, bytes, text;
  };
  const Case cases[] = {
      {"",
       "<a>Gr\xC3\xBC\xC3\x9F"
       "e \xF0\x9F\x98\x80</a>",
       "<a>Grüße 😀</a>"},
      {"utf-8", "\xEF\xBB\xBF<a/>", "<a/>"},
      {"latin1",
       "<a>Gr\xFC\xDF"
       "e\n</a>",
       "<a>Grüße\n</a>"},
      {"shift_jis", "<a>\x93\xFA\x96\x7B\n</a>", "<a>日本\n</a>"},
      {"gb18030", "<a>\x81\x30\x81\x30\xC4\xE3</a>", "<a>\xC2\x80你</a>"},
      {"", "\xFF\xFE<\0a\0>\0\x3D\xD8\x00\xDE<\0/\0a\0>\0"sv, "<a>😀</a>"},
      {"utf-16be", "\0<\0a\0>\x00\xFC\0<\0/\0a\0>"sv, "<a>ü</a>"},
  };
  for (const Case& c : cases)
    for (const std::size_t block : {1, 2, 3, 5, 7, 1000})
      EXPECT_EQ(decoded(c.bytes, c.charset, block), c.text) << c.text << " by " << block;
}

TEST(TextStream, WhatIsNoTextInTheEncodingIsReplaced) {
  EXPECT_EQ(decoded("a\xFF"
                    "b\xC3",
                    "", 1),
            "a\uFFFDb\uFFFD");
  EXPECT_EQ(decoded("\0<\0"sv, "utf-16be", 2), "<\uFFFD");
}

// Between blocks as anywhere else it is a character (U+FEFF), or malformed.
TEST(TextStream, OnlyTheBeginningHasAByteOrderMark) {
  for (const std::size_t block : {1, 3, 6, 1000}) {
    EXPECT_EQ(decoded("<a>\xEF\xBB\xBF</a>", "", block), "<a>\uFEFF</a>") << block;
    EXPECT_EQ(decoded("\xEF\xBB\xBF\xEF\xBB\xBF<a>", "", block), "\uFEFF<a>") << block;
    EXPECT_EQ(decoded("<a>\xFE\xFF<b>", "", block), "<a>\uFFFD\uFFFD<b>") << block;
    EXPECT_EQ(decoded("<\0a\0>\0\xFF\xFE<\0"sv, "utf-16le", block * 2), "<a>\uFEFF<") << block;
  }
}

TEST(TextStream, AnEmptyBodyIsEmptyText) {
  EXPECT_EQ(decoded("", "", 1), "");
}

TEST(TextStream, ALongLineWithoutAPlaceToCutDoesNotPileUp) {
  const std::string line(1 << 20, 'x');
  EXPECT_EQ(decoded(line, "latin1", 4096), line);
}

}  // namespace
}  // namespace trawl::web
