// Neither a client that went away before it was served nor a lack of descriptors ends a site.
#include "service/demo/listener.hpp"

#include "core/base/result.hpp"
#include "core/coro/time.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <chrono>
#include <utility>

namespace trawl::service::demo {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr std::size_t connections_max = 512;
constexpr std::chrono::milliseconds accept_pause{100};

tcp::acceptor listen(const coro::Executor& executor, std::uint16_t port, std::string_view what) {
  try {
    return tcp::acceptor{executor, tcp::endpoint{asio::ip::address_v4::loopback(), port}};
  } catch (const boost::system::system_error& error) {
    throw Failure(Errc::io, fmt::format("{} can't listen on 127.0.0.1:{}: {}", what, port,
                                        error.code().message()));
  }
}

}  // namespace

Listener::Listener(const coro::Executor& executor, std::uint16_t port, std::string_view what)
    : acceptor_(listen(executor, port, what)),
      permits_(executor, connections_max),
      port_(acceptor_.local_endpoint().port()) {}

coro::Task<> Listener::serve(Converse converse) {
  auto accepting = coro::with_group([](Listener* self, const Converse* talk,
                                       coro::Group& group) { return self->accept(*talk, group); },
                                    this, &converse);
  co_await std::move(accepting);
}

coro::Task<> Listener::accept(const Converse& converse, coro::Group& connections) {
  for (;;) {
    auto acquiring = permits_.acquire();
    coro::Permit permit = co_await std::move(acquiring);
    auto [error, socket] = co_await acceptor_.async_accept(asio::as_tuple(asio::use_awaitable));
    if (error == asio::error::operation_aborted) throw coro::cancelled_error();
    if (error) {
      auto pausing = coro::sleep_for(accept_pause);
      co_await std::move(pausing);
      continue;
    }
    boost::system::error_code ignored;
    socket.set_option(tcp::no_delay{true}, ignored);
    connections.spawn(talk(converse, std::move(socket), std::move(permit)));
  }
}

// The permit is held as long as the connection lasts.
coro::Task<> Listener::talk(const Converse& converse, Socket socket, coro::Permit) {
  try {
    auto conversing = converse(std::move(socket));
    co_await std::move(conversing);
  } catch (const boost::system::system_error& error) {
    if (coro::is_cancellation(error)) throw;
  }
}

}  // namespace trawl::service::demo
