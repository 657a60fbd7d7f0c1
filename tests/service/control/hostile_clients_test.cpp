// Clients that send what they shouldn't, too much, too slowly, or nothing, and those that are many.
#include "service/control/bounds.hpp"
#include "service/run/descriptor_limit.hpp"
#include "tests/service/cli/small_crawl.hpp"
#include "tests/service/control/client.hpp"
#include "tests/service/control/running_server.hpp"
#include "tests/support/subprocess.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <iostream>
#include <random>
#include <thread>
#include <vector>

namespace trawl::test {
namespace {

namespace bounds = service::control::bounds;
using testing::HasSubstr;
using Time = std::chrono::steady_clock;

// Of AddressSanitizer's own memory there is no telling.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool memory_tells = false;
#else
constexpr bool memory_tells = true;
#endif
#endif

std::uint64_t resident_bytes() {
  std::ifstream statm{"/proc/self/statm"};
  std::uint64_t all = 0, resident = 0;
  statm >> all >> resident;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

void expect_alive(RunningServer& server) {
  EXPECT_EQ(ask(server.port(), "GET /healthz").status, 200);
}

TEST(HostileClient, GarbageIsAnsweredOrDroppedAndNothingBreaks) {
  RunningServer server;
  const std::vector<std::string> openings{
      "\x16\x03\x01\x02",
      "SSH-2.0-x\r\n",
      "\r\n\r\n\r\n",
      std::string(300, '\0'),
      "GET\r\n\r\n",
      "GET / HTTP/9.9\r\n\r\n",
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
      "GET / HTTP/1.1\r\n\r\n",
      "GET / HTTP/1.1\r\nHost localhost\r\n\r\n",
      "POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
      "POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n"
      "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n"
      "Content-Length: 4\r\n\r\nabcd",
      "POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"};
  for (const std::string& bytes : openings) {
    Client client{server.port()};
    client.send(bytes);
    client.close_sending();
    const std::string answer = client.read_until("\r\n\r\n", 3000);
    if (!answer.empty()) EXPECT_THAT(answer, testing::ContainsRegex("^HTTP/1.1 [45]")) << bytes;
  }
  std::mt19937 random{7};
  for (int i = 0; i < 200; ++i) {
    std::string bytes(random() % 4000, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    Client client{server.port()};
    client.send(bytes);
    if (i % 2 == 0) client.reset();
  }
  EXPECT_TRUE(server.jobs.calls().empty());
  expect_alive(server);
}

// RFC 9112 6.3, rule 4: what stands behind such a head would be taken for another request.
TEST(HostileClient, ATransferCodingThatHasNoEndIsRefusedAndTheConnectionClosed) {
  RunningServer server;
  for (const std::string coding :
       {"gzip", "identity", "xchunked", "chunked, gzip", "chunked, identity", "gzip, chunked"}) {
    for (const std::string method : {"POST", "GET"}) {
      Client client{server.port()};
      client.send(method + " /api/v1/jobs/docs/pause HTTP/1.1\r\nHost: localhost\r\n" +
                  "Content-Type: application/json\r\nTransfer-Encoding: " + coding +
                  "\r\n\r\nGET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
      EXPECT_EQ(client.receive().status, 400) << coding;
      EXPECT_TRUE(client.is_closed()) << coding;
    }
  }
  EXPECT_TRUE(server.jobs.calls().empty());
}

TEST(HostileClient, ACodedBodyIsNotTakenForText) {
  RunningServer server;
  Client client{server.port()};
  client.send(
      "POST /api/v1/jobs/docs/urls HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
      "Content-Encoding: identity\r\nContent-Encoding: gzip\r\nContent-Length: 9\r\n\r\nhttp://a/");
  EXPECT_EQ(client.receive().status, 415);
  EXPECT_TRUE(server.jobs.calls().empty());
  expect_alive(server);
}

TEST(HostileClient, HeadsAndBodiesOverTheirBoundsAreRefused) {
  RunningServer server;
  const auto port = server.port();
  EXPECT_EQ(ask(port, "GET /healthz", "X: " + std::string(20'000, 'x') + "\r\n").status, 431);
  EXPECT_EQ(ask(port, "GET /" + std::string(20'000, 'x')).status, 431);
  Client announced{port};
  announced.send(
      "POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1048577\r\n\r\n");
  EXPECT_EQ(announced.receive().status, 413);
  Client chunks{port};
  chunks.send(
      "POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 20; ++i)
    if (!chunks.send("10000\r\n" + std::string(0x10000, 'x') + "\r\n")) break;
  EXPECT_EQ(chunks.receive().status, 413);
  EXPECT_EQ(
      ask(port, "POST /api/v1/jobs?name=a", "", std::string(bounds::body_bytes_max, ' ')).status,
      201);
  Client endless{port};
  endless.send("GET / HTTP/1.1\r\n");
  for (int i = 0; i < 10'000; ++i)
    if (!endless.send("X: y\r\n")) break;
  EXPECT_TRUE(endless.is_closed());
  expect_alive(server);
}

TEST(HostileClient, AHeadThatNeverEndsIsGivenUpInTime) {
  RunningServer server;
  std::vector<Client> clients;
  for (int i = 0; i < 50; ++i) {
    clients.emplace_back(server.port());
    clients.back().send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n");
  }
  const auto began = Time::now();
  // A byte a second keeps nothing open.
  for (int i = 0; i < 8; ++i) {
    std::this_thread::sleep_for(std::chrono::seconds{1});
    for (Client& client : clients) client.send("x");
    expect_alive(server);
  }
  for (Client& client : clients) {
    EXPECT_EQ(client.receive().status, 408);
    EXPECT_TRUE(client.is_closed());
  }
  EXPECT_LT(Time::now() - began, bounds::head_time_max + std::chrono::seconds{10});
}

TEST(HostileClient, ThoseThatBreakOffInTheMiddleLeaveNothing) {
  SmallCrawl crawl;
  crawl.admit_many("a.example", 20'000);
  RunningServer server;
  server.jobs.add({.name = "big", .dir = crawl.folder()});
  int begun = 0;
  for (int i = 0; i < 500; ++i) {
    Client client{server.port(), 4096};
    client.ask("GET /api/v1/jobs/big/results");
    if (client.read_until("\r\n\r\n").contains("200 OK")) ++begun;
    client.reset();
  }
  EXPECT_GT(begun, 200);  // three times as many as may read at once
  for (int i = 0; i < 50; ++i) {
    Client client{server.port()};
    client.send("POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nhalf");
    if (i % 2 == 0) client.reset();
  }
  expect_alive(server);
}

TEST(HostileClient, TooManyConnectionsAreToldSoAndTheOthersGoOn) {
  ASSERT_GE(service::raise_descriptor_limit(8192), 4096U);
  RunningServer server;
  std::vector<Client> clients;
  for (std::size_t i = 0; i < bounds::connections_max; ++i) {
    clients.emplace_back(server.port());
    if (i % 64 == 0) {
      clients.back().ask("GET /healthz");
      ASSERT_EQ(clients.back().receive().status, 200) << i;
    }
  }
  clients.back().ask("GET /healthz");
  EXPECT_EQ(clients.back().receive().status, 200);
  const auto refused = ask(server.port(), "GET /healthz");
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.field("retry-after"), "1");
  clients.front().ask("GET /readyz");
  EXPECT_EQ(clients.front().receive().status, 200);
}

TEST(HostileClient, FetchesThatHangAreBounded) {
  RunningServer server;
  server.jobs.hang_fetches();
  std::vector<Client> clients;
  for (std::size_t i = 0; i < bounds::fetches_max; ++i) {
    clients.emplace_back(server.port());
    clients.back().ask("POST /api/v1/fetch", "Content-Type: application/json\r\n",
                       R"({"url": "http://a/"})");
  }
  while (server.jobs.calls().size() < bounds::fetches_max) std::this_thread::yield();
  const auto refused = ask(server.port(), "POST /api/v1/fetch",
                           "Content-Type: application/json\r\n", R"({"url": "http://a/"})");
  EXPECT_EQ(refused.status, 503);
  expect_alive(server);
}

// A body is held until it is taken, so it counts until then.
TEST(HostileClient, FetchesOfClientsThatDoNotReadAreBounded) {
  RunningServer server;
  server.jobs.set_fetch(
      [](service::FetchNow) { return service::FetchedNow{.body = std::string(8 << 20, 'x')}; });
  std::vector<Client> clients;
  const auto fetch = [&](Client& client) {
    client.ask("POST /api/v1/fetch", "Content-Type: application/json\r\n",
               R"({"url": "http://a/"})");
  };
  for (std::size_t i = 0; i < bounds::fetches_max; ++i) {
    clients.emplace_back(server.port());
    fetch(clients.back());
    EXPECT_THAT(clients.back().read_until("\r\n", 10'000), testing::StartsWith("HTTP/1.1 200"));
  }
  {
    Client refused{server.port()};
    fetch(refused);
    EXPECT_EQ(refused.receive().status, 503);
  }
  clients.clear();
  for (unsigned status = 503; status == 503;) {  // until the server has heard that they are gone
    Client again{server.port()};
    fetch(again);
    status = again.receive().status;
    if (status != 503) EXPECT_EQ(status, 200U);
  }
}

TEST(HostileClient, AWebPageOfAnotherSiteCanNeitherSteerNorRead) {
  RunningServer server;
  const auto port = server.port();
  const auto pause = "POST /api/v1/jobs/docs/pause";
  EXPECT_EQ(ask(port, pause, "Origin: https://evil.example\r\n").status, 403);
  EXPECT_EQ(ask(port, pause, "Origin: null\r\n").status, 403);
  EXPECT_EQ(ask(port, pause, "Sec-Fetch-Site: cross-site\r\n").status, 403);
  EXPECT_EQ(ask(port, "GET /api/v1/jobs", "Origin: https://evil.example\r\n").status, 403);
  EXPECT_EQ(ask(port, "GET /api/v1/jobs", "Sec-Fetch-Site: cross-site\r\n").status, 403);
  const auto rebound = "Host: evil.example\r\n";
  EXPECT_EQ(ask(port, pause, rebound).status, 421);
  EXPECT_EQ(ask(port, "GET /api/v1/jobs", rebound).status, 421);
  EXPECT_EQ(ask(port, "GET /healthz", rebound).status, 421);
  EXPECT_TRUE(server.jobs.calls().empty());
  EXPECT_EQ(ask(port, pause,
                fmt::format("Origin: http://localhost\r\nSec-Fetch-Site: "
                            "same-origin\r\n"))
                .status,
            200);
}

// docs/faults.md row 52.
TEST(ControlPort, AsASeedIsNotFetchedAndAskedForByNameTakesNoOrders) {
  RunningServer server;
  const ScratchFolder folder;
  const std::string url = fmt::format("http://127.0.0.1:{}/api/v1/jobs/docs/pause", server.port());
  support::Subprocess fetch{
      {.args = {TRAWL_BINARY_DIR "/trawl", "fetch", url, "-o", (folder.path() / "out").string()}}};
  EXPECT_EQ(fetch.wait().exit_code, 0) << fetch.err();
  support::Subprocess results{
      {.args = {TRAWL_BINARY_DIR "/trawl", "results", (folder.path() / "out").string()}}};
  EXPECT_THAT(results.wait().out, HasSubstr("\"error\":\"private_address\""));
  EXPECT_EQ(ask(server.port(), "POST /api/v1/jobs/docs/pause", "Host: rebound.example\r\n").status,
            421);
  EXPECT_TRUE(server.jobs.calls().empty());
}

// docs/faults.md row 83.
TEST(ControlPort, AFloodOfSlowReadersCostsBoundedMemoryAndNobodyElsesTime) {
  ASSERT_GE(service::raise_descriptor_limit(8192), 4096U);
  SmallCrawl crawl;
  crawl.admit_many("a.example", 100'000);
  RunningServer server;
  server.jobs.add({.name = "big", .dir = crawl.folder()});
  expect_alive(server);
  const std::uint64_t before = resident_bytes();

  std::vector<Client> listeners, readers;
  for (int i = 0; i < 500; ++i) {
    listeners.emplace_back(server.port());
    listeners.back().ask("GET /api/v1/events");
    ASSERT_THAT(listeners.back().read_until(": trawl"), HasSubstr("200 OK")) << i;
  }
  const std::uint64_t with_listeners = resident_bytes();
  std::size_t served = 0, refused = 0;
  for (int i = 0; i < 100; ++i) {
    readers.emplace_back(server.port(), 4096);
    readers.back().ask("GET /api/v1/jobs/big/results");
    const std::string head = readers.back().read_until("\r\n\r\n");
    ++(head.contains("200 OK") ? served : refused);
  }
  EXPECT_EQ(served, bounds::streams_max);
  EXPECT_EQ(refused, 100 - bounds::streams_max);
  std::chrono::microseconds slowest{0};
  const auto end = Time::now() + std::chrono::seconds{2};
  while (Time::now() < end) {
    const auto asked = Time::now();
    ASSERT_EQ(ask(server.port(), "GET /api/v1/jobs").status, 200);
    server.jobs.emit("progress", "docs", "{}");
    slowest = std::max(slowest,
                       std::chrono::duration_cast<std::chrono::microseconds>(Time::now() - asked));
  }
  const std::uint64_t after = resident_bytes();
  std::cout << fmt::format("500 listeners: {} KiB; {} slow readers: {} KiB; slowest answer {} ms\n",
                           (with_listeners - before) / 1024, served,
                           (after - with_listeners) / 1024, slowest.count() / 1000);
  if (memory_tells) {
    EXPECT_LT(with_listeners - before, 32U << 20);
    EXPECT_LT(after - with_listeners, 64U << 20);
  }
  // The machine may have much else to do; a loop that waited for a reader would take a minute.
  EXPECT_LT(slowest, std::chrono::seconds{5});
}

}  // namespace
}  // namespace trawl::test
