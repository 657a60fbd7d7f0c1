// What a crawl with scope.outlinks took from elsewhere: judged as where links lead, never as pages
// whose links count.
#include "core/base/result.hpp"
#include "service/cli/explain.hpp"
#include "service/cli/links.hpp"
#include "tests/service/cli/small_crawl.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trawl::service::cli {
namespace {

namespace json = boost::json;
using testing::HasSubstr;
using testing::Not;

class FolderWithOutlinks : public testing::Test {
 protected:
  void SetUp() override {
    crawl_.settings("[seeds]\nurls = [\"http://h/\"]\n[scope]\noutlinks = true\n");
    crawl_.fetch("http://h/", "h", "",
                 "<a href=/a>a</a><a href=http://other/>o</a><a href='http://other/gone#x'>g</a>"
                 "<a href='http://other/#here'>h</a><a href='http://other/#nowhere'>n</a>",
                 html());
    crawl_.fetch_from("http://h/", "http://h/a", "h", "a", html());
    crawl_.fetch_from("http://h/", "http://other/", "other",
                      "<p id=here><a href=/more>m</a><a href=http://other/gone>g</a>", outlink());
    crawl_.fetch_from("http://h/", "http://other/gone", "other", "<a href=/home>h</a>",
                      outlink(404));
  }

  static crawl::Outcome outlink(int status = 200) {
    return {.status = status, .content_type = "text/html", .note = "outlink"};
  }
  static crawl::Outcome html() { return {.content_type = "text/html"}; }
  std::string links(LinksOptions options) {
    options.folders = {crawl_.folder()};
    TextOutput out, err;
    code_ = run_links(options, out, err);
    said_ = err.text;
    return out.text;
  }
  std::string explain(const std::string& url, bool as_json = false) {
    TextOutput out;
    run_explain({crawl_.folder(), url, as_json}, Wall{Millis{1'769'904'000'000}}, out);
    return out.text;
  }

  test::SmallCrawl crawl_;
  ExitCode code_ = ExitCode::ok;
  std::string said_;
};

TEST_F(FolderWithOutlinks, LinksAreThoseOfItsOwnPages) {
  const std::string text = links({});
  EXPECT_THAT(text, HasSubstr("http://other/gone"));
  EXPECT_THAT(text, Not(HasSubstr("http://other/more")));
  EXPECT_THAT(text, Not(HasSubstr("http://other/home")));
  EXPECT_THAT(said_, HasSubstr("5 links of 2 pages read"));
}

TEST_F(FolderWithOutlinks, WhatIsBrokenElsewhereIsSaidOfThePageThatRefersToIt) {
  const std::string text = links({.broken = true, .fragments = true});
  EXPECT_EQ(code_, ExitCode::unwanted);
  const auto at = text.find('\n');
  const auto gone = json::parse(text.substr(0, at)).as_object();
  EXPECT_EQ(gone.at("page"), "http://h/");
  EXPECT_EQ(gone.at("link"), "http://other/gone#x");
  EXPECT_EQ(gone.at("status"), 404);
  const auto fragment = json::parse(text.substr(at + 1, text.size() - at - 2)).as_object();
  EXPECT_EQ(fragment.at("link"), "http://other/#nowhere");
  EXPECT_THAT(said_, HasSubstr("2 broken links of 5"));
  EXPECT_THAT(said_, Not(HasSubstr("not checked")));
}

TEST_F(FolderWithOutlinks, APageThatIsAskedForByNameIsRead) {
  EXPECT_THAT(links({.from = {"http://other/"}}), HasSubstr("http://other/more"));
}

TEST_F(FolderWithOutlinks, ExplainKnowsThemInALaterRunWithoutThem) {
  crawl_.settings("[seeds]\nurls = [\"http://h/\"]\n");
  EXPECT_THAT(explain("http://other/"), HasSubstr("scope.outlinks"));
  EXPECT_THAT(explain("http://other/never-met"), Not(HasSubstr("scope.outlinks")));
}

TEST_F(FolderWithOutlinks, ExplainSaysWhyTheyWereTaken) {
  EXPECT_THAT(explain("http://other/"), HasSubstr("scope.outlinks"));
  EXPECT_THAT(explain("http://h/a"), Not(HasSubstr("scope.outlinks")));
  const auto scope = json::parse(explain("http://other/", true)).at("scope").as_object();
  EXPECT_EQ(scope.at("inside"), true);
  EXPECT_EQ(scope.at("outlink"), true);
}

}  // namespace
}  // namespace trawl::service::cli
