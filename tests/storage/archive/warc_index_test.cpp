#include "storage/warc/index.hpp"
#include "storage/warc/member.hpp"
#include "temporary_folder.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace trawl::storage {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

std::string record(std::string_view type, std::string_view url, std::string_view block) {
  return fmt::format(
      "WARC/1.1\r\nWARC-Type: {}\r\nWARC-Record-ID: <urn:uuid:1>\r\n"
      "WARC-Date: 2026-01-31T23:59:58Z\r\nWARC-Target-URI: {}\r\n"
      "Content-Type: application/http\r\nContent-Length: {}\r\n\r\n{}\r\n\r\n",
      type, url, block.size(), block);
}

std::string response(std::string_view url, std::string_view body,
                     std::string_view head = "HTTP/1.1 200 OK\r\n") {
  return record("response", url, fmt::format("{}\r\n{}", head, body));
}

std::string gzipped(std::string_view text) {
  std::string member;
  append_member(member, {}, {text});
  return member;
}

// What doesn't compress, so that what stands in it is stored as it is.
std::string noise(std::size_t bytes) {
  std::string text;
  for (std::uint32_t state = 1; text.size() < bytes; state = state * 1664525U + 1013904223U)
    text += static_cast<char>(state >> 24);
  return text;
}

struct Indexed {
  std::vector<std::string> urls;
  std::vector<CdxEntry> entries;
  std::vector<std::string> damage;
};

Indexed index_of(const std::string& name, const std::string& bytes) {
  const TemporaryFolder folder;
  write_file(folder / name, bytes);
  Indexed found;
  const auto indexed = index_warc(
      folder / name,
      [&](const CdxEntry& entry) {
        found.urls.push_back(entry.url);
        found.entries.push_back(entry);
        return true;
      },
      [&](const Error& error) { found.damage.push_back(error.detail); });
  EXPECT_TRUE(indexed);
  return found;
}

// A page may have in it what looks like a record, and of another's URL.
TEST(WarcIndexing, NothingInAWholeRecordIsTakenForOneWhenTheNextIsDamaged) {
  const std::string fake = response("http://stranger.test/", "made up");
  const std::string page = response("http://page.test/", "\r\n\r\n" + fake + "\r\n\r\n");
  const std::string last = response("http://last.test/", "last");
  std::string damaged = response("http://damaged.test/", "x");
  damaged.replace(0, 4, "warc");
  const auto plain = index_of("a.warc", page + damaged + last);
  EXPECT_THAT(plain.urls, ElementsAre("http://page.test/", "http://last.test/"));
  EXPECT_THAT(plain.damage, SizeIs(1));

  const std::string stored =
      gzipped(response("http://page.test/", noise(100'000) + gzipped(fake) + noise(100'000)));
  ASSERT_TRUE(stored.contains(gzipped(fake)));
  std::string torn = gzipped(response("http://damaged.test/", "x"));
  torn.replace(12, 8, "xxxxxxxx");
  const auto compressed = index_of("a.warc.gz", stored + torn + gzipped(last));
  EXPECT_THAT(compressed.urls, ElementsAre("http://page.test/", "http://last.test/"));
  EXPECT_THAT(compressed.damage, SizeIs(1));
}

// The same behind a record that isn't indexed.
TEST(WarcIndexing, NothingInARequestIsTakenForARecordEither) {
  const std::string fake = response("http://stranger.test/", "made up");
  const std::string posted = record("request", "http://page.test/", "\r\n\r\n" + fake);
  std::string damaged = response("http://damaged.test/", "x");
  damaged.replace(0, 4, "warc");
  const auto found = index_of("a.warc", posted + damaged);
  EXPECT_THAT(found.urls, SizeIs(0));
  EXPECT_THAT(found.damage, SizeIs(1));
}

TEST(WarcIndexing, AMediaTypeIsCutToTheLongestThereIs) {
  const std::string longest = std::string(127, 'a') + "/" + std::string(127, 'b');
  const auto mime = [](const std::string& type) {
    return index_of("a.warc",
                    response("http://h/", "", "HTTP/1.1 200 OK\r\nContent-Type: " + type + "\r\n"))
        .entries.at(0)
        .mime;
  };
  EXPECT_EQ(mime(longest + "; charset=utf-8"), longest);
  EXPECT_EQ(mime(longest + std::string(50'000, '\x01')), longest);
}

TEST(WarcIndexing, AStatusIsOfThreeDigits) {
  const auto status = [](const std::string& line) {
    return index_of("a.warc", response("http://h/", "", line + "\r\n")).entries.at(0).status;
  };
  EXPECT_EQ(status("HTTP/1.1 304 Not Modified"), "304");
  EXPECT_EQ(status("HTTP/1.1 304"), "304");
  EXPECT_EQ(status("HTTP/1.1 304x"), "304");
  EXPECT_EQ(status("HTTP/1.1  304 Not Modified"), "304");
  EXPECT_EQ(status("HTTP/1.1 " + std::string(10'000, '3')), "333");
  EXPECT_EQ(status("HTTP/1.1 30"), "");
  EXPECT_EQ(status("HTTP/1.1 OK"), "");
}

}  // namespace
}  // namespace trawl::storage
