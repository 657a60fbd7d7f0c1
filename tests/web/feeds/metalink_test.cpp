// Metalink documents of both versions (RFC 5854), and damaged ones.
#include "core/web/feeds/metalink.hpp"

#include "core/base/limits.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trawl::web {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

struct Read {
  std::vector<MetalinkFile> files;
  std::string wrong;
};

Read read(std::string_view text, std::size_t block = 7) {
  Read read;
  MetalinkReader reader{[&](MetalinkFile file) { read.files.push_back(std::move(file)); }};
  for (std::size_t at = 0; at < text.size(); at += block)
    if (!reader.feed(text.substr(at, block))) break;
  read.wrong = reader.finish();
  return read;
}

std::string meta4(std::string_view files) {
  return fmt::format(
      "<?xml version='1.0'?><metalink xmlns='urn:ietf:params:xml:ns:metalink'>{}</metalink>",
      files);
}

const std::string sha256(64, 'a'), sha1(40, 'b');

}  // namespace

TEST(Metalink, HasFilesWithMirrorsByPriorityAndTheStrongestDigest) {
  const auto got = read(meta4(fmt::format(R"(
    <file name="one.iso"><size>5</size>
      <hash type="sha-1">{}</hash>
      <hash type="sha-256"> {} </hash>
      <pieces length="2" type="sha-256"><hash>{}</hash></pieces>
      <url location="de">http://last.example/one.iso</url>
      <url priority="2">https://second.example/one.iso</url>
      <url priority="1"> http://first.example/one.iso?a=1&amp;b=2 </url>
      <url priority="1">ftp://first.example/one.iso</url>
      <metaurl mediatype="torrent">http://first.example/one.torrent</metaurl>
      <url priority="3">https://second.example/one.iso</url>
    </file>
    <file name="two"><url>http://h/two</url></file>)",
                                          sha1, sha256, std::string(64, 'c'))));
  EXPECT_EQ(got.wrong, "");
  ASSERT_THAT(got.files, SizeIs(2));
  EXPECT_EQ(got.files[0].name, "one.iso");
  EXPECT_EQ(got.files[0].checksum, "sha256:" + sha256);
  EXPECT_THAT(got.files[0].urls,
              ElementsAre("http://first.example/one.iso?a=1&b=2", "https://second.example/one.iso",
                          "http://last.example/one.iso"));
  EXPECT_EQ(got.files[1].checksum, "");
  EXPECT_THAT(got.files[1].urls, ElementsAre("http://h/two"));
}

TEST(Metalink, OfVersionThreeHasPreferences) {
  const auto got = read(fmt::format(R"(<metalink version="3.0" xmlns="http://www.metalinker.org/">
    <files><file name="a">
      <verification><hash type="sha1">{}</hash><hash type="crc">12</hash>
        <pieces type="sha1" length="9"><hash piece="0">{}</hash></pieces></verification>
      <resources><url type="http" preference="10">http://slow/a</url>
                 <url type="http" preference="100">http://fast/a</url>
                 <url type="bittorrent" preference="100">http://fast/a.torrent</url></resources>
    </file></files></metalink>)",
                                    sha1, std::string(40, 'd')));
  EXPECT_EQ(got.wrong, "");
  ASSERT_THAT(got.files, SizeIs(1));
  EXPECT_EQ(got.files[0].checksum, "sha1:" + sha1);
  EXPECT_THAT(got.files[0].urls, ElementsAre("http://fast/a", "http://slow/a"));
}

TEST(Metalink, KeepsNoMoreMirrorsThanAreTried) {
  std::string urls;
  for (int i = 1; i <= 300; ++i) urls += fmt::format("<url priority='{}'>http://h/{}</url>", i, i);
  const auto got = read(meta4("<file name='x'>" + urls + "</file>"));
  ASSERT_THAT(got.files, SizeIs(1));
  EXPECT_THAT(got.files[0].urls, SizeIs(limits::mirrors_max));
  EXPECT_EQ(got.files[0].urls.front(), "http://h/1");
  const auto last =
      read(meta4("<file name='x'>" + urls + "<url priority='1'>http://h/good</url></file>"));
  EXPECT_EQ(last.files.at(0).urls.at(1), "http://h/good");
}

TEST(Metalink, DigestsThatAreNoneAreLeftOut) {
  const auto got = read(
      meta4("<file name='x'><hash type='sha-256'>12</hash><hash type='md5'>zz</hash><hash>q</hash>"
            "<url>http://h/x</url></file>"));
  ASSERT_THAT(got.files, SizeIs(1));
  EXPECT_EQ(got.files[0].checksum, "");
}

TEST(Metalink, SaysWhatIsWrong) {
  EXPECT_THAT(read("<html><body>404</body></html>").wrong, HasSubstr("no Metalink document"));
  EXPECT_THAT(read("").wrong, HasSubstr("no Metalink document"));
  EXPECT_THAT(read(meta4("")).wrong, HasSubstr("names no file"));
  const auto cut =
      read("<metalink><file name='a'><url>http://h/a</url></file><file name='b'><url>ht");
  EXPECT_THAT(cut.wrong, HasSubstr("the document ends"));
  EXPECT_THAT(cut.files, SizeIs(1));
  EXPECT_THAT(read(meta4("<url>http://h/x</url>")).files, IsEmpty());
}

TEST(Metalink, LongTextsAreNoUrls) {
  const auto got = read(meta4("<file name='x'><url>http://h/" + std::string(100'000, 'a') +
                              "</url><url>http://h/x</url></file>"),
                        4096);
  ASSERT_THAT(got.files, SizeIs(1));
  EXPECT_THAT(got.files[0].urls, ElementsAre("http://h/x"));
}

}  // namespace trawl::web
