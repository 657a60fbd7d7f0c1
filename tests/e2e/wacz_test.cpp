// The archive as one file, for those who read it: Python's zipfile and gzip go the way from a URL
// to its record, and ReplayWeb.page shows it in a browser.
#include "tests/e2e/program.hpp"
#include "tests/e2e/warcio.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <filesystem>
#include <fstream>

namespace trawl::e2e {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using testing::HasSubstr;

// Prints what is wrong, and else the URLs whose captures it could read, in the order of the index.
constexpr const char* reader = R"(
import gzip, hashlib, json, sys, zipfile
wacz = zipfile.ZipFile(sys.argv[1])
assert wacz.testzip() is None
package = json.loads(wacz.read('datapackage.json'))
digest = json.loads(wacz.read('datapackage-digest.json'))
assert digest['hash'] == 'sha256:' + hashlib.sha256(wacz.read('datapackage.json')).hexdigest()
named = {r['path'] for r in package['resources']}
assert named | {'datapackage.json', 'datapackage-digest.json'} == set(wacz.namelist()), named
for r in package['resources']:
  body = wacz.read(r['path'])
  assert r['bytes'] == len(body) and r['hash'] == 'sha256:' + hashlib.sha256(body).hexdigest(), r
meta, *members = wacz.read('indexes/index.idx').decode().splitlines()
assert json.loads(meta.removeprefix('!meta 0 '))['filename'] == 'index.cdx.gz'
index, last = wacz.read('indexes/index.cdx.gz'), ''
captures = []
for line in members:
  place = json.loads(line[line.index('{'):])
  lines = gzip.decompress(index[place['offset']:place['offset'] + place['length']]).decode().splitlines()
  assert lines[0].startswith(line[:line.index(' {')]) and 0 < len(lines) <= 1024
  for each in lines:
    assert each > last
    last = each
    entry = json.loads(each[each.index('{'):])
    archive = 'archive/' + entry['filename']
    assert wacz.getinfo(archive).compress_type == zipfile.ZIP_STORED
    at = int(entry['offset'])
    record = gzip.decompress(wacz.read(archive)[at:at + int(entry['length'])]).decode()
    assert record.startswith('WARC/1.1') and 'WARC-Target-URI: ' + entry['url'] in record
    captures.append(entry['url'])
pages = [json.loads(p) for name in ('pages', 'extraPages')
         for p in wacz.read(f'pages/{name}.jsonl').decode().splitlines()]
print(json.dumps({'captures': len(captures), 'members': len(members),
                  'pages': [p.get('title') for p in pages],
                  'title': package['title'], 'main': package['mainPageUrl']}))
)";

class Wacz : public testing::Test {
 protected:
  void crawl(const std::string& url, Arguments more = {}) {
    const auto run = run_trawl(Arguments{"crawl", url} + loopback(dir / "out", std::move(more)));
    ASSERT_EQ(run.exit_code, 0) << run.err;
  }
  std::string out() const { return (dir / "out").string(); }
  std::string file() const { return (dir / "site.wacz").string(); }
  json::object read() const {
    const auto run = support::run({.args = {"python3", "-c", reader, file()}});
    EXPECT_EQ(run.exit_code, 0) << run.err;
    return run.exit_code == 0 ? json::parse(run.out).as_object() : json::object{};
  }

  LoopbackServer server;
  const TempDir dir;
};

TEST_F(Wacz, HasEveryCaptureWhereItsIndexSays) {
  std::vector<std::string> paths;
  for (int i = 0; i < 1500; ++i) paths.push_back(fmt::format("/p{}", i));
  server.on("/", Reply{.body = page("Start", paths)});
  for (const auto& path : paths) server.on(path, Reply{.body = page("Page " + path, {"/"})});
  crawl(server.url(), {"--set", "output.warcinfo.isPartOf=Harvest 7"});
  const auto run = run_trawl({"wacz", out(), "-o", file()});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.err, HasSubstr("1,501 pages, 1,502 captures from 1 archive file"));
  const auto found = read();
  EXPECT_EQ(found.at("captures"), 1502);  // with robots.txt
  EXPECT_EQ(found.at("members"), 2);
  EXPECT_EQ(found.at("title"), "Harvest 7");
  EXPECT_EQ(found.at("main").as_string(), server.url());
  const auto& pages = found.at("pages").as_array();
  ASSERT_EQ(pages.size(), 1503U);
  EXPECT_EQ(pages[0], "Pages");
  EXPECT_EQ(pages[1], "Start");
  EXPECT_EQ(pages[2], "Pages found by links");
  // Once more over what is there.
  EXPECT_EQ(run_trawl({"wacz", out(), "-o", file(), "--title", "Other", "-q"}).err, "");
  EXPECT_EQ(read().at("title"), "Other");
  EXPECT_FALSE(fs::exists(file() + ".part"));
}

