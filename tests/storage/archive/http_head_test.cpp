#include "storage/warc/http_head.hpp"

#include <gtest/gtest.h>

namespace trawl::storage {
namespace {

std::string archived(std::string head, std::uint64_t body_bytes) {
  http::Response response;
  response.status = 200;
  response.response_head = std::move(head);
  return archived_response_head(response, body_bytes);
}

TEST(HttpHead, AHeadThatHoldsIsKeptAsItIs) {
  const std::string head = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\nX: y\r\n\r\n";
  EXPECT_EQ(archived(head, 5), head);
}

TEST(HttpHead, TransferCodingsAndWrongLengthsAreRenamed) {
  EXPECT_EQ(archived("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nA: b\r\n\r\n", 7),
            "HTTP/1.1 200 OK\r\nX-Archive-Orig-Transfer-Encoding: chunked\r\nA: b\r\n"
            "Content-Length: 7\r\n\r\n");
  EXPECT_EQ(archived("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", 7),
            "HTTP/1.1 200 OK\r\nX-Archive-Orig-Content-Length: 99\r\nContent-Length: 7\r\n\r\n");
  EXPECT_EQ(archived("HTTP/1.1 200 OK\r\nContent-Length: 7\r\nContent-Length : 7\r\n\r\n", 7),
            "HTTP/1.1 200 OK\r\nContent-Length: 7\r\nX-Archive-Orig-Content-Length : 7\r\n\r\n");
}

TEST(HttpHead, Http2IsWrittenAsHttp1) {
  EXPECT_EQ(archived("HTTP/2 404 \r\na: b\r\n\r\n", 0),
            "HTTP/1.1 404 \r\na: b\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(archived_request_head("GET /x HTTP/2\r\nHost: a\r\n\r\n"),
            "GET /x HTTP/1.1\r\nHost: a\r\n\r\n");
}

TEST(HttpHead, LineEndsAreMadeRegular) {
  EXPECT_EQ(archived("HTTP/1.0 200 OK\nA: b\n folded\n\n", 0),
            "HTTP/1.0 200 OK\r\nA: b\r\n folded\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(archived_request_head("GET / HTTP/1.1\r\nHost: a"),
            "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
}

TEST(HttpHead, AMissingHeadIsMadeFromTheFields) {
  http::Response response;
  response.status = 204;
  response.headers = {{"A", "b"}};
  EXPECT_EQ(archived_response_head(response, 0),
            "HTTP/1.1 204 \r\nA: b\r\nContent-Length: 0\r\n\r\n");
}

}  // namespace
}  // namespace trawl::storage
