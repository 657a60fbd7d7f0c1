// How a server begins and ends.
#include "core/base/result.hpp"
#include "core/coro/loop.hpp"
#include "core/coro/timeout.hpp"
#include "service/control/deadline.hpp"
#include "tests/service/control/client.hpp"
#include "tests/service/control/running_server.hpp"

#include <arpa/inet.h>
#include <boost/asio/as_tuple.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

namespace trawl::test {
namespace {

using service::control::ControlServer;
using testing::HasSubstr;

std::string refusal(ControlServer::Parts parts) {
  try {
    const ControlServer server{std::move(parts)};
  } catch (const Failure& failure) {
    return std::string{to_string(failure.code())} + ": " + failure.what();
  }
  return "";
}

using tcp = boost::asio::ip::tcp;

// As a step of async_read() does, that begins when the one before had ended already as time was up.
coro::Task<bool> is_cut_off(tcp::socket& socket) {
  service::control::Deadline deadline{socket};
  deadline.set(std::chrono::milliseconds{1});
  while (!deadline.passed()) co_await coro::sleep_for(std::chrono::milliseconds{1});
  char byte = 0;
  const auto [error, count] = co_await socket.async_read_some(
      boost::asio::buffer(&byte, 1), boost::asio::as_tuple(boost::asio::use_awaitable));
  co_return error == boost::asio::error::operation_aborted;
}

TEST(Deadline, CutsOffWhatBeginsAfterItTooUntilItIsLifted) {
  coro::Loop loop;
  tcp::acceptor acceptor{loop.context(), {boost::asio::ip::address_v4::loopback(), 0}};
  tcp::socket client{loop.context()};
  client.connect(acceptor.local_endpoint());
  tcp::socket served = acceptor.accept();
  const auto cut = loop.run(coro::within(std::chrono::seconds{5}, is_cut_off(served)));
  EXPECT_EQ(cut, std::optional{true});
}

TEST(ControlServer, ListensOnlyWhereItMay) {
  support::FakeJobs jobs;
  const auto on = [&](std::string address, std::string token = {}) {
    return refusal({.jobs = jobs,
                    .clock = system_clock(),
                    .listen = {std::move(address)},
                    .token = std::move(token)});
  };
  EXPECT_EQ(on("127.0.0.1:0"), "");
  EXPECT_EQ(on("[::1]:0"), "");
  EXPECT_THAT(on("0.0.0.0:0"), HasSubstr("token_file"));
  EXPECT_THAT(on("[::]:0"), HasSubstr("config"));
  EXPECT_EQ(on("0.0.0.0:0", "secret"), "");
  for (const auto* bad : {"", "127.0.0.1", "localhost:80", "127.0.0.1:x", "127.0.0.1:65536",
                          "::1:80", "[127.0.0.1]:80", "127.0.0.1:"})
    EXPECT_THAT(on(bad), HasSubstr("config: listen")) << bad;
}

TEST(ControlServer, APortThatIsTakenIsSaid) {
  RunningServer first;
  support::FakeJobs jobs;
  EXPECT_THAT(refusal({.jobs = jobs, .clock = system_clock(), .listen = {first.address()}}),
              HasSubstr("io: can't listen on 127.0.0.1:"));
}

TEST(ControlServer, TakesASocketOverThatListensAlready) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(listener, 16), 0);
  RunningServer server{[listener](RunningServer::Parts& parts) {
    parts.listen.clear();
    parts.inherited = {listener};
  }};
  EXPECT_EQ(ask(server.port(), "GET /healthz").status, 200);
}

TEST(ControlServer, RefusesADescriptorThatDoesNotListen) {
  support::FakeJobs jobs;
  const int plain = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  EXPECT_THAT(refusal({.jobs = jobs, .clock = system_clock(), .listen = {}, .inherited = {plain}}),
              HasSubstr("doesn't listen"));
}

TEST(ControlServer, EndsWhileClientsAreInTheMiddleOfEverything) {
  for (int round = 0; round < 20; ++round) {
    auto server = std::make_unique<RunningServer>();
    Client idle{server->port()}, half{server->port()}, events{server->port()};
    Client hanging{server->port()};
    server->jobs.hang_fetches();
    half.send("GET / HTTP");
    events.ask("GET /api/v1/events");
    events.read_until(": trawl");
    hanging.ask("POST /api/v1/fetch", "Content-Type: application/json\r\n",
                R"({"url": "http://a/"})");
    server->jobs.emit("state", "docs", "{}");
    if (round % 2 == 0)
      while (server->jobs.calls().empty()) std::this_thread::yield();
    server = nullptr;
    EXPECT_TRUE(events.is_closed());
    EXPECT_TRUE(idle.is_closed());
  }
}

TEST(ControlServer, ListensToJobsOnlyWhileItRuns) {
  RunningServer server;
  Client client{server.port()};
  client.ask("GET /api/v1/events");
  client.read_until(": trawl");
  EXPECT_EQ(server.jobs.watchers(), 1U);
}

}  // namespace
}  // namespace trawl::test
