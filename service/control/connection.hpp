#pragma once
// One client's connection: requests one after the other, each read, checked, answered. Loop thread
// only.

#include "core/coro/task.hpp"
#include "service/control/deadline.hpp"
#include "service/control/message.hpp"
#include "service/control/routes.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <optional>
#include <string>

namespace trawl::service::control {

struct Services;

class Connection {
 public:
  using Socket = boost::asio::ip::tcp::socket;

  // crowded: there are too many; the client is told so and nothing else.
  Connection(Services& services, Socket socket, bool crowded);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Until the client or the server has had enough. What the client does is never an error.
  coro::Task<> converse();

 private:
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;
  using ErrorCode = boost::system::error_code;

  coro::Task<bool> serve_one();
  coro::Task<bool> refuse(const Parser& parser, Reply reply, bool keep_alive);
  coro::Task<bool> give_up(const Parser& parser, ErrorCode failed);
  coro::Task<> wait_for_turn(const Route* route);  // null: of a refusal
  coro::Task<ErrorCode> read_head(Parser& parser);
  coro::Task<ErrorCode> read_body(Parser& parser);
  coro::Task<Reply> find_answer(const Route& route, Request request);
  // False: the connection can't be used again.
  coro::Task<bool> write(const Parser& parser, Reply reply, bool keep_alive);
  coro::Task<bool> write_pieces(coro::AsyncGenerator<std::string> pieces, bool chunked,
                                bool endless);
  coro::Task<bool> write_each(coro::AsyncGenerator<std::string> pieces, bool chunked, bool endless);
  coro::Task<> hang_up();
  coro::Task<> break_off();
  coro::Task<> say_goodbye();

  Services& services_;
  Socket socket_;
  Deadline deadline_;
  boost::beast::flat_buffer buffer_;
  bool crowded_;
};

}  // namespace trawl::service::control
