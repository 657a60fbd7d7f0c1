// A thread and a loop of their own, so that whatever clients do competes with the crawl for the
// processor alone; and there, being nice, it gives way.
#include "service/control/server.hpp"

#include "core/base/log.hpp"
#include "core/base/result.hpp"
#include "core/coro/loop.hpp"
#include "core/coro/thread.hpp"
#include "core/coro/time.hpp"
#include "service/control/connection.hpp"
#include "service/control/listener.hpp"
#include "service/control/services.hpp"

#include <boost/asio/as_tuple.hpp>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>

namespace trawl::service::control {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr std::chrono::milliseconds accept_pause{100};
constexpr int unacknowledged_ms_max = 60'000;

// Of this thread and of those it starts. Not being allowed to is no fault.
void be_nice() {
  (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), bounds::niceness);
}

// A peer whose machine is gone says nothing; the kernel asks it.
void tune(tcp::socket& socket) {
  boost::system::error_code ignored;
  socket.set_option(tcp::no_delay{true}, ignored);
  socket.set_option(asio::socket_base::keep_alive{true}, ignored);
  (void)::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT, &unacknowledged_ms_max,
                     sizeof unacknowledged_ms_max);
}

// The permit is held as long as the connection lasts.
coro::Task<> serve_client(Services& services, tcp::socket socket, bool crowded, coro::Permit) {
  tune(socket);
  Connection connection{services, std::move(socket), crowded};
  co_await connection.converse();
}

}  // namespace

struct ControlServer::Inside {
  explicit Inside(Parts with)
      : services(loop.executor(), std::move(with)),
        connections(loop.executor(), bounds::connections_max),
        refusals(loop.executor(), bounds::refusals_max) {
    listen();
  }

  void listen() {
    for (const std::string& address : services.parts.listen)
      acceptors.push_back(listen_on(loop.context(), address));
    for (const int descriptor : services.parts.inherited)
      acceptors.push_back(take_over(loop.context(), descriptor));
    for (const Acceptor& acceptor : acceptors) {
      const tcp::endpoint endpoint = acceptor.local_endpoint();
      addresses.push_back(to_text(endpoint));
      if (services.parts.token.empty() && !endpoint.address().is_loopback())
        throw Failure(Errc::config,
                      fmt::format("{} is not of this machine alone, and there is no token_file: "
                                  "anybody could steer the daemon. Name a token_file, or listen "
                                  "on 127.0.0.1",
                                  addresses.back()));
    }
  }

  coro::Task<> serve() {
    be_nice();
    co_await coro::with_group(
        [](Inside* self, coro::Group& group) { return self->serve_in(group); }, this);
  }

  coro::Task<> serve_in(coro::Group& group) {
    group.spawn(services.events.run());
    group.spawn(services.folders.run());
    for (Acceptor& acceptor : acceptors) group.spawn(accept(acceptor, group));
    co_return;
  }

  // There is always a place for one more, to tell it that there are too many.
  coro::Task<> accept(Acceptor& acceptor, coro::Group& group) {
    for (;;) {
      auto waiting = refusals.acquire();
      coro::Permit permit = co_await std::move(waiting);
      auto [error, socket] = co_await acceptor.async_accept(asio::as_tuple(asio::use_awaitable));
      if (error == asio::error::operation_aborted) throw coro::cancelled_error();
      if (error) {  // out of file descriptors, or the client went away
        co_await coro::sleep_for(accept_pause);
        continue;
      }
      auto place = connections.try_acquire();
      const bool crowded = !place;
      if (place) permit = std::move(*place);
      group.spawn(serve_client(services, std::move(socket), crowded, std::move(permit)));
    }
  }

  coro::Loop loop;
  Services services;
  coro::Semaphore connections;
  coro::Semaphore refusals;
  std::vector<Acceptor> acceptors;
  std::vector<std::string> addresses;
};

ControlServer::ControlServer(Parts parts) : inside_(std::make_unique<Inside>(std::move(parts))) {}

ControlServer::~ControlServer() = default;

const std::vector<std::string>& ControlServer::addresses() const {
  return inside_->addresses;
}

std::uint16_t ControlServer::port() const {
  return inside_->acceptors.empty() ? 0 : inside_->acceptors.front().local_endpoint().port();
}

coro::Task<> ControlServer::run() {
  for (const std::string& address : inside_->addresses)
    log("control")->info("listening on http://{}/", address);
  auto serving = coro::run_on_thread(inside_->loop, "control", [this] { return inside_->serve(); });
  co_await std::move(serving);
}

}  // namespace trawl::service::control
