#include "service/cli/links.hpp"

#include "core/base/result.hpp"
#include "tests/service/cli/small_crawl.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace trawl::service::cli {
namespace {

namespace json = boost::json;
using crawl::UrlState;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

crawl::Outcome html() {
  return {.content_type = "text/html"};
}

// What a Link header of an image or a document says is followed, too.
TEST(LinksOfOtherAnswers, TheirLinkHeaderIsListed) {
  test::SmallCrawl crawl;
  crawl.settings("[seeds]\nurls = [\"http://h/\"]\n");
  crawl.fetch("http://h/doc.pdf", "h", "Link: </gone>; rel=\"canonical\"\r\n", "<a href=/no>",
              {.content_type = "application/pdf"});
  crawl.fetch("http://h/image.png", "h", "", "png", {.content_type = "image/png"});
  crawl.end(crawl.admit("http://h/gone", "h"), test::SmallCrawl::fetched({.status = 404}));
  TextOutput out, err;
  EXPECT_EQ(run_links({.folders = {crawl.folder()}, .broken = true}, out, err), ExitCode::unwanted);
  const auto link = json::parse(out.text).as_object();
  EXPECT_EQ(link.at("page"), "http://h/doc.pdf");
  EXPECT_EQ(link.at("url"), "http://h/gone");
  EXPECT_THAT(err.text, HasSubstr("on 1 page"));
}

class Links : public testing::Test {
 protected:
  void SetUp() override {
    crawl_.settings("[seeds]\nurls = [\"http://h/\"]\n[urls]\nstrip_params = [\"ref\"]\n");
    crawl_.fetch("http://h/", "h", "Link: </style.css>; rel=stylesheet\r\n",
                 "<a href='/a?ref=1#x' rel=next>a</a> <a href=/old>o</a><img src=/no.png>"
                 "<a href=mailto:x@h>m</a><a href=http://other/>away</a><a href=/never>n</a>",
                 html());
    crawl_.fetch("http://h/a", "h", "", "<a href=/gone>g</a><a href=/gone>g</a>", html());
    crawl_.end(crawl_.admit("http://h/old", "h"),
               test::SmallCrawl::fetched({.status = 301, .redirect_to = "http://h/gone?ref=2"}));
    crawl_.end(crawl_.admit("http://h/gone", "h"), test::SmallCrawl::fetched({.status = 404}));
    crawl_.end(crawl_.admit("http://h/no.png", "h"),
               {.state = UrlState::failed, .error = Errc::reset, .attempts = 4});
    crawl_.admit("http://other/", "other", Errc::scope);
  }

  std::string run(LinksOptions options) {
    if (options.folders.empty()) options.folders = {crawl_.folder()};
    TextOutput out, err;
    code_ = run_links(options, out, err);
    said_ = err.text;
    return out.text;
  }
  // "PAGE LINK STATE STATUS ERROR REDIRECTS" of each line.
  std::vector<std::string> list(LinksOptions options = {}) {
    std::istringstream lines{run(std::move(options))};
    std::vector<std::string> rows;
    for (std::string line; std::getline(lines, line);) {
      const auto link = json::parse(line).as_object();
      std::string row;
      for (const auto* name : {"page", "link", "state", "status", "error", "redirects"}) {
        const auto& value = link.at(name);
        row += (row.empty() ? "" : " ") +
               (value.is_string() ? std::string{value.as_string()} : json::serialize(value));
      }
      rows.push_back(row);
    }
    return rows;
  }
  std::string failure(const LinksOptions& options) {
    try {
      run(options);
    } catch (const Failure& failure) {
      return failure.what();
    }
    return "no failure";
  }

