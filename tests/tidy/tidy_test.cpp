#include "tests/tidy/checks.hpp"
#include "tests/tidy/picture.hpp"

#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace trawl::tidy {
namespace {

const std::vector<SourceFile>& tree() {
  static const auto files = read_source_tree(TRAWL_SOURCE_DIR);
  return files;
}

// All findings over the tree, as one text: empty when all is well.
template <class Check>
std::string over_tree(Check check) {
  Findings all;
  for (const auto& file : tree()) std::ranges::copy(check(file), std::back_inserter(all));
  return fmt::format("{}", fmt::join(all, "\n"));
}

std::size_t includes(const char* path, const char* line) {
  return check_includes({path, std::string{line} + "\n"}).size();
}

std::size_t calls(const char* path, const char* code) {
  return check_banned_calls({path, std::string{code} + "\n"}).size();
}

std::size_t form(const char* path, const std::string& text) {
  return check_form({path, text}).size();
}

}  // namespace

TEST(SourceTree, IsFoundAndNotEmpty) {
  EXPECT_GT(std::ranges::count_if(tree(), &SourceFile::is_header), 5);
  EXPECT_GT(std::ranges::count_if(tree(), &SourceFile::is_source), 5);
  EXPECT_GT(std::ranges::count_if(tree(), &SourceFile::is_cmake), 5);
}

TEST(SourceTree, IncludesFollowThePicture) {
  EXPECT_EQ(over_tree(check_includes), "");
}
TEST(SourceTree, MakesNoBannedCalls) {
  EXPECT_EQ(over_tree(check_banned_calls), "");
}
TEST(SourceTree, FilesAndFunctionsKeepTheirForm) {
  EXPECT_EQ(over_tree(check_form), "");
}
TEST(SourceTree, EverySourceIsCompiled) {
  EXPECT_EQ(fmt::format("{}", fmt::join(check_listed(tree()), "\n")), "");
}

TEST(CheckIncludes, LowerLayersDoNotKnowHigherOnes) {
  EXPECT_EQ(includes("core/base/a.cpp", "#include \"core/web/url/url.hpp\""), 1u);
  EXPECT_EQ(includes("core/web/a.hpp", "#include \"core/coro/task.hpp\""), 1u);
  EXPECT_EQ(includes("core/coro/a.hpp", "  #  include \"core/web/url/url.hpp\""), 1u);
  EXPECT_EQ(includes("core/http/a.hpp", "#include \"core/crawl/job/job.hpp\""), 1u);
  EXPECT_EQ(includes("core/crawl/a.hpp", "#include \"storage/open.hpp\""), 1u);
  EXPECT_EQ(includes("storage/sqlite/a.hpp", "#include \"config/job.hpp\""), 1u);
  EXPECT_EQ(includes("config/a.hpp", "#include \"service/daemon.hpp\""), 1u);
  EXPECT_EQ(includes("service/a.hpp", "#include \"tests/support/temp_dir.hpp\""), 1u);
  EXPECT_EQ(includes("core/web/a.hpp", "#include \"url.hpp\""), 1u);
}

TEST(CheckIncludes, PartsOfALibraryDoNotKnowThoseAboveThem) {
  EXPECT_EQ(includes("core/web/ascii.hpp", "#include \"core/web/url/url.hpp\""), 1u);
  EXPECT_EQ(includes("core/web/url/a.cpp", "#include \"core/web/html/anchors.hpp\""), 1u);
  EXPECT_EQ(includes("core/crawl/hosts/a.hpp", "#include \"core/crawl/engine/shard.hpp\""), 1u);
  EXPECT_EQ(includes("storage/warc/a.hpp", "#include \"storage/open.hpp\""), 1u);
  EXPECT_EQ(includes("service/run/a.cpp", "#include \"service/daemon/daemon.hpp\""), 1u);
  EXPECT_EQ(includes("core/crawl/engine/a.cpp", "#include \"core/crawl/hosts/retry.hpp\""), 0u);
  EXPECT_EQ(includes("core/web/html/a.cpp", "#include \"core/web/ascii.hpp\""), 0u);
  EXPECT_EQ(includes("service/control/b/a.cpp", "#include \"service/text/csv.hpp\""), 0u);
}

