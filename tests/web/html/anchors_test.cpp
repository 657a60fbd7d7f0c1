#include "core/web/html/anchors.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace trawl::web {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> anchors(std::string_view html, bool xhtml = false) {
  std::vector<std::string> names;
  each_anchor(html, xhtml, [&names](std::string_view name) { names.emplace_back(name); });
  return names;
}

TEST(Anchors, AreIdsOfAllElementsAndNamesOfLinks) {
  EXPECT_THAT(anchors("<h1 ID=one>1</h1><a name='two'>2</a><a id=\"3\" name=three>3</a>"
                      "<input name=no><unknown id=x><map name=no>"),
              ElementsAre("one", "two", "3", "three", "x"));
}

TEST(Anchors, HaveReferencesDecodedAndCountOnce) {
  EXPECT_THAT(anchors("<p id='a&amp;b'><p id=''><p id><p id=first id=second>"),
              ElementsAre("a&b", "first"));
}

TEST(Anchors, AreNoneInTextThatIsRaw) {
  EXPECT_THAT(anchors("<script>'<p id=a>'</script><style><p id=b></style><title><p id=c></title>"
                      "<!-- <p id=d> --><textarea id=e><p id=f></textarea><p id=g>"),
              ElementsAre("e", "g"));
}

TEST(Anchors, OfATemplateAreNotInThePage) {
  EXPECT_THAT(anchors("<template id=t><p id=inside></template><p id=after>"),
              ElementsAre("t", "after"));
}

TEST(Anchors, OfSvgAreThose) {
  EXPECT_THAT(anchors("<svg id=s><title><g id=g /></title><a name=no></a></svg><a name=yes>"),
              ElementsAre("s", "g", "yes"));
  EXPECT_THAT(anchors("<script/><p id='a'/>", true), ElementsAre("a"));
}

TEST(Anchors, OfAnyBytesAreSome) {
  EXPECT_THAT(anchors(""), IsEmpty());
  EXPECT_THAT(anchors("<p id="), IsEmpty());
  EXPECT_THAT(anchors("<p id='a"), IsEmpty());
}

TEST(Fragments, NameAnAnchorOrNone) {
  EXPECT_EQ(anchor_of("part"), "part");
  EXPECT_EQ(anchor_of("part:~:text=word"), "part");
  for (const char* none : {"", "top", "TOP", ":~:text=word", "/route/1", "!route"})
    EXPECT_EQ(anchor_of(none), "") << none;
}

TEST(Fragments, AreLookedForAsWrittenAndDecoded) {
  EXPECT_EQ(anchor_names("a%20b").written, "a%20b");
  EXPECT_EQ(anchor_names("a%20b").decoded, "a b");
  EXPECT_EQ(anchor_names("%C3%A9").decoded, "\u00e9");
}

}  // namespace
}  // namespace trawl::web
