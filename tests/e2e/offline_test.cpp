// The tree for offline reading: every relative link of it leads to a file of it.
#include "core/web/links/links.hpp"
#include "core/web/percent.hpp"
#include "service/demo/site.hpp"
#include "tests/e2e/program.hpp"

#include <fmt/format.h>

#include <fstream>
#include <set>
#include <sstream>

namespace trawl::e2e {
namespace {

namespace fs = std::filesystem;

std::string contents(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream{path}.rdbuf();
  return text.str();
}

struct TreeLinks {
  std::size_t files = 0;
  std::size_t inside = 0;          // links to files of the tree
  std::set<std::string> dangling;  // to files that are not there
  std::set<std::string> outside;
};

// Resolves the links of each page and style sheet as a browser would, with the tree as a host.
TreeLinks links_of(const fs::path& tree) {
  TreeLinks found;
  for (const auto& entry : fs::recursive_directory_iterator{tree}) {
    if (!entry.is_regular_file()) continue;
    ++found.files;
    const std::string name = fs::relative(entry.path(), tree).string();
    std::string escaped;
    for (const char c : name) escaped += c == '%' ? "%25" : std::string(1, c);
    const auto base = web::Url::parse("http://tree.test/" + escaped);
    const std::string text = contents(entry.path());
    std::vector<web::Link> links;
    if (name.ends_with(".html")) links = web::extract_links(text, *base).links;
    if (name.ends_with(".css")) links = web::extract_css_links(text, *base);
    for (const web::Link& link : links) {
      const auto target = web::Url::parse(link.url);
      if (target->hostname() != "tree.test") {
        found.outside.insert(std::string{target->without_fragment()});
        continue;
      }
      ++found.inside;
      std::string file;
      web::append_decoded(file, target->pathname());
      if (!fs::is_regular_file(tree / file.substr(1))) found.dangling.insert(name + " -> " + file);
    }
  }
  return found;
}

Reply demo_reply(const service::demo::Site& site, const SeenRequest& request) {
  auto answer = site.answer(request.target, "http://127.0.0.1");
  Reply reply{.status = answer.status, .body = answer.body, .content_type = answer.content_type};
  if (!answer.location.empty()) reply.headers.emplace_back("Location", answer.location);
  return reply;
}

class Offline : public testing::TestWithParam<std::string> {};

TEST_P(Offline, TheDemoSiteHangsTogether) {
  const service::demo::Site site{60};
  LoopbackServer server;
  server.otherwise([&](const SeenRequest& request) { return demo_reply(site, request); });
  const TempDir dir;
  const auto folder = dir / "out";
  const auto arguments = Arguments{"crawl", server.url(), "--convert-links"} +
                         loopback(folder, {"--bodies", GetParam()});
  const auto run = run_trawl(arguments);
  ASSERT_EQ(run.exit_code, 0) << run.err;

  const TreeLinks links = links_of(folder / "offline");
  EXPECT_GT(links.files, 60U);
  EXPECT_GT(links.inside, 200U);
  EXPECT_THAT(links.dangling, testing::IsEmpty());
  EXPECT_THAT(links.outside, testing::ElementsAre(server.url("/guide/removed.html"),
                                                  server.url("/private/notes.html")));
  // What was fetched is as it was.
  EXPECT_EQ(run_trawl({"cat", folder.string(), server.url()}).out,
            site.answer("/", "http://127.0.0.1").body);
  const auto again = run_trawl(arguments);
  EXPECT_EQ(again.exit_code, 0);
  EXPECT_THAT(again.err, testing::HasSubstr(" 0 new or changed"));
}

INSTANTIATE_TEST_SUITE_P(Bodies, Offline, testing::Values("files", "warc"),
                         [](const auto& bodies) { return bodies.param; });

TEST(OfflinePages, AwkwardUrlsAndPagesWorkTogether) {
  LoopbackServer server;
  const auto page = [](std::string body) { return Reply{.body = std::move(body)}; };
  server.on("/",
            page("<base href='/sub/'><a href=case>a</a><a href=CASE>b</a><a href='?q=1&amp;r'>c"
                 "</a><a href='#top'>d</a><a href='/moved#part'>e</a><img srcset='/i%20,.png "
                 "2x'><link rel=stylesheet href=/style.php integrity=x crossorigin>"));
  server.on("/sub/case", page("small<a href=/>home</a>"));
  server.on("/sub/CASE", page("large"));
  server.on("/sub/", page("folder"));
  server.on("/moved", support::redirect_to("/sub/con.aux?x"));
  server.on("/sub/con.aux", page("<h1 id=part>device</h1>"));
  server.on("/i%20,.png", Reply{.body = "png", .content_type = "image/png"});
  server.on("/style.php",
            Reply{.body = "p{background:url(/i%20,.png)}", .content_type = "text/css"});
  const TempDir dir;
  const auto folder = dir / "out";
  const auto run = run_trawl(Arguments{"crawl", server.url(), "--convert-links"} +
                             loopback(folder, {"--bodies", "files"}));
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const TreeLinks links = links_of(folder / "offline");
  EXPECT_THAT(links.dangling, testing::IsEmpty());
  EXPECT_THAT(links.outside, testing::IsEmpty());
  std::string home;
  for (const auto& host : fs::directory_iterator{folder / "offline"})
    home = contents(host.path() / "index.html");
  EXPECT_THAT(home, testing::HasSubstr("<base href=''>"));
  EXPECT_THAT(home, testing::HasSubstr("href=\"sub/case~.html\""));
  EXPECT_THAT(home, testing::HasSubstr("href='sub/index.html#top'"));
  EXPECT_THAT(home, testing::HasSubstr("#part'"));
  EXPECT_THAT(home, testing::HasSubstr("style.php~.css"));
  EXPECT_THAT(home, testing::Not(testing::HasSubstr("integrity")));
}

TEST(OfflinePages, WithoutBodiesThereIsNothingToConvert) {
  const TempDir dir;
  const auto run = run_trawl(Arguments{"crawl", "http://127.0.0.1:1/", "--convert-links"} +
                             loopback(dir / "out", {"--bodies", "none"}));
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.err, testing::HasSubstr("output.convert_links: needs bodies"));
}

}  // namespace
}  // namespace trawl::e2e