TEST(CheckIncludes, EveryPartIsInThePicture) {
  const auto has_parts = [](std::string_view folder) {
    return std::ranges::any_of(parts(), [&](const Layer& part) {
      return part.folder.starts_with(folder) && part.folder.size() > folder.size();
    });
  };
  std::set<std::string_view> missing;
  for (const auto& file : tree()) {
    const auto part = part_of(file.path);
    if (!file.is_cmake() && has_parts(folder_of(file.path).value_or("tests")) &&
        std::ranges::find(parts(), part, &Layer::folder) == parts().end())
      missing.insert(part);
  }
  EXPECT_EQ(fmt::format("{}", fmt::join(missing, " ")), "");
}

TEST(CheckIncludes, WhatThePictureAllowsPasses) {
  EXPECT_EQ(includes("core/base/a.cpp", "#include \"core/base/clock.hpp\""), 0u);
  EXPECT_EQ(includes("core/http/a.cpp", "#include \"core/web/url/url.hpp\""), 0u);
  EXPECT_EQ(includes("core/crawl/a.cpp", "#include \"core/http/message/message.hpp\""), 0u);
  EXPECT_EQ(includes("storage/a.cpp", "#include \"core/crawl/state/store.hpp\""), 0u);
  EXPECT_EQ(includes("service/cli/a.cpp", "#include \"storage/open.hpp\""), 0u);
  EXPECT_EQ(includes("tests/e2e/a.cpp", "#include \"service/demo/site.hpp\""), 0u);
  EXPECT_EQ(includes("core/base/a.cpp", "// #include \"core/web/url/url.hpp\""), 0u);
}

TEST(CheckIncludes, LibrariesStayInTheirFolder) {
  EXPECT_EQ(includes("core/web/a.hpp", "#include <boost/asio/post.hpp>"), 1u);
  EXPECT_EQ(includes("core/crawl/a.hpp", "#include <curl/curl.h>"), 1u);
  EXPECT_EQ(includes("core/crawl/a.hpp", "#include <sqlite3.h>"), 1u);
  EXPECT_EQ(includes("service/a.hpp", "#include <toml++/toml.h>"), 1u);
  EXPECT_EQ(includes("core/http/a.hpp", "#include <curl/curl.h>"), 0u);
  EXPECT_EQ(includes("storage/a.hpp", "#include <sqlite3.h>"), 0u);
  EXPECT_EQ(includes("core/web/a.hpp", "#include <boost/json.hpp>"), 0u);
}

TEST(CheckBannedCalls, EachBanFires) {
  EXPECT_EQ(calls("tests/coro/a.cpp", "co_spawn(ex, f(), asio::detached);"), 1u);
  EXPECT_EQ(calls("core/coro/a.cpp", "io_context_.stop();"), 1u);
  EXPECT_EQ(calls("service/a.cpp", "ctx->stop ();"), 1u);
  EXPECT_EQ(calls("core/http/a.cpp", "boost::asio::co_spawn(ex, f(), done);"), 1u);
  EXPECT_EQ(calls("core/crawl/a.cpp", "std::this_thread::sleep_for(1s);"), 1u);
  EXPECT_EQ(calls("service/a.cpp", "return std::system(command);"), 1u);
  EXPECT_EQ(calls("service/a.cpp", "system(command);"), 1u);
  EXPECT_EQ(calls("core/web/a.cpp", "std::cout << x;"), 1u);
  EXPECT_EQ(calls("storage/a.cpp", "printf(text);"), 1u);
  EXPECT_EQ(calls("core/web/a.hpp", "using namespace std::literals;"), 1u);
}

