// Lists with requests, as a user has them: what goes out, what is kept, how it is found again.
#include "tests/e2e/program.hpp"

#include <fmt/format.h>

#include <fstream>
#include <sstream>

namespace trawl::e2e {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

std::string text_of(const fs::path& file) {
  std::ifstream in{file, std::ios::binary};
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

struct Site {
  Site() {
    server.on("/f", [](const SeenRequest& request) {
      return Reply{.body = request.method + " " + request.body, .content_type = "text/plain"};
    });
  }
  std::string lines() const {
    return fmt::format(
        "{0}\n"
        R"({{"url":"{0}","method":"POST","body":"q=1"}})"
        "\n"
        R"({{"url":"{0}","method":"HEAD"}})"
        "\n{{\"url\": 1}}\n",
        server.url("/f"));
  }
  LoopbackServer server;
};

TEST(List, RequestsAreArchivedWithTheirBodiesAndFoundByTheirMethods) {
  const Site site;
  const TempDir dir;
  const auto list = dir.write("list.jsonl", site.lines());
  const auto run =
      run_trawl(Arguments{"fetch", "-i", list.string(), "--set", "output.warc_compress=none"} +
                loopback(dir / "out"));
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_THAT(run.err, HasSubstr(list.string() + ":4"));
  EXPECT_THAT(run.err, HasSubstr("\"url\" has to be a string"));
  const auto url = site.server.url("/f"), out = (dir / "out").string();
  EXPECT_EQ(run_trawl({"cat", out, url}).out, "GET ");
  EXPECT_EQ(run_trawl({"cat", out, url, "--method", "POST"}).out, "POST q=1");
  EXPECT_THAT(run_trawl({"results", out}).out, HasSubstr("\"method\":\"POST\""));
  const auto archive = fs::directory_iterator{dir / "out" / "warc"} -> path();
  EXPECT_THAT(text_of(archive), HasSubstr("Content-Length: 3\r\n\r\nq=1\r\n\r\n"));
  const auto verified = run_trawl({"warc", "verify", archive.string()});
  EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
}

TEST(List, ARequestOfTheCommandLineIsAsALineOfAList) {
  LoopbackServer server;
  server.on("/f", [](const SeenRequest& request) {
    return Reply{.body = fmt::format("{} {} {} {}", request.method, request.body,
                                     request.header("content-type"), request.header("x-a")),
                 .content_type = "text/plain"};
  });
  const TempDir dir;
  const std::string url = server.url("/f"), out = (dir / "out").string();
  const auto body = dir.write("body", "{\"q\": 1}").string();
  const auto form =
      run_trawl(Arguments{"fetch", "-d", "q=1", "-H", "X-A: b c", url} + loopback(dir / "out"));
  EXPECT_EQ(form.exit_code, 0) << form.err;
  EXPECT_EQ(run_trawl({"cat", out, url, "--method", "POST"}).out,
            "POST q=1 application/x-www-form-urlencoded b c");
  const auto put = run_trawl(Arguments{"fetch", "-X", "PUT", "-d", "@" + body, "-H",
                                       "content-type: application/json", url} +
                             loopback(dir / "out"));
  EXPECT_EQ(put.exit_code, 0) << put.err;
  EXPECT_EQ(run_trawl({"cat", out, url, "--method", "PUT"}).out,
            "PUT {\"q\": 1} application/json ");
  const auto wrong = run_trawl(Arguments{"fetch", "-H", "Host: x", url} + loopback(dir / "no"));
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_THAT(wrong.err, HasSubstr("Host is set by trawl itself"));
  EXPECT_FALSE(fs::exists(dir / "no"));
}

TEST(List, RequestsOfOneUrlHaveFilesOfTheirOwn) {
  const Site site;
  const TempDir dir;
  const auto list = dir.write("list.jsonl", site.lines());
  const auto run = run_trawl(Arguments{"fetch", "-i", list.string(), "--bodies", "files"} +
                             loopback(dir / "out"));
  EXPECT_EQ(run.exit_code, 0);
  std::vector<std::string> bodies;
  for (const auto& entry : fs::recursive_directory_iterator{dir / "out" / "files"})
    if (entry.is_regular_file()) bodies.push_back(text_of(entry.path()));
  EXPECT_THAT(bodies, testing::UnorderedElementsAre("GET ", "POST q=1"));
}

TEST(List, ASecondColumnIsNoPartOfTheUrl) {
  const Site site;
  const TempDir dir;
  const auto list = dir.write("list.tsv", site.server.url("/f") + "\tname.bin\n");
  const auto run = run_trawl(Arguments{"fetch", "-i", list.string()} + loopback(dir / "out"));
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_THAT(run.err, HasSubstr(list.string() + ":1"));
  EXPECT_THAT(run.err, HasSubstr("a tab within the line"));
  EXPECT_EQ(site.server.count(), 0U);
}

std::size_t count_of(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(List, TheFirstLineThatIsNotUtf8BringsAWarningForItsFile) {
  const Site site;
  const TempDir dir;
  const auto url = site.server.url("/f");
  const auto utf8 = dir.write("utf8", "\xEF\xBB\xBF" + url + "?\xC3\xA9\n").string();
  const auto other =
      dir.write("other", fmt::format("# \xE9\n{0}\n{0}?\xE9\n{0}?\xE8\n", url)).string();
  const auto wide = dir.write("wide", std::string_view{"\xFF\xFEh\0t\0\n\0", 8}).string();
  const auto run =
      run_trawl(Arguments{"fetch", "-i", utf8, "-i", other, "-i", wide} + loopback(dir / "out"));
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(count_of(run.err, "not in UTF-8"), 2U) << run.err;
  EXPECT_THAT(run.err, HasSubstr(other + ":3: this line is not in UTF-8"));
  EXPECT_THAT(run.err, HasSubstr(wide + ":1: this line is not in UTF-8"));
  EXPECT_THAT(run.err, HasSubstr("iconv -f UTF-16 -t UTF-8"));
}

}  // namespace
}  // namespace trawl::e2e
