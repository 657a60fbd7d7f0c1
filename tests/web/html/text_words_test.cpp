#include "core/web/html/text_words.hpp"

#include "core/base/limits.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trawl::web {
namespace {

std::vector<std::uint32_t> words(std::string_view html) {
  TextWords reader;
  reader.feed(html);
  return reader.take().words;
}

TEST(TextWords, AreTheRunsOfLettersOfTheTextWhateverTheirCase) {
  EXPECT_EQ(words("Hello, world").size(), 2U);
  EXPECT_EQ(words("Hello world"), words("<p class=x>HELLO <b>World</b></p>"));
  EXPECT_EQ(words("word"), words("word 12 x9 3rd a 2024-05-06"));
  EXPECT_NE(words("one two"), words("two one"));
  EXPECT_EQ(words("\xC3\xA4ther").size(), 1U);
  EXPECT_THAT(words(std::string(25, 'x')), testing::IsEmpty());
}

TEST(TextWords, ScriptsStylesCommentsAndAttributesHaveNone) {
  const auto plain = words("before after");
  EXPECT_EQ(words("before <script>var a = '<b>x</b>';</script> after"), plain);
  EXPECT_EQ(words("before <STYLE media=x>p > a { }</style > after"), plain);
  EXPECT_EQ(words("before <!-- a > b -- c --> after"), plain);
  EXPECT_EQ(words("before <img alt=\"no words\"> after"), plain);
  EXPECT_EQ(words("before <!DOCTYPE html> after"), plain);
  EXPECT_EQ(words("before < after"), plain);
  EXPECT_EQ(words("before <!-- never closed after"), words("before"));
  EXPECT_EQ(words("before <script>never closed after"), words("before"));
}

TEST(TextWords, PiecesOfAnySizeGiveTheSame) {
  const std::string page =
      "<!DOCTYPE html><title>One</title><!-- two --> <script>three</script>four<p title='five>'>"
      "six 7even <style>eight</style> ni\xC3\xB1o <a href=x>ten</a> <!----> eleven < twelve";
  const auto whole = words(page);
  for (std::size_t size = 1; size < page.size(); ++size) {
    TextWords reader;
    for (std::size_t at = 0; at < page.size(); at += size)
      reader.feed(std::string_view{page}.substr(at, size));
    EXPECT_EQ(reader.take().words, whole) << size;
  }
}

// Text is looked at in blocks; wherever one ends, the words and numbers are the same.
TEST(TextWords, AreTheSameWhereverTheTextBegins) {
  const std::string page =
      "one<b>two</b>three <a href='a>b'>four</a>5six <i>7</i> <br>x<hr>eight 2024-05-06 " +
      std::string(24, 'w') + ' ' + std::string(25, 'v') + ' ' + std::string(31, '1') + ' ' +
      std::string(40, 'u') + "9 " + std::string(70, 't') + " <p>\xC3\xA4ther<script>no</script>end";
  TextWords reader;
  reader.feed(page + " ");
  const TextTokens tokens = reader.take();
  // "b" is one letter and "x" too; the rest of the broken tag is text.
  EXPECT_EQ(tokens.words,
            words("one two three four eight " + std::string(24, 'w') + " \xC3\xA4ther end"));
  EXPECT_EQ(tokens.numbers.size(), 7U);
  for (std::size_t spaces = 1; spaces < 70; ++spaces) {
    TextWords shifted;
    shifted.feed(std::string(spaces, ' ') + page);
    const TextTokens same = shifted.take();
    EXPECT_EQ(same.words, tokens.words) << spaces;
    EXPECT_EQ(same.numbers, tokens.numbers) << spaces;
  }
}

TEST(TextWords, NumbersAreTheRunsOfDigits) {
  TextWords reader;
  reader.feed("Page 12, p7 of 2024-05 <b title=99>end");
  EXPECT_THAT(reader.take().numbers,
              testing::ElementsAre(TextWords::hash("12"), TextWords::hash("7"),
                                   TextWords::hash("2024"), TextWords::hash("05")));
}

TEST(TextWords, AreBounded) {
  std::string page;
  for (std::size_t i = 0; i < limits::text_words_max; ++i) page += "ab ";
  TextWords fits;
  fits.feed(page);
  EXPECT_FALSE(fits.take().cut);
  TextWords longer;
  longer.feed(page + "cd ");
  const TextTokens tokens = longer.take();
  EXPECT_TRUE(tokens.cut);
  EXPECT_EQ(tokens.words.size(), limits::text_words_max);
}

}  // namespace
}  // namespace trawl::web
