#include "tests/support/loopback_server.hpp"
#include "tests/support/subprocess.hpp"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace trawl::support {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

// A client as plain as can be: what it reads is what was sent.
class Client {
 public:
  explicit Client(const LoopbackServer& server)
      : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(server.port());
    EXPECT_EQ(::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    const timeval patience{.tv_sec = 10, .tv_usec = 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }
  ~Client() { ::close(socket_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void send(std::string_view text) const {
    EXPECT_EQ(::send(socket_, text.data(), text.size(), MSG_NOSIGNAL), ssize_t(text.size()));
  }
  void get(std::string_view target) const {
    send("GET " + std::string{target} + " HTTP/1.1\r\nHost: x\r\n\r\n");
  }
  // Until the text is there, the server closed, or it failed with `error`.
  std::string read_until(std::string_view text) {
    std::string got;
    std::array<char, 4096> block;
    while (text.empty() || !got.contains(text)) {
      const auto size = ::recv(socket_, block.data(), block.size(), 0);
      if (size <= 0) {
        error = size < 0 ? errno : 0;
        closed = true;
        break;
      }
      got.append(block.data(), static_cast<std::size_t>(size));
    }
    return got;
  }
  std::string read_all() { return read_until({}); }

  bool closed = false;
  int error = 0;

 private:
  int socket_;
};

}  // namespace

TEST(LoopbackServer, KeepsConnectionsAliveAndTakesPipelinedRequestsInOrder) {
  LoopbackServer server;
  server.on("/a", {.body = "first"});
  server.on("/b", {.body = "second"});
  Client client{server};
  client.send("GET /a?x=1 HTTP/1.1\r\nHost: h\r\nAccept:  */* \r\n\r\nGET /b HTTP/1.1\r\n\r\n");
  const auto text = client.read_until("second");
  EXPECT_THAT(text, StartsWith("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
                               "Content-Length: 5\r\n\r\nfirstHTTP/1.1 200 OK\r\n"));
  client.get("/c");
  EXPECT_THAT(client.read_until("no such page"), StartsWith("HTTP/1.1 404 Not Found\r\n"));
  EXPECT_EQ(server.connections(), 1u);
  EXPECT_EQ(server.count(), 3u);
  EXPECT_EQ(server.count("/a"), 1u);
  const auto seen = server.requests();
  EXPECT_EQ(seen[0].target, "/a?x=1");
  EXPECT_EQ(seen[0].header("accept"), "*/*");
  EXPECT_EQ(seen[2].path, "/c");
  EXPECT_LE(seen[0].time, seen[2].time);
}

TEST(LoopbackServer, ARequestInPiecesAndItsBodyArrive) {
  LoopbackServer server;
  server.on("/p", [](const SeenRequest& request) { return Reply{.body = request.body + "!"}; });
  Client client{server};
  client.send("POST /p HTTP/1.1\r\nContent-Le");
  client.send("ngth: 4\r\n\r\nbo");
  client.send("dy");
  EXPECT_THAT(client.read_until("!"), EndsWith("body!"));
}

TEST(LoopbackServer, HeadHasALengthAndNoBody) {
  LoopbackServer server;
  server.on("/a", {.body = "first", .close = true});
  Client client{server};
  client.send("HEAD /a HTTP/1.1\r\n\r\n");
  EXPECT_THAT(client.read_all(), EndsWith("Content-Length: 5\r\nConnection: close\r\n\r\n"));
}

TEST(LoopbackServer, ChunkedRedirectAndRawAnswersAreAsWritten) {
  LoopbackServer server;
  server.on("/chunked", {.body = "abcde", .chunked = true, .chunk_bytes = 2});
  server.on("/old", redirect_to("/new", 301));
  server.on("/raw", {.raw = "HTP/9 what\n"});
  Client client{server};
  client.get("/chunked");
  EXPECT_THAT(client.read_until("0\r\n\r\n"),
              EndsWith("2\r\nab\r\n2\r\ncd\r\n1\r\ne\r\n0\r\n\r\n"));
  client.get("/old");
  EXPECT_THAT(client.read_until("\r\n\r\n"), HasSubstr("Location: /new\r\n"));
  client.get("/raw");
  EXPECT_EQ(client.read_all(), "HTP/9 what\n");
}

TEST(LoopbackServer, EarlyCloseAndResetsAreToldApart) {
  LoopbackServer server;
  server.on("/close", {.body = "abcdef", .cut = Cut::close, .cut_after = 3});
  server.on("/reset", {.body = "abcdef", .cut = Cut::reset, .cut_after = 3});
  server.on("/none", reset_before_head());
  {
    Client client{server};
    client.get("/close");
    EXPECT_THAT(client.read_all(), EndsWith("Content-Length: 6\r\n\r\nabc"));
    EXPECT_EQ(client.error, 0);
  }
  for (const char* path : {"/reset", "/none"}) {
    Client client{server};
    client.get(path);
    client.read_all();
    EXPECT_EQ(client.error, ECONNRESET) << path;
  }
}

TEST(LoopbackServer, DripsAreComplete) {
  LoopbackServer server;
  server.on("/drip", {.body = "abcdefg", .close = true, .drip_bytes = 2, .drip_every = Millis{1}});
  Client client{server};
  client.get("/drip");
  EXPECT_THAT(client.read_all(), EndsWith("\r\n\r\nabcdefg"));
}

TEST(LoopbackServer, OthersAreServedWhileSomeStallDripOrNeverEnd) {
  LoopbackServer server;
  server.on("/never", never_answer());
  server.on("/stall", {.body = "abc", .cut = Cut::stall, .cut_after = 1});
  server.on("/endless", {.endless = true});
  server.on("/slow", {.body = "abc", .drip_bytes = 1, .drip_every = std::chrono::hours{1}});
  server.on("/late", {.body = "abc", .delay = std::chrono::hours{1}});
  server.on("/quick", {.body = "quick"});
  std::array<Client, 5> clients{Client{server}, Client{server}, Client{server}, Client{server},
                                Client{server}};
  int next = 0;
  for (const char* path : {"/never", "/stall", "/endless", "/slow", "/late"}) {
    clients[next++].get(path);
    ASSERT_TRUE(server.wait_for(path, 1));
  }
  EXPECT_THAT(clients[1].read_until("\r\n\r\na"), EndsWith("\r\n\r\na"));
  EXPECT_THAT(clients[2].read_until("xxxx"), HasSubstr("Connection: close\r\n\r\nxxx"));
  Client client{server};
  client.get("/quick");
  EXPECT_THAT(client.read_until("quick"), EndsWith("quick"));
  EXPECT_EQ(server.at_once_max(), 6u);
}  // and the destructor ends all of them at once

TEST(LoopbackServer, WaitingForWhatNeverComesEnds) {
  const LoopbackServer server;
  EXPECT_FALSE(server.wait_for("/", 1, Millis{1}));
}

TEST(LoopbackServer, ARealClientIsContent) {
  LoopbackServer server;
  server.on("/old", redirect_to("/new"));
  server.on("/new", {.body = std::string(3'000'000, 'y'), .chunked = true});
  const auto curl = run({.args = {"curl", "-sS", "-L", "--noproxy", "*", server.url("/old")}});
  EXPECT_EQ(curl.exit_code, 0) << curl.err;
  EXPECT_EQ(curl.out, std::string(3'000'000, 'y'));
  EXPECT_THAT(server.requests().back().header("User-Agent"), StartsWith("curl/"));
}

TEST(LoopbackReply, StepsSayWhatWillBeSent) {
  const SeenRequest get{.method = "GET"};
  const auto steps = steps_of({.status = 304, .body = "dropped", .close = true}, get);
  ASSERT_EQ(steps.size(), 2u);
  EXPECT_THAT(steps[0].bytes, StartsWith("HTTP/1.1 304 Not Modified\r\n"));
  EXPECT_EQ(steps[1].kind, Step::Kind::close);
  EXPECT_EQ(steps_of(never_answer(), get).size(), 1u);
  EXPECT_EQ(
      steps_of({.headers = {{"content-length", "9"}}, .body = "abc"}, get)[0].bytes,
      "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\ncontent-length: 9\r\n\r\n");
}

}  // namespace trawl::support