TEST(CheckBannedCalls, CommentsStringsAndLookAlikesPass) {
  EXPECT_EQ(calls("core/crawl/a.cpp", "// never asio::detached, never co_spawn(x)"), 0u);
  EXPECT_EQ(calls("core/crawl/a.cpp", "/* std::cout\n co_spawn */ int x;"), 0u);
  EXPECT_EQ(calls("core/crawl/a.cpp", "f(\"co_spawn \\\" sleep_for(1)\", '\"', \"x\");"), 0u);
  EXPECT_EQ(calls("core/crawl/a.cpp", "f(R\"x(system(\" )x\", 1'000);"), 0u);
  EXPECT_EQ(calls("core/crawl/a.cpp", "system_clock().now(); db.system(); timer.stop();"), 0u);
  EXPECT_EQ(calls("core/coro/a.cpp", "co_spawn(ex, f(), done);"), 0u);
  EXPECT_EQ(calls("service/a.cpp", "std::cout << x; snprintf(b, n, f);"), 0u);
  EXPECT_EQ(calls("tests/a.hpp", "using namespace std::literals;"), 0u);
}

TEST(CheckForm, HeadersSourcesAndMarksAreHeldToTheirForm) {
  EXPECT_EQ(form("core/a.hpp", "#include <x>\n"), 1u);
  EXPECT_EQ(form("core/a.hpp", "#pragma once\n"), 0u);
  EXPECT_EQ(form("core/a.cpp", "#include <x>\n"), 1u);
  EXPECT_EQ(form("core/a.cpp", "// Why.\n"), 0u);
  EXPECT_EQ(form("core/a.cpp", ""), 1u);
  EXPECT_EQ(form("tests/a_test.cpp", "#include <x>\n"), 0u);
  for (const char* mark : {"TO"
                           "DO",
                           "FIX"
                           "ME",
                           "XX"
                           "X"})
    EXPECT_EQ(form("core/a.cpp", std::string{"// Why. "} + mark + ": later\n"), 1u) << mark;
  EXPECT_EQ(form("core/a.cpp", "// Why.\nauto name = \"/tmp/x-XXXXXX\";\n"), 0u);
}

TEST(CheckForm, LongFilesAndFunctionsAreFound) {
  const auto lines = [](std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text += "  x();\n";
    return text;
  };
  EXPECT_EQ(form("core/a.cpp", "// Why.\n" + lines(399)), 0u);
  EXPECT_EQ(form("core/a.cpp", "// Why.\n" + lines(400)), 1u);
  EXPECT_EQ(form("core/a.cpp", "// Why.\nint f() {\n" + lines(68) + "}\n"), 0u);
  EXPECT_EQ(form("core/a.cpp", "// Why.\nint f() {\n" + lines(69) + "}\n"), 1u);
  EXPECT_EQ(form("core/a.cpp", "// Why.\nint f(int a,\n      int b) {\n" + lines(69) + "}\n"), 1u);
  EXPECT_EQ(form("core/a.cpp", "// Why.\nconstexpr auto x = list({\n" + lines(100) + "});\n"), 0u);
  EXPECT_EQ(form("core/a.cpp", "// Why.\nnamespace x {\n" + lines(100) + "}  // namespace x\n"),
            0u);
}

TEST(CheckListed, ASourceThatIsInNoListIsFound) {
  const SourceFile source{"core/web/url.cpp", ""};
  const auto found = [&](const char* path, const char* text) {
    return check_listed({source, {path, text}}).size();
  };
  EXPECT_EQ(found("core/web/CMakeLists.txt", "trawl_library(x SOURCES url.cpp)"), 0u);
  EXPECT_EQ(found("core/CMakeLists.txt", "trawl_library(x SOURCES web/url.cpp)"), 0u);
  EXPECT_EQ(found("cmake/x.cmake", "add(x ${PROJECT_SOURCE_DIR}/core/web/url.cpp)"), 0u);
  EXPECT_EQ(found("tests/x/CMakeLists.txt",
                  "set(web ${PROJECT_SOURCE_DIR}/core/web)\nadd(x ${web}/url.cpp)"),
            0u);
  EXPECT_EQ(found("core/web/CMakeLists.txt", "file(GLOB sources *.cpp)"), 0u);
  EXPECT_EQ(found("core/web/CMakeLists.txt", "trawl_library(x SOURCES curl.cpp url.cppx)"), 1u);
  EXPECT_EQ(found("core/http/CMakeLists.txt", "trawl_library(x SOURCES url.cpp)"), 1u);
  EXPECT_EQ(found("core/web/CMakeLists.txt", "trawl_library(x SOURCES sub/url.cpp)"), 1u);
}

}  // namespace trawl::tidy
