#include "tests/http/client/client.hpp"

#include <fmt/format.h>

#include <cstdlib>

namespace trawl::http {
namespace {

std::vector<Request> requests_for(const LoopbackServer& server, std::size_t count) {
  std::vector<Request> requests;
  for (std::size_t i = 0; i < count; ++i)
    requests.push_back({.url = server.url(fmt::format("/{}", i))});
  return requests;
}

void serve_numbers(LoopbackServer& server, Millis delay = 0ms) {
  server.otherwise([delay](const SeenRequest& request) {
    return Reply{.body = "page " + request.path, .delay = delay};
  });
}

std::size_t right_pages(const std::vector<Fetched>& pages) {
  std::size_t right = 0;
  for (std::size_t i = 0; i < pages.size(); ++i)
    right += pages[i].status() == 200 && pages[i].body == fmt::format("page /{}", i);
  return right;
}

}  // namespace

TEST(Session, ASmallPageComesWithItsFacts) {
  LoopbackServer server;
  server.on("/a", Reply{.headers = {{"X-B", "c"}}, .body = "hello"});
  const auto got = fetch(server.url("/a?q"));
  ASSERT_TRUE(got.response) << got.response.error().message();
  const Response& response = *got.response;
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.http_version, "1.1");
  EXPECT_EQ(find_header(response.headers, "x-b"), "c");
  EXPECT_EQ(got.body, "hello");
  EXPECT_EQ(response.ip, "127.0.0.1");
  EXPECT_FALSE(response.broken);
  EXPECT_EQ(response.bytes_body, 5u);
  EXPECT_EQ(response.bytes_wire, response.response_head.size() + 5);
  EXPECT_TRUE(response.response_head.starts_with("HTTP/1.1 200 OK\r\n"));
  EXPECT_TRUE(response.response_head.ends_with("\r\n\r\n"));
  EXPECT_LT(response.phases.total, 5s);
  EXPECT_LT(system_clock().wall() - response.started, 10s);
}

TEST(Session, TheRecordedRequestIsTheOneThatWasSent) {
  LoopbackServer server;
  auto options = loopback_options();
  options.headers = {{"X-Empty", ""}, {"Accept", "text/plain"}};
  const Request request{
      .url = server.url("/a?b=c"), .method = "PUT", .headers = {{"X-Own", "1"}}, .body = "content"};
  const auto got = fetch(request, 1000, options);
  ASSERT_TRUE(got.response);
  const auto seen = server.requests().at(0);
  std::string text = fmt::format("{} {} HTTP/1.1\r\n", seen.method, seen.target);
  for (const auto& [name, value] : seen.headers)
    text += fmt::format("{}:{}{}\r\n", name, value.empty() ? "" : " ", value);
  EXPECT_EQ(got.response->request_head, text + "\r\n");
  EXPECT_EQ(seen.body, "content");
}

TEST(Session, ChunkedBodiesAreJoined) {
  LoopbackServer server;
  server.on("/", Reply{.body = std::string(5000, 'x'), .chunked = true, .chunk_bytes = 7});
  EXPECT_EQ(fetch(server.url()).body, std::string(5000, 'x'));
}

TEST(Session, CodedBodiesComeAsTheyAre) {
  LoopbackServer server;
  const std::string coded{"\x1f\x8b not even gzip", 16};
  server.on("/", Reply{.headers = {{"Content-Encoding", "gzip"}}, .body = coded});
  EXPECT_EQ(fetch(server.url()).body, coded);
}

TEST(Session, RedirectsAreAnswers) {
  LoopbackServer server;
  server.on("/", support::redirect_to("/next"));
  const auto got = fetch(server.url());
  EXPECT_EQ(got.status(), 302);
  EXPECT_EQ(find_header(got.response->headers, "location"), "/next");
  EXPECT_EQ(server.count(), 1u);
}

TEST(Session, ConnectionsAreKept) {
  LoopbackServer server;
  serve_numbers(server);
  const auto pages =
      coro::run_root(with_session(loopback_options(), &fetch_each, requests_for(server, 20)));
  EXPECT_EQ(right_pages(pages), 20u);
  EXPECT_EQ(server.connections(), 1u);
}

