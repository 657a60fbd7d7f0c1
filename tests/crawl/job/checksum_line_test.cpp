// Lines of SHA256SUMS and its like, as coreutils and the BSDs write them.
#include "core/crawl/job/checksum_line.hpp"

#include <gtest/gtest.h>

namespace trawl::crawl {
namespace {

const std::string md5 = "d41d8cd98f00b204e9800998ecf8427e";
const std::string sha1 = "da39a3ee5e6b4b0d3255bfef95601890afd80709";
const std::string sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

void expect(const std::string& line, const std::string& checksum, const std::string& path) {
  const auto read = parse_checksum_line(line);
  ASSERT_TRUE(read) << line;
  EXPECT_EQ(read->checksum, checksum) << line;
  EXPECT_EQ(read->path, path) << line;
}

}  // namespace

TEST(ChecksumLine, IsADigestAndAName) {
  expect(sha256 + "  debian-12.iso", "sha256:" + sha256, "./debian-12.iso");
  expect(sha256 + " *debian-12.iso", "sha256:" + sha256, "./debian-12.iso");
  expect(sha1 + "  ./dir/a b", "sha1:" + sha1, "./dir/a%20b");
  expect(md5 + "  c:d?e#f%g", "md5:" + md5, "./c:d%3Fe%23f%25g");
  expect("E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855  x", "sha256:" + sha256,
         "./x");
  expect(std::string(128, '0') + "  x", "sha512:" + std::string(128, '0'), "./x");
  expect(sha256 + "  \xc3\xa9", "sha256:" + sha256, "./%C3%A9");
}

TEST(ChecksumLine, OfABsdHasATag) {
  expect("SHA256 (a (1).iso) = " + sha256, "sha256:" + sha256, "./a%20(1).iso");
  expect("MD5 (x) = " + md5, "md5:" + md5, "./x");
  EXPECT_FALSE(parse_checksum_line("SHA1 (x) = " + sha256));
  EXPECT_FALSE(parse_checksum_line("BLAKE2b (x) = " + std::string(128, '0')));
}

TEST(ChecksumLine, WithABackslashHasEscapesInItsName) {
  expect("\\" + md5 + "  a\\nb\\\\c", "md5:" + md5, "./a%0Ab%5Cc");
  expect(md5 + "  a\\nb", "md5:" + md5, "./a%5Cnb");
}

TEST(ChecksumLine, OtherLinesAreNone) {
  for (const std::string& line :
       {std::string{"https://example.org/"}, std::string{"/path of it"}, std::string{"a  b"},
        sha256, sha256 + "  ", sha256 + " x", sha256.substr(1) + "  x", sha256 + "  /etc/passwd",
        sha256 + "  ../up", sha256 + "  a/../../up", sha256 + "  a/..",
        "g" + sha256.substr(1) + "  x", std::string{"SHA256 () = "} + sha256, std::string{" ("},
        std::string{") =  ("}, std::string{"\\"}, std::string{}})
    EXPECT_FALSE(parse_checksum_line(line)) << line;
}

}  // namespace trawl::crawl
