// Lists of files as download sites publish them: checksums and Metalink documents.
#include "core/web/digest.hpp"
#include "tests/e2e/program.hpp"

#include <fmt/format.h>

namespace trawl::e2e {
namespace {

using testing::HasSubstr;
using testing::Not;

struct FileList : testing::Test {
  FileList() {
    server.on("/iso/a%20b.iso", Reply{.body = "first", .content_type = "application/octet-stream"});
    server.on("/iso/c.iso", Reply{.body = "second", .content_type = "application/octet-stream"});
  }
  Finished fetch(Arguments more) {
    return run_trawl(Arguments{"fetch", "--bodies", "files"} + more + loopback(dir / "out"));
  }
  Finished results(Arguments more = {}) {
    return run_trawl(Arguments{"results", (dir / "out").string(), "--format", "csv"} + more);
  }
  LoopbackServer server;
  TempDir dir;
};

}  // namespace

TEST_F(FileList, OfChecksumsIsFetchedBelowItsBaseAndCompared) {
  const auto list =
      dir.write("SHA256SUMS", fmt::format("# made by hand\n{}  a b.iso\nSHA256 (c.iso) = {}\n",
                                          web::sha256_hex("first"), web::sha256_hex("another")));
  const auto run = fetch({"-i", list.string(), "--base", server.url("/iso/SHA256SUMS")});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(results({"--state", "fetched"}).out, HasSubstr(server.url("/iso/a%20b.iso")));
  EXPECT_THAT(results({"--error", "checksum"}).out, HasSubstr(server.url("/iso/c.iso")));
}

TEST_F(FileList, OfChecksumsWithoutABaseSaysWhatIsMissing) {
  const auto list = dir.write("SUMS", web::sha256_hex("first") + "  a b.iso\n");
  const auto run = fetch({"-i", list.string()});
  EXPECT_THAT(run.err, HasSubstr("SUMS:1"));
  EXPECT_THAT(run.err, HasSubstr("--base URL"));
  EXPECT_EQ(server.count(), 0U);
}

TEST_F(FileList, OfWhatIsNoLineOfItNothingIsMadeUp) {
  const auto list = dir.write(
      "SHA256SUMS.asc",
      fmt::format("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n{0}  c.iso\n{0}  ../up\n"
                  "BLAKE2b (c.iso) = {0}\n-----BEGIN PGP SIGNATURE-----\n\niQIzBAEB\n=AbCd\n"
                  "-----END PGP SIGNATURE-----\n",
                  web::sha256_hex("second")));
  const auto run = fetch({"-i", list.string(), "--base", server.url("/iso/")});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(server.count("/iso/c.iso"), 1U);
  EXPECT_LE(server.count(), 2U);  // and perhaps robots.txt
  EXPECT_THAT(run.err, HasSubstr("SHA256SUMS.asc:5"));
  EXPECT_THAT(run.err, HasSubstr("SHA256SUMS.asc:6"));
}

TEST_F(FileList, MayHaveRelativeLines) {
  const auto list = dir.write("list", "c.iso\n/iso/a%20b.iso\n" + server.url("/other") + "\n");
  const auto run = fetch({"-i", list.string(), "--base", server.url("/iso/")});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  const auto seen = results({"--status", "200"}).out;
  EXPECT_THAT(seen, HasSubstr(server.url("/iso/c.iso")));
  EXPECT_THAT(seen, HasSubstr(server.url("/iso/a%20b.iso")));
  EXPECT_THAT(results().out, HasSubstr(server.url("/other")));
}

TEST_F(FileList, OfMetalinkHasMirrorsAndDigests) {
  const auto list = dir.write(
      "iso.meta4",
      fmt::format("<metalink xmlns='urn:ietf:params:xml:ns:metalink'><file name='c.iso'>"
                  "<hash type='sha-256'>{}</hash><url priority='1'>{}</url><url>{}</url></file>"
                  "<file name='torrent alone'><url>ftp://h/x</url></file></metalink>",
                  web::sha256_hex("second"), server.url("/gone/c.iso"), server.url("/iso/c.iso")));
  const auto run = fetch({"-i", list.string()});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.err, HasSubstr("torrent alone has no http or https URL"));
  const auto record = run_trawl({"results", (dir / "out").string()}).out;
  EXPECT_THAT(record, HasSubstr(fmt::format("\"url\":\"{}\"", server.url("/gone/c.iso"))));
  EXPECT_THAT(record, HasSubstr(fmt::format("\"served_by\":\"{}\"", server.url("/iso/c.iso"))));
}

TEST_F(FileList, OfMetalinkThatIsNoneIsRefusedWithItsName) {
  const auto list = dir.write("page.meta4", "<html>404</html>");
  const auto run = fetch({"-i", list.string()});
  EXPECT_NE(run.exit_code, 0);
  EXPECT_THAT(run.err, HasSubstr("page.meta4: it is no Metalink document"));
}

}  // namespace trawl::e2e
