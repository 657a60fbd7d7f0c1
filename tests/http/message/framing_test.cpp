#include "core/http/message/framing.hpp"

#include "core/base/limits.hpp"

#include <gtest/gtest.h>

namespace trawl::http {
namespace {

Framing framed(Headers headers, int status = 200, std::string version = "1.1") {
  Framing framing;
  EXPECT_TRUE(framing.begin(
      "GET",
      {.status = status, .http_version = std::move(version), .headers = std::move(headers)}));
  return framing;
}

Framing chunked() {
  return framed({{"Transfer-Encoding", "chunked"}});
}

bool scans(std::string_view bytes) {
  ChunkScanner whole, bytewise;
  bool good = true;
  for (const char& byte : bytes) good = bytewise.scan({&byte, 1});
  EXPECT_EQ(whole.scan(bytes), good) << bytes;
  EXPECT_EQ(whole.data_bytes(), bytewise.data_bytes()) << bytes;
  EXPECT_EQ(whole.has_excess(), bytewise.has_excess()) << bytes;
  return good;
}

}  // namespace

TEST(ChunkScanner, TakesWhatTheGrammarAndServersInUseHave) {  // RFC 9112 7.1
  for (const auto* body :
       {"0\r\n\r\n", "5\r\nhello\r\n0\r\n\r\n", "A\r\n0123456789\r\na\r\n0123456789\r\n000\r\n\r\n",
        "5;name=value;\"quoted\\\"\"\r\nhello\r\n0\r\nTrailer: x\r\n\r\n",
        "5 \t\r\nhello\r\n0\r\n\r\n", "5\nhello\n0\n\n", "00000000000000000005\r\nhello\r\n"})
    EXPECT_TRUE(scans(body)) << body;
}

TEST(ChunkScanner, RefusesWhatIsNoChunk) {
  for (const auto* body : {"\r\n", "FAIL\r\nHello", "zz\r\n", "-5\r\nhello", "0x5\r\nhello",
                           ";x\r\n", "5\r\nhello!\r\n", "FFFFFFFFFFFFFFFFF\r\n",
                           "7fffffffffffffff\r\n", "5\r\nhello\r\n\r\n0\r\n\r\n", "+5\r\n"})
    EXPECT_FALSE(scans(body)) << body;
}

TEST(ChunkScanner, CountsTheDataUpToTheFault) {
  ChunkScanner chunks;
  EXPECT_FALSE(chunks.scan("5\r\nhello\r\n5\r\n world!\r\n0\r\n\r\n"));
  EXPECT_EQ(chunks.data_bytes(), 10u);
  EXPECT_FALSE(chunks.scan("5\r\nhello\r\n"));
  EXPECT_EQ(chunks.data_bytes(), 10u);
}

TEST(ChunkScanner, KnowsBytesBehindTheEnd) {
  ChunkScanner chunks;
  EXPECT_TRUE(chunks.scan("0\r\nA: b\r\n\r\n"));
  EXPECT_FALSE(chunks.has_excess());
  EXPECT_TRUE(chunks.scan("H"));
  EXPECT_TRUE(chunks.has_excess());
}

TEST(Framing, MoreThanTheLengthIsNotedAndEndsTheConnection) {
  Framing framing = framed({{"Content-Length", "5"}});
  EXPECT_TRUE(framing.on_raw("hello"));
  EXPECT_TRUE(framing.keeps_connection());
  EXPECT_TRUE(framing.on_raw("!"));
  EXPECT_FALSE(framing.keeps_connection());
  EXPECT_EQ(framing.note(), "excess_bytes");
}

TEST(Framing, LessThanTheLengthIsNoEnd) {
  Framing framing = framed({{"Content-Length", "5"}});
  framing.on_body(4);
  ASSERT_TRUE(framing.end());
  EXPECT_EQ(framing.end()->code, Errc::body_truncated);
  framing.on_body(1);
  EXPECT_FALSE(framing.end());
}

TEST(Framing, ALengthBesideChunksIsNotedAndMeansNothing) {  // RFC 9112 6.3, rule 3
  Framing framing = framed({{"Content-Length", "42"}, {"Transfer-Encoding", "chunked"}});
  EXPECT_EQ(framing.note(), "cl_and_te");
  EXPECT_FALSE(framing.keeps_connection());
  EXPECT_TRUE(framing.on_raw("0\r\n\r\n"));
  EXPECT_FALSE(framing.end());
  EXPECT_EQ(framed({{"Transfer-Encoding", "chunked"}}, 200, "1.0").note(), "te_in_http_1_0");
}

TEST(Framing, AnswersWithoutABodyHaveNoneWhateverTheySay) {  // RFC 9112 6.3, rule 1
  for (const int status : {204, 304}) {
    const Framing framing = framed({{"Content-Length", "9999999"}}, status);
    EXPECT_FALSE(framing.expects_body()) << status;
    EXPECT_FALSE(framing.end()) << status;
  }
  Framing head;
  EXPECT_TRUE(head.begin("HEAD", {.status = 200, .headers = {{"Content-Length", "9999999"}}}));
  EXPECT_FALSE(head.expects_body());
  EXPECT_FALSE(framed({{"Content-Length", "0"}}).expects_body());
  EXPECT_TRUE(framed({}).expects_body());
}

TEST(Framing, TransferCodingsMustBeKnownAndChunkedOnce) {  // RFC 9112 6.1
  for (const auto* value : {"chunked", "Chunked", "chunked,", "identity"})
    EXPECT_TRUE(Framing{}.begin("GET", {.status = 200, .headers = {{"Transfer-Encoding", value}}}))
        << value;
  for (const auto* value : {"gzip, chunked", "deflate", "chunked abc", "xchunked",
                            "chunked, chunked", "\"chunked\"", "chunk"})
    EXPECT_FALSE(Framing{}.begin("GET", {.status = 200, .headers = {{"Transfer-Encoding", value}}}))
        << value;
}

TEST(Framing, TheLastChunkMakesTheBodyWhole) {  // RFC 9112 8
  Framing framing = chunked();
  EXPECT_TRUE(framing.on_raw("2\r\nOK\r\n0"));
  EXPECT_FALSE(framing.lacks_only_trailers());
  EXPECT_TRUE(framing.on_raw("\r\n"));
  EXPECT_TRUE(framing.lacks_only_trailers());
}

TEST(Framing, ABodyThatEndsWithTlsNeedsItsWord) {  // RFC 9112 9.8
  const Response response{.status = 200, .http_version = "1.1"};
  Framing framing;
  EXPECT_TRUE(framing.begin("GET", response, true));
  ASSERT_TRUE(framing.end());
  EXPECT_EQ(framing.end()->code, Errc::body_truncated);
  framing.on_tls_end();
  EXPECT_FALSE(framing.end());
  Framing plain, counted, http2;
  EXPECT_TRUE(plain.begin("GET", response, false));
  EXPECT_FALSE(plain.end());
  EXPECT_TRUE(counted.begin(
      "GET", {.status = 200, .http_version = "1.1", .headers = {{"Content-Length", "0"}}}, true));
  EXPECT_FALSE(counted.end());
  EXPECT_TRUE(http2.begin("GET", {.status = 200, .http_version = "2"}, true));
  EXPECT_FALSE(http2.end());
}

TEST(Framing, OnlyDataOfWholeChunksIsBody) {
  Framing framing = chunked();
  const auto state = framing.on_raw("5\r\nhello\r\nFAIL");
  ASSERT_FALSE(state);
  EXPECT_EQ(state.error().code, Errc::protocol);
  EXPECT_EQ(framing.body_room(3), 3u);
  framing.on_body(3);
  EXPECT_EQ(framing.body_room(100), 2u);
  EXPECT_EQ(framed({}).body_room(100), 100u);
}

TEST(Framing, AnEndlessChunkExtensionEnds) {
  Framing framing = chunked();
  EXPECT_TRUE(framing.on_raw("5;" + std::string(limits::header_bytes_max - 10, 'x')));
  const auto state = framing.on_raw(std::string(20, 'x'));
  ASSERT_FALSE(state);
  EXPECT_EQ(state.error().code, Errc::header_too_large);
  // Chunks of one byte are wasteful, and go on as long as they like.
  Framing small = chunked();
  for (std::size_t i = 0; i < limits::header_bytes_max; ++i)
    ASSERT_TRUE(small.on_raw("1\r\nx\r\n"));
}

TEST(Framing, IdentityIsNoCoding) {  // RFC 9112 7
  auto framing = framed({{"Transfer-Encoding", "identity"}, {"Content-Length", "10"}});
  framing.on_body(4);
  EXPECT_FALSE(framing.is_over());
  EXPECT_EQ(framing.body_room(100), 6u);  // further bytes are nobody's
  ASSERT_TRUE(framing.end());
  EXPECT_EQ(framing.end()->code, Errc::body_truncated);
  framing.on_body(6);
  EXPECT_TRUE(framing.is_over());
  EXPECT_FALSE(framing.end());
  auto counted = framed({{"Content-Length", "10"}});
  counted.on_body(10);
  EXPECT_FALSE(counted.is_over());  // libcurl knows
}

}  // namespace trawl::http