TEST(Session, AKeptConnectionThatTheServerClosedIsReplacedSilently) {
  LoopbackServer server;
  server.otherwise([](const SeenRequest&) {
    return Reply{.raw = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"};
  });
  const auto pages =
      coro::run_root(with_session(loopback_options(), &fetch_each, requests_for(server, 5)));
  for (const auto& page : pages) EXPECT_EQ(page.body, "ok");
}

TEST(Session, MethodsFollowEachOtherOnOnePooledHandle) {
  LoopbackServer server;
  server.on("/", Reply{.body = "hello"});
  const auto url = server.url();
  const auto pages = coro::run_root(with_session(
      loopback_options(1), &fetch_each,
      std::vector<Request>{{.url = url},
                           {.url = url, .method = "HEAD"},
                           {.url = url, .method = "POST", .body = std::string(100'000, 'p')},
                           {.url = url, .method = "POST"},
                           {.url = url, .method = "DELETE"},
                           {.url = url, .method = "HEAD"},
                           {.url = url}}));
  std::string methods;
  for (const auto& request : server.requests())
    methods += fmt::format("{} {}, ", request.method, request.body.size());
  EXPECT_EQ(methods, "GET 0, HEAD 0, POST 100000, POST 0, DELETE 0, HEAD 0, GET 0, ");
  EXPECT_EQ(server.requests().at(3).header("Content-Length"), "0");
  EXPECT_EQ(server.requests().at(2).header("Content-Type"), "");
  EXPECT_EQ(pages[1].body + pages[5].body, "");
  EXPECT_EQ(pages[6].body, "hello");
  for (const auto& page : pages) EXPECT_EQ(page.status(), 200);
  EXPECT_EQ(server.connections(), 1u);
}

TEST(Session, PermitsBoundWhatIsInFlight) {
  LoopbackServer server;
  serve_numbers(server, 5ms);
  const auto pages =
      coro::run_root(with_session(loopback_options(5), &fetch_all, requests_for(server, 20)));
  EXPECT_EQ(right_pages(pages), 20u);
  EXPECT_EQ(server.at_once_max(), 5u);
  EXPECT_LE(server.connections(), 5u);
}

TEST(Session, AThousandFetchesOnSixtyFourPermits) {
  LoopbackServer server;
  serve_numbers(server);
  const auto pages =
      coro::run_root(with_session(loopback_options(64), &fetch_all, requests_for(server, 1000)));
  EXPECT_EQ(right_pages(pages), 1000u);
  EXPECT_LE(server.connections(), 64u);
}

TEST(Session, SeveralMultiHandlesServeManyAtOnce) {
  std::vector<std::unique_ptr<LoopbackServer>> servers;
  std::vector<Request> requests;
  for (int i = 0; i < 6; ++i) {
    servers.push_back(std::make_unique<LoopbackServer>());
    serve_numbers(*servers.back(), 20ms);
  }
  for (std::size_t i = 0; i < 600; ++i)
    requests.push_back({.url = servers[i % 6]->url(fmt::format("/{}", i))});
  const auto pages =
      coro::run_root(with_session(loopback_options(600), &fetch_all, std::move(requests)));
  EXPECT_EQ(right_pages(pages), 600u);
}

TEST(Session, TheEnvironmentsProxyIsIgnored) {
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);
  ::setenv("ALL_PROXY", "socks5://127.0.0.1:1", 1);
  LoopbackServer server;
  EXPECT_EQ(fetch(server.url()).status(), 404);
  ::unsetenv("http_proxy");
  ::unsetenv("ALL_PROXY");
}

TEST(Session, AUrlThatLibcurlRefusesIsABadUrl) {
  EXPECT_EQ(fetch("http://a!b.test/").error(), Errc::bad_url);
  EXPECT_EQ(fetch("http://127.0.0.1/" + std::string(9'000'000, 'x')).error(), Errc::bad_url);
}

}  // namespace trawl::http
