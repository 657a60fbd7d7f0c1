// Answers as in the wild's worst; what libcurl 7.88.1 makes of each was measured before.
#include "tests/http/client/client.hpp"

#include <fmt/format.h>

namespace trawl::http {
namespace {

Fetched fetch_raw(std::string bytes) {
  LoopbackServer server;
  server.on("/", Reply{.raw = std::move(bytes)});
  return fetch(server.url());
}

std::string repeated(std::string_view text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

}  // namespace

TEST(HostileAnswer, ResetBeforeTheHead) {
  LoopbackServer server;
  server.on("/", support::reset_before_head());
  const auto got = fetch(server.url());
  EXPECT_FALSE(got.response);
  EXPECT_EQ(got.error(), Errc::reset);
}

TEST(HostileAnswer, NothingAtAll) {
  EXPECT_EQ(fetch_raw("").error(), Errc::reset);
}

// libcurl takes such a line for more of the field before it, which of a handle that was used before
// was one of the last answer, and freed.
TEST(HostileAnswer, AFirstFieldThatBeginsWithASpace) {
  LoopbackServer server;
  server.on("/", Reply{.raw = "HTTP/1.1 200 OK\r\n folded: " + std::string(50, 'A') +
                              "\r\nContent-Length: 1\r\n\r\nx"});
  const std::vector<Request> requests(20, Request{.url = server.url()});
  const auto pages = coro::run_root(with_session(loopback_options(), &fetch_each, requests));
  ASSERT_EQ(pages.size(), 20U);
  for (const Fetched& page : pages) {
    ASSERT_FALSE(page.response);
    EXPECT_EQ(page.error(), Errc::protocol);
    EXPECT_EQ(page.response.error().detail, "a line of the head is no header field");
  }
}

TEST(HostileAnswer, ResetAfterTheHead) {
  LoopbackServer server;
  server.on("/", Reply{.body = "0123456789", .cut = Cut::reset, .cut_after = 0});
  const auto got = fetch(server.url());
  // The RST may overtake the head in the kernel; a lost head is a reset.
  if (got.response)
    EXPECT_EQ(got.error(), Errc::body_truncated);
  else
    EXPECT_EQ(got.error(), Errc::reset);
}

TEST(HostileAnswer, AnEarlyCloseLeavesThePartThatCame) {
  LoopbackServer server;
  server.on("/", Reply{.body = "0123456789", .cut = Cut::close, .cut_after = 4});
  const auto got = fetch(server.url());
  ASSERT_TRUE(got.response);
  EXPECT_EQ(got.error(), Errc::body_truncated);
  EXPECT_EQ(got.body, "0123");
  EXPECT_EQ(got.response->bytes_body, 4u);
}

TEST(HostileAnswer, ChunksWithoutAnEnd) {
  const auto got = fetch_raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
  EXPECT_EQ(got.error(), Errc::body_truncated);
  EXPECT_EQ(got.body, "hello");
}

TEST(HostileAnswer, DamagedChunks) {
  for (const auto* chunks :
       {"5\r\nhello\r\n5\r\n world!\r\n0\r\n\r\n", "FFFFFFFFFFFFFFFFF\r\nx", "zz\r\nhello"}) {
    const auto got =
        fetch_raw(fmt::format("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{}", chunks));
    ASSERT_TRUE(got.response);
    EXPECT_EQ(got.error(), Errc::protocol) << chunks;
  }
}

TEST(HostileAnswer, MoreThanAnnouncedIsCutAndTheConnectionNotKept) {
  LoopbackServer server;
  server.on("/", Reply{.headers = {{"Content-Length", "4"}}, .body = "0123456789"});
  const auto got = coro::run_root(
      with_session(loopback_options(), &fetch_each,
                   std::vector<Request>{{.url = server.url()}, {.url = server.url()}}));
  EXPECT_EQ(got[0].body, "0123");
  EXPECT_EQ(got[1].body, "0123");
  EXPECT_EQ(server.connections(), 2u);
}

TEST(HostileAnswer, BytesLeftUnreadAreNotTheNextAnswer) {
  // The head has come and gone when the rest does, so that libcurl never reads over the length.
  LoopbackServer server;
  server.on("/", Reply{.headers = {{"Content-Length", "4"}},
                       .body = "0123HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil",
                       .drip_bytes = 1000,
                       .drip_every = 1ms});
  const auto got = coro::run_root(with_session(loopback_options(), &fetch_each,
                                               std::vector<Request>(10, {.url = server.url()})));
  for (const auto& page : got) EXPECT_EQ(page.body, "0123");
}

coro::Task<std::vector<Fetched>> fetch_with_rests(Session& session, std::string url, int times) {
  std::vector<Fetched> all;
  for (int n = 0; n < times; ++n) {
    auto fetching = fetch_in(session, {.url = url});
    all.push_back(co_await std::move(fetching));
    auto resting = coro::sleep_for(100ms);
    co_await std::move(resting);
  }
  co_return all;
}

TEST(HostileAnswer, BytesThatComeBetweenRequestsAreNotTheNextAnswer) {
  // An answer that nobody asked for, and what balancers say to a connection that rests too long.
  for (const std::string unasked : {"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil",
                                    "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"}) {
    LoopbackServer server;
    const std::string body(100, 'x');
    server.on("/", Reply{.headers = {{"Content-Length", "100"}},
                         .body = body + unasked,
                         .drip_bytes = body.size(),
                         .drip_every = 30ms});
    const auto got =
        coro::run_root(with_session(loopback_options(), &fetch_with_rests, server.url(), 4));
    for (const auto& page : got) EXPECT_EQ(page.body, body) << unasked;
    EXPECT_EQ(server.count(), 4u) << unasked;
    EXPECT_EQ(server.connections(), 4u) << unasked;
  }
}

TEST(HostileAnswer, LengthsThatCantBeTrusted) {
  for (const auto* lines : {"Content-Length: 5\r\nContent-Length: 7\r\n", "Content-Length: 3-\r\n",
                            "Content-Length: -3\r\n", "Content-Length: 99999999999999999999\r\n"}) {
    const auto got = fetch_raw(fmt::format("HTTP/1.1 200 OK\r\n{}\r\nhelloxx", lines));
    EXPECT_FALSE(got.response) << lines;
    EXPECT_EQ(got.error(), Errc::protocol) << lines;
    EXPECT_EQ(got.body, "") << lines;
  }
}

TEST(HostileAnswer, NotHttp) {
  for (const auto* bytes :
       {"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", "<html>HTTP/0.9 page</html>",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "HTTP/1.1 abc OK\r\n\r\n", "HTTP/1.1 000 No\r\n\r\n",
        "\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nno colon here\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nxyz"}) {
    const auto got = fetch_raw(bytes);
    EXPECT_FALSE(got.response) << bytes;
    EXPECT_EQ(got.error(), Errc::protocol) << bytes;
  }
}

TEST(HostileAnswer, HeadsThatAreTooLarge) {
  const std::string start = "HTTP/1.1 200 OK\r\n";
  for (const auto& bytes :
       {start + "X: " + std::string(400'000, 'x') + "\r\n\r\n",
        start + "X: " + std::string(90'000, 'x') + "\r\nY: " + std::string(90'000, 'y') +
            "\r\nZ: " + std::string(90'000, 'z') + "\r\n\r\n",
        start + repeated("A: b\r\n", 20'000) + "\r\n",
        repeated("HTTP/1.1 100 Continue\r\n\r\n", 2'000) + start + "\r\n"}) {
    const auto got = fetch_raw(bytes);
    EXPECT_FALSE(got.response) << bytes.substr(0, 60);
    EXPECT_EQ(got.error(), Errc::header_too_large) << bytes.substr(0, 60);
  }
}

TEST(HostileAnswer, TooManyTrailersLeaveTheBodyThatCame) {
  const auto got =
      fetch_raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n" +
                repeated("T: railer\r\n", 5'000) + "\r\n");
  ASSERT_TRUE(got.response);
  EXPECT_EQ(got.error(), Errc::header_too_large);
  EXPECT_EQ(got.body, "hello");
}

TEST(HostileAnswer, AHeadThatBreaksOffIsNoAnswer) {
  for (const auto* bytes : {"HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n",
                            "HTTP/1.1 200 OK\r\nX: a\rb", "HTTP/1.1 100 Continue\r\n\r\n"}) {
    const auto got = fetch_raw(bytes);
    ASSERT_FALSE(got.response) << bytes;
    EXPECT_EQ(got.error(), Errc::reset) << bytes;
    EXPECT_NE(got.response.error().detail, "No error") << bytes;
  }
}

TEST(HostileAnswer, GarbageBehindADamagedChunkIsNotBody) {
  const std::string start = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  const auto garbage = fetch_raw(start + "FAIL\r\nHello world!");
  EXPECT_EQ(garbage.error(), Errc::protocol);
  EXPECT_EQ(garbage.body, "");
  const auto late = fetch_raw(start + "5\r\nhello\r\n5\r\n world!\r\n0\r\n\r\n");
  EXPECT_EQ(late.error(), Errc::protocol);
  EXPECT_EQ(late.body, "hello worl");
}

TEST(HostileAnswer, WhatIsOddAboutTheFramingIsNoted) {
  const auto note = [](std::string bytes) {
    const auto got = fetch_raw("HTTP/1.1 " + std::move(bytes));
    return got.response && !got.response->broken ? got.response->note : "no answer";
  };
  EXPECT_EQ(note("200 OK\r\nContent-Length: 5\r\n\r\nhello"), "");
  EXPECT_EQ(note("200 OK\r\nContent-Length: 5\r\n\r\nhello, you"), "excess_bytes");
  EXPECT_EQ(note("200 OK\r\nContent-Length: 0\r\n\r\nhello"), "excess_bytes");
  EXPECT_EQ(note("204 No\r\n\r\nhello"), "excess_bytes");
  EXPECT_EQ(note("304 No\r\nContent-Length: 5\r\n\r\nhello"), "excess_bytes");
  EXPECT_EQ(note("200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\nx"),
            "excess_bytes");
  EXPECT_EQ(note("200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n"
                 "1\r\na\r\n0\r\n\r\n"),
            "cl_and_te");
  EXPECT_EQ(note("200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nA: b\r\n\r\n"), "");
  EXPECT_EQ(note("200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nA: b"),
            "trailers_cut");
}

TEST(HostileAnswer, AnyStatusOfThreeDigitsIsAnAnswer) {
  EXPECT_EQ(fetch_raw("HTTP/1.1 999 Denied\r\nContent-Length: 0\r\n\r\n").status(), 999);
  EXPECT_EQ(fetch_raw("HTTP/1.1 304 Not Modified\r\n\r\n").status(), 304);
  EXPECT_EQ(fetch_raw("HTTP/1.0 200 OK\r\n\r\nhello").body, "hello");
}

TEST(HostileAnswer, BytesInHeadersAreKept) {
  const auto got = fetch_raw("HTTP/1.1 200 OK\r\nX: \xff\xc3\xa4\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(find_header(got.response->headers, "X"), "\xff\xc3\xa4");
}

TEST(HostileAnswer, AnEndlessBodyStopsAtTheBound) {
  LoopbackServer server;
  server.on("/", Reply{.endless = true});
  const auto got = fetch({.url = server.url()}, 100'000);
  ASSERT_TRUE(got.response);
  EXPECT_FALSE(got.response->broken);
  EXPECT_EQ(got.body.size(), 100'000u);
}

}  // namespace trawl::http
