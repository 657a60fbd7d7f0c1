#include "storage/files/file_name.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <random>
#include <set>
#include <vector>

namespace trawl::storage {
namespace {

TEST(FileName, OrdinaryNamesStayAsTheyAre) {
  EXPECT_EQ(file_name_for("https://example.org/"), "files/example.org/index.html");
  EXPECT_EQ(file_name_for("https://example.org/docs/page.html"),
            "files/example.org/docs/page.html");
  EXPECT_EQ(file_name_for("https://example.org/docs/"), "files/example.org/docs/index.html");
  EXPECT_EQ(file_name_for("http://127.0.0.1:8080/a%20b.txt"), "files/127.0.0.1+8080/a%20b.txt");
  EXPECT_EQ(file_name_for("https://example.org"), "files/example.org/index.html");
}

TEST(FileName, AFileIsNoFoldersNamesake) {
  EXPECT_EQ(file_name_for("https://e.org/a"), "files/e.org/a~");
  EXPECT_EQ(file_name_for("https://e.org/a/b.c"), "files/e.org/a/b.c");
  EXPECT_EQ(file_name_for("https://e.org/v1.2"), "files/e.org/v1.2");
  EXPECT_EQ(file_name_for("https://e.org/v1.2/x.y"), "files/e.org/v1.2~/x.y");
}

TEST(FileName, ChangedNamesCarryADigestAndKeepTheirExtension) {
  const std::string name = file_name_for("https://e.org/README.md");
  EXPECT_TRUE(name.starts_with("files/e.org/README~")) << name;
  EXPECT_TRUE(name.ends_with(".md")) << name;
  const std::string query = file_name_for("https://e.org/list.php?page=2&x=/../y");
  EXPECT_TRUE(query.starts_with("files/e.org/list_page=2_x=_.._y~")) << query;
  EXPECT_TRUE(query.ends_with(".php")) << query;
}

std::string folded(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = char(c - 'A' + 'a');
  return text;
}

// Neither the same name, nor one a folder of the other, when letter case is ignored.
void expect_no_collision(const std::set<std::string>& urls) {
  std::map<std::string, std::string> files;
  std::set<std::string> folders;
  for (const auto& url : urls) {
    const std::string name = folded(file_name_for(url));
    const auto [other, fresh] = files.emplace(name, url);
    EXPECT_TRUE(fresh) << url << " and " << other->second << " -> " << name;
    for (auto slash = name.find('/'); slash != std::string::npos; slash = name.find('/', slash + 1))
      folders.insert(name.substr(0, slash));
  }
  for (const auto& [name, url] : files)
    EXPECT_FALSE(folders.contains(name)) << url << " -> " << name;
}

TEST(FileName, UrlsThatLookAlikeDoNotMeet) {
  expect_no_collision({
      "https://e.org/",
      "https://e.org/index.html",
      "https://e.org/index.html~",
      "https://e.org/?",
      "https://e.org/index",
      "https://e.org/INDEX.HTML",
      "https://e.org/index.html/",
      "https://e.org/index.html/index.html",
      "http://e.org/",
      "https://e.org:80/",
      "https://e.org:8443/",
      "http://e.org:8443/",
      "https://e.org./",
      "https://e.org/a",
      "https://e.org/A",
      "https://e.org/a/",
      "https://e.org/a/b",
      "https://e.org/a~",
      "https://e.org/a~/b",
      "https://e.org/a.b",
      "https://e.org/a.b/",
      "https://e.org/a.b/c",
      "https://e.org/a.b~",
      "https://e.org//",
      "https://e.org//a",
      "https://e.org/a//b",
      "https://e.org/a?b",
      "https://e.org/a_b",
      "https://e.org/a%3Fb",
      "https://e.org/a%3fb",
      "https://e.org/a?b/c",
      "https://e.org/x?",
      "https://e.org/x",
      "https://e.org/con",
      "https://e.org/con.txt",
      "https://e.org/_con",
      "https://[::1]/",
      "https://__1_/",
      "https://e.org/a.",
      "https://e.org/a..",
      "https://e.org/...",
      "https://e.org/%2e%2e",
  });
}

TEST(FileName, RandomUrlsNeitherMeetNorEscape) {
  std::mt19937 random(7);
  constexpr std::string_view alphabet = "aA.~/?_";
  std::set<std::string> urls;
  for (int i = 0; i < 30'000; ++i) {
    std::string url = "https://e.org/";
    for (auto length = random() % 7; length > 0; --length)
      url += alphabet[random() % alphabet.size()];
    urls.insert(url);
  }
  expect_no_collision(urls);
}

TEST(FileName, TheServersOwnNamesAreKeptWhereTheyCanBe) {
  EXPECT_EQ(server_file_name_for("https://e.org/pub/README"), "files/e.org/pub/README");
  EXPECT_EQ(server_file_name_for("https://e.org/Rel-1.2/Data%201.BIN"),
            "files/e.org/Rel-1.2/Data 1.BIN");
  EXPECT_EQ(server_file_name_for("https://e.org/gr%C3%B6%C3%9Fe.html"), "files/e.org/größe.html");
  EXPECT_EQ(server_file_name_for("https://e.org/~user/x"), "files/e.org/~user/x");
  EXPECT_EQ(server_file_name_for("https://e.org/pub/"), "files/e.org/pub/index.html");
  EXPECT_EQ(server_file_name_for("http://127.0.0.1:8080/A"), "files/127.0.0.1+8080/A");
  EXPECT_EQ(server_file_name_for("https://e.org/libstdc%2B%2B-6.deb"),
            "files/e.org/libstdc++-6.deb");
  EXPECT_EQ(server_file_name_for("https://e.org/100%25%2C"), "files/e.org/100%,");
  EXPECT_EQ(server_file_name_for("https://e.org/a~"), "files/e.org/a~");
}

TEST(FileName, TellsWhatTwoUrlsMayBothBeCalled) {
  for (const char* url : {"https://e.org/a+b", "https://e.org/a%2Bb", "https://e.org/~u/x",
                          "https://e.org/a%25", "https://e.org/a,/b", "https://e.org/a,/?b"})
    EXPECT_TRUE(has_other_spelling(server_file_name_for(url))) << url;
  for (const char* url :
       {"https://e.org:8443/a", "https://e.org/A-1.2_b/%C3%B6%20.txt", "https://e.org/",
        "https://e.org/%22", "https://e.org/a+?b=1", "https://e.org/%00", "https://e.org/%2F/b"})
    EXPECT_FALSE(has_other_spelling(server_file_name_for(url))) << url;
  EXPECT_FALSE(has_other_spelling(""));
}

// Of another URL, or no name at all.
TEST(FileName, WhatCouldBeAnotherUrlsNameIsMarked) {
  for (const char* url :
       {"https://e.org/a%2Fb", "https://e.org/a%41", "https://e.org/%c3%b6", "https://e.org/%FF",
        "https://e.org/%0A", "https://e.org/%00", "https://e.org/100%", "https://e.org/index.html",
        "https://e.org/a?b", "https://e.org/a~0123456789abcdef",
        "https://e.org/a~0123456789abcdef.txt", "https://e.org//b", "https://e.org/%2E%2E/b",
        "https://e.org/%C2%9B31m", "https://e.org/%E2%80%AE.txt",
        "https://e.org/a%7E"
        "0123456789abcdef"}) {
    const std::string name = server_file_name_for(url);
    EXPECT_TRUE(name.starts_with("files/e.org/")) << name;
    EXPECT_NE(name.find('~'), std::string::npos) << url << " -> " << name;
    EXPECT_EQ(name.find(".."), std::string::npos) << name;
  }
}

TEST(FileName, RandomUrlsHaveServerNamesOfTheirOwn) {
  std::mt19937 random(11);
  constexpr std::string_view alphabet[] = {
      "a",         "A", "%20", "%2C", ",", "~", "/", "?", "%C3%B6", "%25", ".", "0123456789abcdef",
      "index.html"};
  std::map<std::string, std::string> files;
  for (int i = 0; i < 30'000; ++i) {
    std::string url = "https://e.org/";
    for (auto length = random() % 6; length > 0; --length)
      url += alphabet[random() % std::size(alphabet)];
    // Nor are they the portable ones of others, so that a folder may have both.
    for (const auto& name :
         {server_file_name_for(url), file_name_for(url), aside_file_name_for(url)}) {
      if (has_other_spelling(name) && !name.starts_with("files/e.org~/")) continue;
      const auto [other, fresh] = files.emplace(name, url);
      EXPECT_TRUE(fresh || other->second == url) << url << " and " << other->second;
    }
  }
}

TEST(FileName, HostileUrlsStaySafeAndShort) {
  const std::string long_name(3000, 'a');
  std::string deep = "https://e.org/";
  for (int i = 0; i < 1000; ++i) deep += "d/";
  std::set<std::string> urls = {"https://e.org/../../etc/passwd",
                                "https://e.org/..",
                                "https://e.org/.",
                                "https://../x",
                                "https://e.org/" + long_name,
                                "https://e.org/" + long_name + "b",
                                "https://e.org/" + long_name + "/x",
                                "https://e.org/" + long_name + ".html",
                                "https://e.org/x?" + long_name,
                                "https://e.org/x?" + long_name + "b",
                                deep,
                                deep + "x",
                                "https://" + long_name + ".org/",
                                std::string("https://e.org/a\0b", 17),
                                "https://e.org/\r\n\x1b[31m",
                                "https://e.org/\xc3\xa9\xff",
                                "no url at all",
                                "://",
                                "https://user:p@ss@e.org:99999999999999999999/x"};
  for (const auto& url : urls) {
    const std::string name = file_name_for(url);
    EXPECT_TRUE(name.starts_with("files/")) << name;
    EXPECT_LE(name.size(), 2048u);
    EXPECT_EQ(name, file_name_for(url));
    for (const char c : name) EXPECT_TRUE(c > ' ' && c < 0x7f && c != '\\' && c != ':') << name;
    std::string_view rest = name;
    while (!rest.empty()) {
      const auto component = rest.substr(0, rest.find('/'));
      EXPECT_FALSE(component.empty() || component == "." || component == "..") << name;
      EXPECT_LE(component.size(), 255u) << name;
      rest.remove_prefix(std::min(rest.size(), component.size() + 1));
    }
  }
  expect_no_collision(urls);
}

}  // namespace
}  // namespace trawl::storage