  test::SmallCrawl crawl_;
  std::string said_;
  ExitCode code_ = ExitCode::internal;
};

TEST_F(Links, AllOfAPageAreListedWithTheirEnds) {
  EXPECT_THAT(list({.from = {"http://h/"}}),
              ElementsAre("http://h/ http://h/style.css null null null null",
                          "http://h/ http://h/a?ref=1#x fetched 200 null 0",
                          "http://h/ http://h/old fetched 404 null 1",
                          "http://h/ http://h/no.png failed null reset 0",
                          "http://h/ http://other/ excluded null scope 0",
                          "http://h/ http://h/never null null null null"));
  EXPECT_EQ(said_, "6 links of 1 page read\n");
}

TEST_F(Links, ALineSaysWhatTheLinkIs) {
  EXPECT_EQ(run({.to = {"h/a"}, .limit = 1}),
            R"({"page":"http://h/","link":"http://h/a?ref=1#x","url":"http://h/a","kind":"page",)"
            R"("tag":"a","attribute":"href","rel":"next","state":"fetched","status":200,)"
            R"("error":null,"redirects":0,"end_url":"http://h/a"})"
            "\n");
  EXPECT_EQ(
      run({.format = "csv", .error = "reset", .quiet = true}),
      "page,link,url,kind,tag,attribute,rel,state,status,error,redirects,end_url\n"
      "http://h/,http://h/no.png,http://h/no.png,embed,img,src,,failed,,reset,0,http://h/no.png\n");
  EXPECT_EQ(said_, "");
}

TEST_F(Links, WhereRedirectsEndIsNamed) {
  crawl_.end(crawl_.admit("http://h/away", "h"),
             test::SmallCrawl::fetched({.status = 302, .redirect_to = "http://unknown/x"}));
  crawl_.fetch("http://h/list", "h", "", "<a href=/old>o</a><a href=/away>w</a><a href=/a>a</a>",
               html());
  std::vector<std::string> ends;
  std::istringstream lines{run({.redirected = true, .from = {"http://h/list"}})};
  for (std::string line; std::getline(lines, line);) {
    const auto link = json::parse(line).as_object();
    ends.push_back(json::serialize(link.at("url")) + " " + json::serialize(link.at("end_url")) +
                   " " + json::serialize(link.at("redirects")));
  }
  EXPECT_THAT(ends, ElementsAre(R"("http://h/old" "http://h/gone" 1)",
                                R"("http://h/away" "http://unknown/x" 0)"));
}

TEST_F(Links, WhatNobodyFollowedCanBeListed) {
  EXPECT_THAT(list({.unchecked = true}),
              ElementsAre("http://h/ http://h/style.css null null null null",
                          "http://h/ http://other/ excluded null scope 0",
                          "http://h/ http://h/never null null null null"));
  EXPECT_EQ(code_, ExitCode::ok);
}

// A link that its page has no more, a sitemap that nobody promised, and a seed that is linked too.
TEST_F(Links, WhatNobodyLinksToAnyMoreIsNoBrokenLink) {
  crawl::NewUrl typo{
      .url = "http://h/typo", .host = "h", .depth = 1, .via = crawl_.id("http://h/a")};
  crawl_.end(crawl_.apply({.admitted = {typo}}).front(),
             test::SmallCrawl::fetched({.status = 404}));
  crawl_.end(crawl_.admit("http://h/sitemap.xml", "h"), test::SmallCrawl::fetched({.status = 404}));
  EXPECT_EQ(list({.broken = true}).size(), 4U);
}

TEST_F(Links, ASiteThatIsDownIsBroken) {
  test::SmallCrawl crawl;
  crawl.settings("[seeds]\nurls = [\"http://h/\"]\n");
  crawl.end(crawl.admit("http://h/", "h"),
            {.state = UrlState::failed, .error = Errc::connect_refused});
  TextOutput out, err;
  EXPECT_EQ(run_links({.folders = {crawl.folder()}, .format = "text", .broken = true}, out, err),
            ExitCode::unwanted);
  EXPECT_EQ(out.text, "connect_refused  http://h/\n    on (a seed)\n");
}

// Of a page that is kept the status says nothing; of one that loops neither.
TEST_F(Links, TheWordOfALinkIsItsFault) {
  auto kept = test::SmallCrawl::fetched({.error = Errc::reset, .revisit = crawl::Revisit::kept});
  kept.state = UrlState::failed;
  crawl_.end(crawl_.admit("http://h/down", "h"), kept);
  crawl_.end(crawl_.admit("http://h/loop", "h"),
             test::SmallCrawl::fetched({.status = 302, .error = Errc::redirect_loop}));
  crawl_.fetch("http://h/p", "h", "", "<a href=/down>d</a><a href=/loop>l</a>", html());
  EXPECT_THAT(run({.format = "text", .broken = true, .accept = "2xx,3xx", .from = {"http://h/p"}}),
              testing::AllOf(HasSubstr("redirect_loop  http://h/loop\n"),
                             HasSubstr("reset  http://h/down\n")));
}

TEST_F(Links, WhatIsNoUrlIsBroken) {
  crawl_.fetch("http://h/bad", "h", "",
               "<a href='http://'>e</a><a href=/a>a</a><a href='http://127.0.0.1:99999/'>port</a>"
               "<a href='mailto:x@h'>m</a>",
               html());
  EXPECT_THAT(list({.broken = true, .from = {"http://h/bad"}}),
              ElementsAre("http://h/bad http:// failed null bad_url 0",
                          "http://h/bad http://127.0.0.1:99999/ failed null bad_url 0"));
  EXPECT_THAT(run({.broken = true, .text = true, .from = {"http://h/bad"}, .limit = 2}),
              HasSubstr("\"text\":\"port\""));
  EXPECT_EQ(list({.from = {"http://h/bad"}}).size(), 1U);
}

TEST_F(Links, KindsCanBeChosen) {
  EXPECT_THAT(list({.kind = "style,embed"}),
              ElementsAre("http://h/ http://h/style.css null null null null",
                          "http://h/ http://h/no.png failed null reset 0"));
  EXPECT_THAT(failure({.kind = "page,image"}), HasSubstr("\"image\" is none; they are page, "));
}

TEST_F(Links, SeedsAndWhatSitemapsListMayBeBrokenToo) {
  crawl_.end(crawl_.admit("http://h/seed", "h"), test::SmallCrawl::fetched({.status = 410}));
  EXPECT_THAT(list({.broken = true, .status = "410"}),
              ElementsAre("null http://h/seed fetched 410 null 0"));
  EXPECT_EQ(code_, ExitCode::unwanted);
  EXPECT_THAT(list({.broken = true, .from = {"http://h/a"}}), testing::SizeIs(2));
}

TEST_F(Links, WhatItsOwnerHasDecidedAboutIsNotListed) {
  const std::string file = crawl_.folder() + "/policy";
  std::ofstream{file} << "# known\n\n*/no.png\npage: */a\n";
  EXPECT_THAT(list({.broken = true, .ignore = {file}}),
              ElementsAre("http://h/ http://h/old fetched 404 null 1"));
  EXPECT_THAT(said_, HasSubstr(", 3 ignored"));
  EXPECT_THAT(list({.broken = true, .accept = "404"}),
              ElementsAre("http://h/ http://h/no.png failed null reset 0"));
  std::ofstream{file} << run({.broken = true, .status = "404", .from = {"http://h/"}});
  EXPECT_THAT(list({.broken = true, .baseline = file}),
              ElementsAre("http://h/ http://h/no.png failed null reset 0",
                          "http://h/a http://h/gone fetched 404 null 0",
                          "http://h/a http://h/gone fetched 404 null 0"));
  EXPECT_THAT(said_, HasSubstr(", 1 more in "));
  crawl_.end(crawl_.admit("http://h/seed", "h"), test::SmallCrawl::fetched({.status = 410}));
  crawl_.fetch("http://h/bad", "h", "", "<a href='http://'>e</a>", html());
  std::ofstream{file} << run({.broken = true});
  EXPECT_THAT(list({.broken = true, .baseline = file}), IsEmpty());
  EXPECT_EQ(code_, ExitCode::ok);
  std::ofstream{file} << "\nexample.org/*\n";
  EXPECT_THAT(failure({.ignore = {file}}), HasSubstr("policy:2: "));
  EXPECT_THAT(failure({.baseline = file}), HasSubstr("policy:2: this is no line of trawl links"));
  EXPECT_THAT(failure({.baseline = file + "none"}), HasSubstr("policynone can't be read: No such"));
  EXPECT_THAT(failure({.accept = "40"}), HasSubstr("40"));
  EXPECT_THAT(failure({.ignore = {crawl_.folder()}}), HasSubstr("can't be read"));
  EXPECT_THAT(failure({.broken = true, .unchecked = true}), HasSubstr("--broken or --unchecked"));
  EXPECT_THAT(failure({.format = "junit"}), HasSubstr("give --broken"));
}

TEST_F(Links, AReportIsByWhereTheyLead) {
  EXPECT_EQ(run({.format = "text", .broken = true, .text = true}),
            "404  http://h/gone\n    on http://h/a  \"g\"\n    2 links in all\n"
            "404  http://h/old -> http://h/gone\n    on http://h/  \"o\"\n"
            "reset  http://h/no.png\n    on http://h/\n");
  EXPECT_THAT(
      run({.format = "github", .broken = true}),
      HasSubstr("::error title=Broken link%3A 404::http://h/gone (2 links), on http://h/a\n"));
  const std::string junit = run({.format = "junit", .broken = true});
  EXPECT_THAT(junit, HasSubstr("tests=\"3\" failures=\"3\""));
  crawl_.fetch("http://h/odd", "h", "", "<a href='http://\xEF\xBF\xBF/&lt;'>e</a>", html());
  EXPECT_THAT(run({.format = "junit", .broken = true, .from = {"http://h/odd"}}),
              HasSubstr("name=\"http://\xEF\xBF\xBD/&lt;\""));
  EXPECT_THAT(junit, HasSubstr("<testcase classname=\"links\" name=\"http://h/gone\"><failure "
                               "message=\"404, 2 links\">http://h/a\n</failure></testcase>\n"));
}

TEST_F(Links, WhatReadersSeeOfALinkIsItsText) {
  crawl_.fetch(
      "http://h/texts", "h", "Content-Type: text/html\r\nLink: </style.css>; rel=stylesheet\r\n",
      "<base href=/dir/><a href=mailto:x@h>mail</a><a href=b>  an <b>old</b>\n page </a>"
      "<img src=i.png alt=no><a href=c><img src=j.png alt='a &amp; b'></a><a href=b>again</a>",
      html());
  std::vector<std::string> texts;
  std::istringstream lines{run({.text = true, .from = {"http://h/texts"}})};
  for (std::string line; std::getline(lines, line);) {
    const auto link = json::parse(line).as_object();
    texts.push_back(std::string{link.at("url").as_string()} + " " +
                    json::serialize(link.at("text")));
  }
  EXPECT_THAT(texts, ElementsAre("http://h/style.css null", R"(http://h/dir/b "an old page")",
                                 "http://h/dir/i.png null", R"(http://h/dir/c "a & b")",
                                 "http://h/dir/j.png null", R"(http://h/dir/b "again")"));
  EXPECT_THAT(run({.format = "csv", .text = true, .from = {"http://h/texts"}, .limit = 2}),
              HasSubstr(",,,,,an old page\n"));
}

TEST_F(Links, TextsAreFoundBehindManyElementsThatLeadNowhere) {
  std::string html_text;
  for (int i = 0; i < 200; ++i) html_text += "<a href='javascript:x'>no</a>";
  crawl_.fetch("http://h/scripts", "h", "", html_text + "<a href=/end>the end</a>", html());
  EXPECT_THAT(run({.text = true, .from = {"http://h/scripts"}}), HasSubstr(R"("text":"the end"})"));
}

TEST_F(Links, BrokenOnesAreThoseOfEveryPageAlsoThroughRedirects) {
  EXPECT_THAT(list({.broken = true}), ElementsAre("http://h/ http://h/old fetched 404 null 1",
                                                  "http://h/ http://h/no.png failed null reset 0",
                                                  "http://h/a http://h/gone fetched 404 null 0",
                                                  "http://h/a http://h/gone fetched 404 null 0"));
  EXPECT_EQ(said_, "4 broken links of 8 on 2 pages read, 3 not checked (--unchecked lists them)\n");
  EXPECT_EQ(code_, ExitCode::unwanted);
  list();
  EXPECT_EQ(code_, ExitCode::ok);
  EXPECT_EQ(list({.status = "4xx"}).size(), 3U);
  EXPECT_EQ(list({.to = {"http://h/gone"}}).size(), 3U);
  EXPECT_EQ(list({.to = {"http://h/old"}}).size(), 1U);
  EXPECT_EQ(list({.state = "excluded"}).size(), 1U);
  EXPECT_EQ(list({.broken = true, .limit = 3}).size(), 3U);
  EXPECT_THAT(list({.limit = 0}), IsEmpty());
}

TEST_F(Links, AFragmentNeedsAPlaceOfThatName) {
  crawl_.fetch("http://h/parts", "h", "", "<h1 id=here>h</h1><a name='old way'>o</a>", html());
  crawl_.end(crawl_.admit("http://h/moved", "h"),
             test::SmallCrawl::fetched({.status = 301, .redirect_to = "http://h/parts"}));
  crawl_.end(crawl_.admit("http://h/there", "h"),
             test::SmallCrawl::fetched({.status = 301, .redirect_to = "http://h/parts#here"}));
  crawl_.fetch("http://h/text", "h", "", "text", {.content_type = "text/plain"});
  crawl_.fetch(
      "http://h/refers", "h", "",
      "<a href=/parts#here>1</a><a href=/parts#old%20way>2</a><a href=/parts#top>3</a>"
      "<a href=/moved#here>4</a><a href=/moved#gone>5</a><a href=#nowhere>6</a>"
      "<a href=/text#line>7</a><a href=/parts>8</a><a href=/gone#x>9</a><a href=/there#old>10</a>",
      html());
  std::vector<std::string> rows;
  std::istringstream lines{run({.fragments = true, .from = {"http://h/refers"}})};
  for (std::string line; std::getline(lines, line);)
    rows.push_back(json::serialize(json::parse(line).as_object().at("fragment")));
  EXPECT_THAT(rows, ElementsAre(R"("found")", R"("found")", "null", R"("found")", R"("missing")",
                                R"("missing")", "null", "null", "null", "null"));
  EXPECT_EQ(code_, ExitCode::ok);
  EXPECT_EQ(
      run({.format = "csv", .broken = true, .fragments = true, .from = {"http://h/refers"}}),
      "page,link,url,kind,tag,attribute,rel,state,status,error,redirects,fragment,end_url\n"
      "http://h/refers,http://h/moved#gone,http://h/moved,page,a,href,,fetched,200,,1,missing,"
      "http://h/parts\n"
      "http://h/refers,http://h/refers#nowhere,http://h/refers,page,a,href,,fetched,200,,0,"
      "missing,http://h/refers\n"
      "http://h/refers,http://h/gone#x,http://h/gone,page,a,href,,fetched,404,,0,,http://h/gone\n");
  EXPECT_EQ(code_, ExitCode::unwanted);
  EXPECT_THAT(run({.broken = true, .from = {"http://h/refers"}}), Not(HasSubstr("fragment")));
}

TEST_F(Links, AnotherFolderKnowsWhatThisOneLeftOut) {
  test::SmallCrawl others;
  others.end(others.admit("http://other/", "other"), test::SmallCrawl::fetched({.status = 410}));
  for (const auto& folders : {std::vector{crawl_.folder(), others.folder()},
                              std::vector{others.folder(), crawl_.folder()}})
    EXPECT_THAT(list({.folders = folders, .to = {"http://other/"}}),
                ElementsAre("http://h/ http://other/ fetched 410 null 0"));
  // It knows the page, too, and keeps none.
  others.end(others.admit("http://h/a", "h"), test::SmallCrawl::fetched(html()));
  EXPECT_EQ(list({.folders = {others.folder(), crawl_.folder()}, .from = {"http://h/a"}}).size(),
            2U);
}

TEST_F(Links, FilesKeepPagesToo) {
  test::SmallCrawl crawl;
  crawl.fetch_to_file("http://h/", "h", "<a href=/x>x</a>", html());
  EXPECT_THAT(list({.folders = {crawl.folder()}}),
              ElementsAre("http://h/ http://h/x null null null null"));
}

TEST_F(Links, TextsHaveNone) {
  test::SmallCrawl crawl;
  crawl.fetch("http://h/a.txt", "h", "", "http://h/b", {.content_type = "text/plain"});
  EXPECT_THAT(list({.folders = {crawl.folder()}}), testing::IsEmpty());
  EXPECT_EQ(said_, "0 links of 0 pages read\n");
  EXPECT_EQ(code_, ExitCode::ok);
}

TEST_F(Links, WhatCanNotBeReadIsSaidAndPassedOver) {
  crawl_.damage_warc("http://h/", "h");
  EXPECT_EQ(list().size(), 2U);
  EXPECT_EQ(said_, "2 links of 1 page read, 1 unreadable\n");
  EXPECT_EQ(code_, ExitCode::damaged);
}

TEST_F(Links, WhatCanNotBeAnsweredSaysWhy) {
  test::SmallCrawl bare;
  bare.end(bare.admit("http://h/", "h"), test::SmallCrawl::fetched(html()));
  EXPECT_THAT(failure({.folders = {bare.folder()}}), HasSubstr("keeps no answers"));
  EXPECT_THAT(failure({.from = {"http://h/gone"}}), HasSubstr("no page of it is kept"));
  EXPECT_THAT(failure({.from = {"http://h/unheard"}}), HasSubstr("is not known"));
  EXPECT_THAT(failure({.to = {"http://[/"}}), HasSubstr("--to http://[/"));
  EXPECT_THAT(failure({.status = "many"}), HasSubstr("many"));
  EXPECT_THAT(failure({.format = "xml"}), HasSubstr("jsonl, csv, text"));
}

TEST_F(Links, APageWithMoreLinksThanAreReadIsSaidToHaveThem) {
  std::string many;
  for (int i = 0; i < 50'001; ++i) many += "<a href=/a>";
  crawl_.fetch("http://h/many", "h", "", many, html());
  EXPECT_EQ(list({.from = {"http://h/many"}}).size(), 50'000U);
  EXPECT_EQ(said_,
            "50,000 links of 1 page read; 1 page with more links than the 50,000 that are read\n");
}

TEST_F(Links, CirclesOfRedirectsEnd) {
  crawl_.end(crawl_.admit("http://h/r1", "h"),
             test::SmallCrawl::fetched({.status = 302, .redirect_to = "http://h/r2"}));
  crawl_.end(crawl_.admit("http://h/r2", "h"),
             test::SmallCrawl::fetched({.status = 302, .redirect_to = "http://h/r1"}));
  crawl_.fetch("http://h/c", "h", "", "<a href=/r1>r</a>", html());
  EXPECT_THAT(list({.from = {"http://h/c"}}),
              ElementsAre("http://h/c http://h/r1 fetched 302 redirect_loop 20"));
  EXPECT_EQ(list({.broken = true, .from = {"http://h/c"}}).size(), 1U);
}

}  // namespace
}  // namespace trawl::service::cli
