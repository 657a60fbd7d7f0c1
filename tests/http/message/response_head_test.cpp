#include "core/http/message/response_head.hpp"

#include "core/base/limits.hpp"

#include <gtest/gtest.h>

namespace trawl::http {

TEST(ContentCoding, IsThatOfAllLinesInTheirOrder) {
  EXPECT_EQ(content_coding({}), "");
  EXPECT_EQ(content_coding({{"Content-Encoding", "gzip"}}), "gzip");
  // A .gz file that the server calls coded is kept as it is.
  EXPECT_EQ(
      content_coding({{"Content-Type", "application/x-gzip"}, {"Content-Encoding", "x-gzip"}}), "");
  EXPECT_EQ(
      content_coding({{"Content-Type", "Application/GZIP ; q=1"}, {"Content-Encoding", "gzip"}}),
      "");
  EXPECT_EQ(content_coding({{"Content-Type", "application/gzip"}, {"Content-Encoding", "br"}}),
            "br");
  EXPECT_EQ(content_coding({{"Content-Type", "application/x-tar"}, {"Content-Encoding", "gzip"}}),
            "gzip");
  EXPECT_EQ(content_coding({{"content-encoding", "Identity"}, {"Content-Encoding", ""}}), "");
  EXPECT_EQ(content_coding({{"Content-Encoding", "gzip"},
                            {"Content-Type", "text/html"},
                            {"Content-Encoding", "br, zstd"},
                            {"Content-Encoding", "identity"}}),
            "gzip, br, zstd");
}

namespace {

struct Read {
  bool in_budget = true;
  ResponseHead head;
  Response response;
  Result<> taken;
};

Read read(std::initializer_list<std::string_view> lines) {
  Read result;
  for (const auto line : lines)
    if (!result.head.add_line(line)) result.in_budget = false;
  if (result.head.complete()) result.taken = result.head.take(result.response);
  return result;
}

Errc length_error(std::string_view lines) {
  ResponseHead head;
  head.add_line("HTTP/1.1 200 OK\r\n");
  while (!lines.empty()) {
    const auto end = lines.find('\n') + 1;
    head.add_line(lines.substr(0, end));
    lines.remove_prefix(end);
  }
  head.add_line("\r\n");
  Response response;
  const auto taken = head.take(response);
  return taken ? Errc::internal : taken.error().code;
}

}  // namespace

TEST(ResponseHead, StatusVersionAndFieldsAreReadAsSent) {
  const auto got = read({"HTTP/1.1 404 Not Found\r\n", "X-A:  b c \r\n", "x-a:\r\n", "\r\n"});
  EXPECT_EQ(got.response.status, 404);
  EXPECT_EQ(got.response.http_version, "1.1");
  EXPECT_EQ(got.response.headers, (Headers{{"X-A", "b c"}, {"x-a", ""}}));
  EXPECT_EQ(got.response.response_head, "HTTP/1.1 404 Not Found\r\nX-A:  b c \r\nx-a:\r\n\r\n");
}

TEST(ResponseHead, Http2AndBareLineFeeds) {
  const auto got = read({"HTTP/2 200 \n", "a: b\n", "\n"});
  EXPECT_EQ(got.response.status, 200);
  EXPECT_EQ(got.response.http_version, "2");
  EXPECT_EQ(find_header(got.response.headers, "A"), "b");
}

TEST(ResponseHead, InterimAnswersAreCountedAndForgotten) {
  const auto got = read({"HTTP/1.1 103 Early Hints\r\n", "Link: <x>\r\n", "\r\n",
                         "HTTP/1.1 200 OK\r\n", "A: b\r\n", "\r\n"});
  EXPECT_EQ(got.response.status, 200);
  EXPECT_EQ(got.response.headers, (Headers{{"A", "b"}}));
  EXPECT_EQ(got.head.bytes_seen(), 26u + 11 + 2 + 17 + 6 + 2);
}

TEST(ResponseHead, TrailersChangeNothing) {
  const auto got =
      read({"HTTP/1.1 200 OK\r\n", "\r\n", "HTTP/1.1 500 Trailer\r\n", "X: y\r\n", "\r\n"});
  EXPECT_EQ(got.response.status, 200);
  EXPECT_TRUE(got.response.headers.empty());
}

TEST(ResponseHead, AFieldThatLooksLikeAStatusLineIsAField) {
  const auto got = read({"HTTP/1.1 200 OK\r\n", "HTTP/1.1 500: x\r\n", "\r\n"});
  EXPECT_EQ(got.response.status, 200);
}

TEST(ResponseHead, FoldedLinesBelongToTheFieldBefore) {  // RFC 9112 5.2
  const auto got = read(
      {"HTTP/1.1 200 OK\r\n", "A: b\r\n", " Content-Length: 3-\r\n", " \r\n", "C: d\r\n", "\r\n"});
  EXPECT_TRUE(got.taken);
  EXPECT_EQ(got.response.headers, (Headers{{"A", "b Content-Length: 3-"}, {"C", "d"}}));
}

TEST(ResponseHead, FieldsOfFramingThatLibcurlReadsOtherwiseAreRefused) {  // RFC 9112 5.1, 5.2
  for (const auto* lines :
       {"Transfer-Encoding:\r\n chunked\r\n", "Transfer-Encoding : chunked\r\n",
        "Transfer-Encoding\t: chunked\r\n", "Content-Length : 5\r\n", "Content-Length:\r\n\t5\r\n"})
    EXPECT_EQ(length_error(lines), Errc::protocol) << lines;
  EXPECT_EQ(length_error("X-Other : 5\r\nX-Folded:\r\n 5\r\n"), Errc::internal);
}

TEST(ResponseHead, LengthsMustBeOneNumber) {  // RFC 9112 6.3
  EXPECT_EQ(length_error("Content-Length: 5\r\n"), Errc::internal);
  EXPECT_EQ(length_error("Content-Length: 5\r\ncontent-length: 5\r\n"), Errc::internal);
  EXPECT_EQ(length_error("Content-Length: 5, 5\r\n"), Errc::internal);
  for (const auto* lines :
       {"Content-Length: 5\r\ncontent-length: 6\r\n", "Content-Length: 5, 6\r\n",
        "Content-Length: 3-\r\n", "Content-Length: -1\r\n", "Content-Length: +1\r\n",
        "Content-Length: 99999999999999999999\r\n", "Content-Length:\r\n",
        "Content-Length: 0x10\r\n", "Content-Length: 5,\r\n"})
    EXPECT_EQ(length_error(lines), Errc::protocol) << lines;
}

TEST(ResponseHead, ACrWithinALineIsRefused) {  // RFC 9112 2.2
  for (const auto* line : {"A: 1\rB: 2\r\n", "A\r: 1\r\n", "\rA\rB\r\n"})
    EXPECT_FALSE(read({"HTTP/1.1 200 OK\r\n", line, "\r\n"}).taken) << line;
  EXPECT_FALSE(read({"HTTP/1.1 200 OK\r\rA: b\r\n", "\r\n"}).taken);
  EXPECT_TRUE(read({"HTTP/1.1 200 OK\r\r\n", "A: b\r\r\n", "\r\n"}).taken);
}

TEST(ResponseHead, BytesAndLinesHaveABudget) {
  ResponseHead long_line;
  EXPECT_TRUE(long_line.add_line(std::string(limits::header_bytes_max, 'x')));
  EXPECT_FALSE(long_line.add_line("x"));
  ResponseHead many;
  for (std::size_t i = 0; i < limits::header_lines_max; ++i) EXPECT_TRUE(many.add_line("a: b\r\n"));
  EXPECT_FALSE(many.add_line("\r\n"));
}

}  // namespace trawl::http
