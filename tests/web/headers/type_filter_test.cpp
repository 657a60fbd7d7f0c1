#include "core/web/headers/type_filter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trawl::web {
namespace {

using testing::ElementsAre;

TEST(TypeFilter, AWordWithoutASlashIsEitherHalf) {
  EXPECT_THAT(type_globs("PDF").value(), ElementsAre("pdf/*", "*/pdf"));
  EXPECT_THAT(type_globs("Text/HTML").value(), ElementsAre("text/html"));
  for (const char* word : {"", "/", "text/", "/html", "a/b/c", "text html", "te[x]t", "a,b", "?"})
    EXPECT_FALSE(type_globs(word)) << word;
}

// RFC 6838, 4.2: 127 bytes each.
TEST(TypeFilter, AWordIsNoLongerThanATypeCanBe) {
  const std::string half(127, 'x');
  EXPECT_TRUE(type_globs(half + "/" + half));
  EXPECT_FALSE(type_globs(half + "/" + half + "y"));
}

TEST(TypeFilter, TakesWhatOneOfItsWordsIs) {
  const std::vector<std::string> words{"pdf", "image/*", "application/*+xml"};
  const TypeFilter filter{words};
  for (const char* type : {"application/pdf", "image/png", "application/atom+xml"})
    EXPECT_TRUE(filter.takes(type)) << type;
  for (const char* type : {"text/html", "", "application/xml", "application/pdf2", "imagex/png"})
    EXPECT_FALSE(filter.takes(type)) << type;
}

TEST(TypeFilter, WithoutWordsTakesAll) {
  const TypeFilter filter{{}};
  EXPECT_TRUE(filter.empty());
  EXPECT_TRUE(filter.takes("text/html"));
  EXPECT_TRUE(filter.takes(""));
}

}  // namespace
}  // namespace trawl::web
