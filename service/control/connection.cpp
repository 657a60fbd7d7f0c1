// Beast reads and writes the messages. Every wait stands under the deadline, set anew for each
// part: a client that is slow, silent or gone costs a buffer for that long, and nothing else.
#include "service/control/connection.hpp"

#include "core/base/log.hpp"
#include "core/coro/race.hpp"
#include "core/coro/timeout.hpp"
#include "service/control/judge.hpp"
#include "service/control/problem.hpp"
#include "service/control/response_fields.hpp"
#include "service/control/services.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/chunk_encode.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/span_body.hpp>
#include <boost/beast/http/write.hpp>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>

namespace trawl::service::control {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

constexpr auto with_error = asio::as_tuple(asio::use_awaitable);

std::string_view view(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

void log_change(const Connection::Socket& socket, const Route& route, std::string_view target,
                unsigned status) {
  boost::system::error_code ignored;
  const auto peer = socket.remote_endpoint(ignored);
  log("control")->info("{} {} from {}: {}", route.method, printable(target, 256),
                       peer.address().to_string(), status);
}

// What broke is the daemon's own affair: it is logged in full, and told in short.
Reply reply_to(const std::exception& failure) {
  log("control")->error("a request could not be answered: {}", failure.what());
  return problem(500, failure.what());
}

}  // namespace

Connection::Connection(Services& services, Socket socket, bool crowded)
    : services_(services),
      socket_(std::move(socket)),
      deadline_(socket_),
      buffer_(bounds::read_buffer_bytes_max),
      crowded_(crowded) {}

coro::Task<> Connection::converse() {
  try {
    for (;;) {
      auto serving = serve_one();
      if (!co_await std::move(serving)) break;
    }
  } catch (const boost::system::system_error& error) {
    if (coro::is_cancellation(error)) throw;
  } catch (const std::exception& failure) {
    log("control")->error("a connection was given up: {}", failure.what());
  }
}

coro::Task<bool> Connection::serve_one() {
  Parser parser;
  parser.header_limit(bounds::head_bytes_max);
  parser.body_limit(bounds::body_bytes_max);
  auto reading = read_head(parser);
  if (const ErrorCode failed = co_await std::move(reading)) {
    auto ending = give_up(parser, failed);
    co_return co_await std::move(ending);
  }
  // A body of which nobody can tell where it ends: it must not be read as another request (RFC 9112
  // 6.3, rule 4); nor is one undone that is coded besides.
  const auto codings = parser.get().count(http::field::transfer_encoding);
  const bool plain_chunks =
      codings == 1 &&
      boost::beast::iequals(parser.get()[http::field::transfer_encoding], "chunked");
  if (codings > 0 && !plain_chunks) {
    auto refusing =
        refuse(parser, problem(400, "Transfer-Encoding: expected chunked and nothing else"), false);
    co_return co_await std::move(refusing);
  }
  const bool has_body = !parser.is_done();
  Judged judged = crowded_ ? Judged{.refusal = problem(503, "too many connections")}
                           : judge_head(services_, parser.get(), has_body);
  const bool keep_alive = parser.get().keep_alive() && !crowded_;
  if (judged.refusal) {
    auto refusing = refuse(parser, std::move(*judged.refusal), keep_alive && !has_body);
    co_return co_await std::move(refusing);
  }
  if (has_body) {
    auto completing = read_body(parser);
    if (const ErrorCode failed = co_await std::move(completing)) {
      auto ending = give_up(parser, failed);
      co_return co_await std::move(ending);
    }
  }
  auto queueing = wait_for_turn(judged.route);
  co_await std::move(queueing);
  judged.request.body = std::move(parser.get().body());
  auto finding = find_answer(*judged.route, std::move(judged.request));
  Reply reply = co_await std::move(finding);
  if (judged.route->changes_state()) {
    services_.snapshot.forget();
    log_change(socket_, *judged.route, view(parser.get().target()), reply.status);
  }
  auto writing = write(parser, std::move(reply), keep_alive);
  const bool usable = co_await std::move(writing);
  if (usable && !keep_alive) co_await say_goodbye();
  co_return usable&& keep_alive;
}

// Whether the connection can be used again.
coro::Task<bool> Connection::refuse(const Parser& parser, Reply reply, bool keep_alive) {
  auto queueing = wait_for_turn(nullptr);
  co_await std::move(queueing);
  auto telling = write(parser, std::move(reply), keep_alive);
  const bool told = co_await std::move(telling);
  if (told && !keep_alive) co_await say_goodbye();
  co_return told&& keep_alive;
}

coro::Task<bool> Connection::give_up(const Parser& parser, ErrorCode failed) {
  auto reply = judge_failure(failed, deadline_.passed());
  if (!reply) co_return false;
  auto refusing = refuse(parser, std::move(*reply), false);
  co_return co_await std::move(refusing);
}

// How long that takes is no fault of the client's.
coro::Task<> Connection::wait_for_turn(const Route* route) {
  deadline_.lift();
  Turns& turns = services_.turns;
  const auto kind =
      route != nullptr && route->changes_state() ? Turns::Ahead::steering : Turns::Ahead::liveness;
  auto queueing = route != nullptr && route->goes_ahead() ? turns.go_ahead(kind) : turns.wait();
  co_await std::move(queueing);
}

coro::Task<Connection::ErrorCode> Connection::read_head(Parser& parser) {
  if (buffer_.size() == 0) {
    deadline_.set(crowded_ ? bounds::goodbye_max : bounds::idle_max);
    const auto room = buffer_.prepare(1024);
    const auto [error, count] = co_await socket_.async_read_some(room, with_error);
    // Nobody is told that he was silent between two requests.
    if (error) co_return http::error::end_of_stream;
    buffer_.commit(count);
  }
  deadline_.set(crowded_ ? bounds::goodbye_max : bounds::head_time_max);
  const auto [error, count] =
      co_await http::async_read_header(socket_, buffer_, parser, with_error);
  co_return error;
}

coro::Task<Connection::ErrorCode> Connection::read_body(Parser& parser) {
  deadline_.set(bounds::body_time_max);
  if (boost::beast::iequals(parser.get()[http::field::expect], "100-continue")) {
    constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
    const auto [error, count] =
        co_await asio::async_write(socket_, asio::buffer(go_on), with_error);
    if (error) co_return error;
  }
  const auto [error, count] = co_await http::async_read(socket_, buffer_, parser, with_error);
  co_return error;
}

coro::Task<Reply> Connection::find_answer(const Route& route, Request request) {
  try {
    auto answering = coro::within(route.time_max, route.handler(services_, std::move(request)));
    auto reply = co_await std::move(answering);
    if (reply) co_return std::move(*reply);
    co_return problem(504, fmt::format("no answer within {} s", route.time_max.count()));
  } catch (const Failure& failure) {
    if (failure.code() == Errc::not_found || failure.code() == Errc::in_use)
      co_return problem(failure.error());
    co_return reply_to(failure);
  } catch (const boost::system::system_error& error) {
    if (coro::is_cancellation(error)) throw;
    co_return reply_to(error);
  } catch (const std::exception& failure) {
    co_return reply_to(failure);
  }
}

coro::Task<bool> Connection::write(const Parser& parser, Reply reply, bool keep_alive) {
  const bool head_only = parser.get().method() == http::verb::head;
  const bool chunked = reply.pieces && parser.get().version() >= 11;
  if (reply.pieces && !chunked) keep_alive = false;
  deadline_.set(bounds::write_time_max);
  const std::string& body = reply.shared_body ? *reply.shared_body : reply.body;
  http::response<http::span_body<const char>> response{static_cast<http::status>(reply.status), 11};
  set_fields(response, reply);
  response.keep_alive(keep_alive);
  if (chunked) response.chunked(true);
  if (!reply.pieces && reply.status != 204 && reply.status != 304)
    response.content_length(body.size());
  response.body() = {body.data(), body.size()};
  http::response_serializer<http::span_body<const char>> serializer{response};
  ErrorCode failed;
  if (head_only || reply.pieces) {
    const auto [error, count] = co_await http::async_write_header(socket_, serializer, with_error);
    failed = error;
  } else {
    const auto [error, count] = co_await http::async_write(socket_, serializer, with_error);
    failed = error;
  }
  if (failed || deadline_.passed()) co_return false;
  if (!reply.pieces || head_only) co_return true;
  auto writing = write_pieces(std::move(*reply.pieces), chunked, reply.endless);
  co_return co_await std::move(writing);
}

coro::Task<bool> Connection::write_pieces(coro::AsyncGenerator<std::string> pieces, bool chunked,
                                          bool endless) {
  auto writing = write_each(std::move(pieces), chunked, endless);
  auto leaving = endless ? hang_up() : break_off();
  auto racing = coro::race(std::move(writing), std::move(leaving));
  const auto ended = co_await std::move(racing);
  co_return ended.index() == 0 && std::get<0>(ended);
}

coro::Task<bool> Connection::write_each(coro::AsyncGenerator<std::string> pieces, bool chunked,
                                        bool endless) {
  for (bool is_first = true;; is_first = false) {
    std::optional<std::string> piece;
    deadline_.lift();
    if (!is_first && !endless) {  // events are few, and come of what happens
      auto queueing = services_.turns.wait();
      co_await std::move(queueing);
    }
    try {
      auto asking = pieces.next();
      piece = co_await std::move(asking);
    } catch (const Failure& failure) {  // the head is out: breaking off is all that can be said
      log("control")->warn("an answer was broken off: {}", failure.what());
      co_return false;
    }
    deadline_.set(bounds::write_time_max);
    ErrorCode failed;
    if (piece && piece->empty()) continue;
    if (piece && chunked) {
      const auto chunk = http::make_chunk(asio::buffer(*piece));
      const auto [error, count] = co_await asio::async_write(socket_, chunk, with_error);
      failed = error;
    } else if (piece) {
      const auto [error, count] =
          co_await asio::async_write(socket_, asio::buffer(*piece), with_error);
      failed = error;
    } else if (chunked) {
      const auto last = http::make_chunk_last();
      const auto [error, count] = co_await asio::async_write(socket_, last, with_error);
      failed = error;
    }
    if (failed || deadline_.passed()) co_return false;
    if (!piece) co_return true;
  }
}

// Ends when the client closes its side: without it an event stream would only learn of that when
// something is to be written.
coro::Task<> Connection::hang_up() {
  coro::Event never{co_await asio::this_coro::executor};
  const auto [error] = co_await socket_.async_wait(Socket::wait_read, with_error);
  char byte = 0;
  if (!error && ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0)
    co_await never.wait();  // it sends something; it will not be read
}

// Ends when the connection is no more: what is looked for may take hours to find, and until then
// nothing is written. A client that has only said that it asks for no more (RFC 9293, 3.6) may well
// read on; whether it is there yet, the kernel asks for us.
coro::Task<> Connection::break_off() {
  constexpr int on = 1;
  const int probe_after_s = static_cast<int>(bounds::probe_after.count());
  const int socket = socket_.native_handle();
  ::setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPIDLE, &probe_after_s, sizeof probe_after_s);
  ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPINTVL, &probe_after_s, sizeof probe_after_s);
  ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPCNT, &bounds::probes_max, sizeof bounds::probes_max);
  static_cast<void>(co_await socket_.async_wait(Socket::wait_error, with_error));
}

// A socket that is closed with something unread resets the connection, and the answer may be lost
// with it.
coro::Task<> Connection::say_goodbye() {
  ErrorCode ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
  deadline_.set(bounds::goodbye_max);
  std::array<char, 4096> dropped;
  for (std::size_t left = bounds::goodbye_bytes_max; left > 0;) {
    const auto [error, count] = co_await socket_.async_read_some(asio::buffer(dropped), with_error);
    if (error || deadline_.passed()) co_return;
    left -= std::min(left, count);
  }
}

}  // namespace trawl::service::control
