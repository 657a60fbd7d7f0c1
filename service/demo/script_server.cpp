// One coroutine a connection, so that any number of them may hang, drip or never end while others
// are served. The player is written once for TCP and for TLS.
#include "service/demo/script_server.hpp"

#include "core/coro/time.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>

#include <array>
#include <chrono>
#include <type_traits>

namespace trawl::service::demo {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using TlsStream = asio::ssl::stream<tcp::socket>;

constexpr std::size_t request_bytes_max = 64 * 1024;

tcp::socket& socket_of(tcp::socket& socket) {
  return socket;
}
tcp::socket& socket_of(TlsStream& stream) {
  return stream.next_layer();
}

template <class Stream>
coro::Task<> write(Stream& stream, std::string_view bytes) {
  co_await asio::async_write(stream, asio::buffer(bytes), asio::use_awaitable);
}

template <class Stream>
coro::Task<> write_drip(Stream& stream, const Step& step) {
  for (const char& byte : step.bytes) {
    auto writing = write(stream, {&byte, 1});
    co_await std::move(writing);
    auto pausing = coro::sleep_for(step.time);
    co_await std::move(pausing);
  }
}

// Ends with the client: its close is an error of the read, which ends the connection.
coro::Task<> read_to_end(tcp::socket& socket) {
  std::array<char, 1024> ignored;
  for (;;) co_await socket.async_read_some(asio::buffer(ignored), asio::use_awaitable);
}

coro::Task<> close_orderly(tcp::socket& socket) {
  socket.shutdown(tcp::socket::shutdown_send);
  socket.close();
  co_return;
}

coro::Task<> close_orderly(TlsStream& stream) {
  co_await stream.async_shutdown(asio::as_tuple(asio::use_awaitable));
  boost::system::error_code ignored;
  stream.next_layer().close(ignored);
}

void reset_now(tcp::socket& socket) {
  socket.set_option(asio::socket_base::linger{true, 0});
  socket.close();
}

template <class Stream>
coro::Task<> play(Stream& stream, const Step& step) {
  tcp::socket& socket = socket_of(stream);
  switch (step.kind) {
    case Step::Kind::send:
      for (std::size_t i = 0; i < step.times; ++i) co_await write(stream, step.bytes);
      break;
    case Step::Kind::drip:
      co_await write_drip(stream, step);
      break;
    case Step::Kind::wait:
      co_await coro::sleep_for(step.time);
      break;
    case Step::Kind::hang:
      co_await read_to_end(socket);
      break;
    case Step::Kind::half_close:
      socket.shutdown(tcp::socket::shutdown_send);
      break;
    case Step::Kind::close:
      co_await close_orderly(stream);
      break;
    case Step::Kind::drop:
      co_await close_orderly(socket);
      break;
    case Step::Kind::reset:
      reset_now(socket);
      break;
  }
}

ScriptRequest parse_head(std::string_view head) {
  ScriptRequest request{.head = head};
  const auto line = head.substr(0, head.find("\r\n"));
  const auto first = line.find(' ');
  const auto second = line.find(' ', first + 1);
  request.method = line.substr(0, first);
  if (first != line.npos)
    request.target = line.substr(first + 1, second == line.npos ? second : second - first - 1);
  return request;
}

}  // namespace

ScriptServer::ScriptServer(const coro::Executor& executor, Answer answer, Options options)
    : answer_(std::move(answer)),
      options_(options),
      listener_(executor, options.port, "the hostile site"),
      origin_(fmt::format("{}://127.0.0.1:{}", options.tls != nullptr ? "https" : "http",
                          listener_.port())) {}

coro::Task<> ScriptServer::serve() {
  return listener_.serve([this](Socket socket) { return converse(std::move(socket)); });
}

coro::Task<> ScriptServer::converse(Socket socket) {
  if (options_.tls != nullptr)
    co_await converse_tls(std::move(socket));
  else
    co_await answer_all(socket);
}

coro::Task<> ScriptServer::converse_tls(Socket socket) {
  TlsStream stream{std::move(socket), *options_.tls};
  co_await stream.async_handshake(asio::ssl::stream_base::server, asio::use_awaitable);
  co_await answer_all(stream);
}

template <class Stream>
coro::Task<> ScriptServer::answer_all(Stream& stream) {
  const std::size_t connection = ++accepted_;
  std::string buffer;
  while (socket_of(stream).is_open()) {
    const std::size_t size = co_await asio::async_read_until(
        stream, asio::dynamic_buffer(buffer, request_bytes_max), "\r\n\r\n", asio::use_awaitable);
    const std::string head = buffer.substr(0, size);
    buffer.erase(0, size);
    ScriptRequest request = parse_head(head);
    request.connection = connection;
    const Script script = answer_(request);
    for (const Step& step : script) {
      auto playing = play(stream, step);
      co_await std::move(playing);
    }
  }
}

}  // namespace trawl::service::demo
