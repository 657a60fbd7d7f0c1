// Beast reads and writes the messages; this file only decides what to answer and when to hang up.
#include "service/demo/server.hpp"

#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <fmt/format.h>

#include <chrono>

namespace trawl::service::demo {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;

constexpr std::size_t request_bytes_max = 64 * 1024;
constexpr std::chrono::seconds idle_max{30};

using Request = http::request<http::string_body>;
using Response = http::response<http::string_body>;

Response respond(const Site& site, const Request& request, std::string_view origin) {
  Response response;
  response.version(11);
  response.set(http::field::server, "trawl-demo");
  response.keep_alive(request.keep_alive());
  const bool head = request.method() == http::verb::head;
  if (!head && request.method() != http::verb::get) {
    response.result(http::status::method_not_allowed);
    response.set(http::field::allow, "GET, HEAD");
    response.content_length(0);
    return response;
  }
  Answer answer = site.answer({request.target().data(), request.target().size()}, origin);
  if (!answer.etag.empty()) response.set(http::field::etag, answer.etag);
  if (!answer.etag.empty() && request[http::field::if_none_match] == answer.etag) {
    response.result(http::status::not_modified);
    return response;
  }
  response.result(static_cast<unsigned>(answer.status));
  response.set(http::field::content_type, answer.content_type);
  if (!answer.location.empty()) response.set(http::field::location, answer.location);
  response.content_length(answer.body.size());
  if (!head) response.body() = std::move(answer.body);
  return response;
}

}  // namespace

Server::Server(const coro::Executor& executor, Site site, std::uint16_t port)
    : site_(site),
      listener_(executor, port, "the demo site"),
      origin_(fmt::format("http://127.0.0.1:{}", listener_.port())) {}

coro::Task<> Server::serve() {
  return listener_.serve([this](Socket socket) { return answer_all(std::move(socket)); });
}

coro::Task<> Server::answer_all(Socket socket) {
  beast::tcp_stream stream{std::move(socket)};
  beast::flat_buffer buffer{request_bytes_max};
  for (bool keep_alive = true; keep_alive;) {
    Request request;
    stream.expires_after(idle_max);
    co_await http::async_read(stream, buffer, request, asio::use_awaitable);
    Response response = respond(site_, request, origin_);
    keep_alive = response.keep_alive();
    ++answered_;
    // A HEAD's length describes a body that isn't sent, so it is written head only.
    http::response_serializer<http::string_body> serializer{response};
    if (request.method() == http::verb::head)
      co_await http::async_write_header(stream, serializer, asio::use_awaitable);
    else
      co_await http::async_write(stream, serializer, asio::use_awaitable);
  }
  stream.socket().shutdown(tcp::socket::shutdown_send);
}

}  // namespace trawl::service::demo