// One run after another: pages that are the same again, by their bytes or because the server says
// so, have no body of their own then.
TEST_F(Wacz, IsReplayedInABrowser) {
  ASSERT_TRUE(fs::exists("/usr/bin/chromium")) << "needs chromium, which ./dev test installs";
  const fs::path node_folder = TRAWL_SOURCE_DIR "/build/node";
  ASSERT_TRUE(fs::exists(node_folder / "player/sw.js"))
      << "needs npm's replaywebpage, which ./dev test installs";
  std::string filler;
  for (int i = 0; i < 2000; ++i) filler += fmt::format("<!-- {} -->", i * 7919 % 10007);
  std::string url;
  {
    LoopbackServer site;
    site.on("/", [&](const SeenRequest& request) {
      if (request.header("if-none-match") == "\"1\"") return Reply{.status = 304};
      return Reply{.headers = {{"ETag", "\"1\""}},
                   .body = "<title>Start</title><p>first words <a href=/second>go on</a>"};
    });
    site.on("/second", Reply{.body = "<title>Second</title><p>other words" + filler});
    crawl(site.url());
    crawl(site.url(), {"--again"});
    crawl(site.url(), {"--again"});
    url = site.url();
  }
  ASSERT_EQ(run_trawl({"wacz", out(), "-o", file()}).exit_code, 0);
  EXPECT_EQ(read().at("captures"), 5);  // robots.txt, and not the two 304
  fs::copy_file(TRAWL_SOURCE_DIR "/tests/e2e/replay.mjs", dir / "replay.mjs");
  fs::create_directory_symlink(node_folder / "node_modules", dir / "node_modules");
  const auto run = support::run(
      {.args = {"node", "replay.mjs", (node_folder / "player").string(), file(), url, "go on"},
       .cwd = dir.path().string(),
       .timeout = Millis{90'000}});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const auto shown = json::parse(run.out).as_object();
  EXPECT_EQ(shown.at("first").at("title"), "Start");
  EXPECT_EQ(shown.at("first").at("text"), "first words go on");
  EXPECT_EQ(shown.at("second").at("title"), "Second");
  EXPECT_EQ(shown.at("second").at("text"), "other words");
  EXPECT_TRUE(shown.at("asked_elsewhere").as_array().empty()) << run.out;
}

// Nobody knows any more how far its records go, and those that can be read are in use.
TEST_F(Wacz, AnArchiveThatWasGivenUpIsPackedAsFarAsItGoes) {
  server.on("/", Reply{.body = page("Start", {"/b"})});
  server.on("/b", Reply{.body = page("B", {})});
  crawl(server.url());
  const auto archive = warc_files(out()).at(0);
  fs::resize_file(archive, fs::file_size(archive) - 10);
  EXPECT_EQ(run_trawl({"verify", out(), "--requeue"}).exit_code, 6);
  EXPECT_EQ(run_trawl({"wacz", out(), "-o", file()}).exit_code, 6);
  EXPECT_GE(read().at("captures").as_int64(), 2);
  const auto captures = run_trawl({"captures", out(), server.url()});
  EXPECT_THAT(captures.out, HasSubstr("200  new"));
}

TEST_F(Wacz, WhatCannotBePackedIsSaidAndNothingIsLeft) {
  server.on("/", Reply{.body = page("Start", {})});
  const auto refused = [&](const std::string& words) {
    const auto run = run_trawl({"wacz", out(), "-o", file()});
    EXPECT_THAT(run.err, HasSubstr(words));
    EXPECT_FALSE(fs::exists(file()) || fs::exists(file() + ".part"));
    return run.exit_code;
  };
  crawl(server.url(), {"--bodies", "none"});
  EXPECT_EQ(refused("has no WARC files to pack"), 2);
  fs::remove_all(out());
  crawl(server.url(), {"--set", "output.warc_compress=zstd"});
  EXPECT_EQ(refused("with output.warc_compress = \"gzip\" can be packed"), 2);
  fs::remove_all(out());
  crawl(server.url());
  fs::resize_file(warc_files(out()).at(0), 700);
  EXPECT_EQ(refused("shorter than the"), 6);
  fs::remove(warc_files(out()).at(0));
  EXPECT_EQ(refused("is missing, or"), 6);
  EXPECT_EQ(run_trawl({"wacz", out(), "-o", "-"}).exit_code, 2);
  EXPECT_EQ(run_trawl({"wacz", out(), "-o", out() + "/crawl.db"}).exit_code, 2);
  EXPECT_EQ(run_trawl({"wacz", (dir / "none").string()}).exit_code, 2);
}

// A record that is damaged is packed as it is, since nobody can mend it, and the rest is found.
TEST_F(Wacz, DamageIsToldAndTheRestIsFound) {
  std::string text = page("Start", {"/b"});
  for (int i = 0; i < 2000; ++i) text += fmt::format("<p>{}", i * 7919 % 10007);
  server.on("/", Reply{.body = text});
  server.on("/b", Reply{.body = page("B", {})});
  crawl(server.url());
  const auto archive = warc_files(out()).at(0);
  {
    std::fstream bytes{archive, std::ios::in | std::ios::out | std::ios::binary};
    bytes.seekp(3000);
    bytes.write("damage", 6);
  }
  const auto run = run_trawl({"wacz", out(), "-o", file()});
  EXPECT_EQ(run.exit_code, 6);
  EXPECT_THAT(run.err, HasSubstr("it is packed, but not in the index"));
  EXPECT_EQ(read().at("captures"), 2);
}

}  // namespace
}  // namespace trawl::e2e
