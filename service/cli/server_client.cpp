// Beast over the coroutine kit, so that every wait has an end.
#include "service/cli/server_client.hpp"

#include "config/daemon.hpp"
#include "core/base/log.hpp"
#include "core/base/result.hpp"
#include "core/coro/loop.hpp"
#include "core/coro/timeout.hpp"
#include "core/web/url/url.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <utility>

namespace trawl::service::cli {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;

constexpr std::string_view default_server = "http://127.0.0.1:8090";
constexpr std::string_view default_port = ":8090";
constexpr std::chrono::seconds connect_time{10};
constexpr std::chrono::seconds answer_time{60};  // a stream's heartbeat comes every 15 s
constexpr std::size_t answer_bytes_max = 64 * 1024 * 1024;

struct Exchange {
  const ServerClient::Request& request;
  std::string host;
  std::string port;
  std::string token;
  std::string server;  // for messages
  std::function<bool(std::string_view)> output = {};
  ServerClient::Answer answer = {};
};

[[noreturn]] void give_up(const Exchange& exchange, std::string_view why) {
  throw Failure(Errc::io, fmt::format("no answer from {}: {}; is the daemon running there? (trawl "
                                      "serve, or --server URL)",
                                      exchange.server, why));
}

// An answer that doesn't come within the time ends the command.
template <class T>
coro::Task<> in_time(Exchange& exchange, std::chrono::seconds time, coro::Task<T> task) {
  auto waiting = coro::within(time, std::move(task));
  const auto done = co_await std::move(waiting);
  if (!done) give_up(exchange, fmt::format("nothing came for {} s", time.count()));
}

coro::Task<> connect(tcp::socket& socket, const Exchange& exchange) {
  const auto executor = co_await asio::this_coro::executor;
  tcp::resolver resolver{executor};
  auto resolving = resolver.async_resolve(exchange.host, exchange.port, asio::use_awaitable);
  const auto places = co_await std::move(resolving);
  auto connecting = asio::async_connect(socket, places, asio::use_awaitable);
  co_await std::move(connecting);
}

http::request<http::string_body> make_request(const Exchange& exchange) {
  http::request<http::string_body> request;
  request.version(11);
  request.method_string(exchange.request.method);
  request.target(exchange.request.target);
  request.set(
      http::field::host,
      fmt::format("{}:{}",
                  exchange.host.contains(':') ? fmt::format("[{}]", exchange.host) : exchange.host,
                  exchange.port));
  request.set(http::field::user_agent, "trawl/" TRAWL_VERSION);
  request.set(http::field::connection, "close");
  if (!exchange.token.empty())
    request.set(http::field::authorization, fmt::format("Bearer {}", exchange.token));
  if (!exchange.request.content_type.empty())
    request.set(http::field::content_type, exchange.request.content_type);
  request.body() = exchange.request.body;
  request.prepare_payload();
  return request;
}

coro::Task<> write(tcp::socket& socket, http::request<http::string_body>& request) {
  auto writing = http::async_write(socket, request, asio::use_awaitable);
  co_await std::move(writing);
}

using Parser = http::response_parser<http::buffer_body>;

coro::Task<> read_head(tcp::socket& socket, boost::beast::flat_buffer& buffer, Parser& parser) {
  auto reading = http::async_read_header(socket, buffer, parser, asio::use_awaitable);
  co_await std::move(reading);
}

coro::Task<> read_piece(tcp::socket& socket, boost::beast::flat_buffer& buffer, Parser& parser,
                        boost::system::error_code& error) {
  auto token = asio::redirect_error(asio::use_awaitable, error);
  auto reading = http::async_read_some(socket, buffer, parser, std::move(token));
  co_await std::move(reading);
  if (error == asio::error::operation_aborted) throw coro::cancelled_error();
}

coro::Task<> read_body(tcp::socket& socket, boost::beast::flat_buffer& buffer, Parser& parser,
                       Exchange& exchange) {
  const bool streaming = exchange.output && exchange.answer.ok();
  std::array<char, 16 * 1024> piece{};
  while (!parser.is_done()) {
    parser.get().body().data = piece.data();
    parser.get().body().size = piece.size();
    boost::system::error_code error;
    auto reading = in_time(exchange, answer_time, read_piece(socket, buffer, parser, error));
    co_await std::move(reading);
    const std::string_view got{piece.data(), piece.size() - parser.get().body().size};
    if (streaming && !got.empty() && !exchange.output(got)) co_return;
    if (!streaming) exchange.answer.body.append(got);
    if (exchange.answer.body.size() > answer_bytes_max) give_up(exchange, "its answer is too long");
    if (error && error != http::error::need_buffer) {
      if (streaming)
        throw Failure(Errc::io, fmt::format("{} broke the answer off: it is shutting down, or was "
                                            "killed",
                                            exchange.server));
      give_up(exchange, error.message());
    }
  }
}

coro::Task<> run_exchange(Exchange& exchange) {
  const auto executor = co_await asio::this_coro::executor;
  tcp::socket socket{executor};
  auto request = make_request(exchange);
  boost::beast::flat_buffer buffer;
  Parser parser;
  parser.body_limit(boost::none);
  try {
    auto connecting = in_time(exchange, connect_time, connect(socket, exchange));
    co_await std::move(connecting);
    auto writing = in_time(exchange, answer_time, write(socket, request));
    co_await std::move(writing);
    auto reading = in_time(exchange, answer_time, read_head(socket, buffer, parser));
    co_await std::move(reading);
  } catch (const boost::system::system_error& error) {
    if (coro::is_cancellation(error)) throw;
    give_up(exchange, error.code().message());
  }
  exchange.answer.status = parser.get().result_int();
  auto reading = read_body(socket, buffer, parser, exchange);
  co_await std::move(reading);
}

}  // namespace

std::string usual_server() {
  const char* variable = std::getenv("TRAWL_LISTEN");
  const std::string_view listen = variable == nullptr ? "" : variable;
  const auto colon = listen.rfind(':');
  if (colon == listen.npos) return std::string{default_server};
  // All addresses are no address to ask.
  std::string_view host = listen.substr(0, colon);
  if (host == "0.0.0.0") host = "127.0.0.1";
  if (host == "[::]") host = "[::1]";
  return fmt::format("http://{}{}", host, listen.substr(colon));
}

std::string usual_token() {
  if (const char* token = std::getenv("TRAWL_TOKEN"); token != nullptr && *token != '\0')
    return token;
  const char* file = std::getenv("TRAWL_TOKEN_FILE");
  if (file == nullptr || *file == '\0') return {};
  auto token = config::read_token(file);
  if (!token) throw Failure(Errc::io, "TRAWL_TOKEN_FILE: " + token.error().detail);
  return std::move(*token);
}

// As `listen` has it: "127.0.0.1:8090" is http://127.0.0.1:8090.
std::string server_url(std::string_view text) {
  if (text.contains("://")) return std::string{text};
  const auto url = web::Url::parse(fmt::format("http://{}", text));
  const bool has_port = url && (!url->port().empty() || text.ends_with(":80"));
  return fmt::format("http://{}{}", text, has_port ? "" : default_port);
}

ServerClient::ServerClient(std::string_view server, std::string token) : token_(std::move(token)) {
  server_ = server_url(server);
  const auto url = web::Url::parse(server_);
  if (url && url->protocol() == "https:")
    throw Failure(Errc::usage,
                  fmt::format("--server {}: a daemon speaks no https; ask it directly, "
                              "as in {}, or through a tunnel",
                              printable(server), default_server));
  if (!url || url->protocol() != "http:" || url->hostname().empty())
    throw Failure(Errc::usage, fmt::format("--server \"{}\": expected an address like {} or {}",
                                           printable(server), default_server, "127.0.0.1:8090"));
  host_ = url->hostname();
  if (host_.starts_with('[')) host_ = host_.substr(1, host_.size() - 2);
  port_ = url->port().empty() ? "80" : url->port();
}

ServerClient::Answer ServerClient::send(const Request& request) {
  return stream(request, {});
}

ServerClient::Answer ServerClient::stream(const Request& request,
                                          std::function<bool(std::string_view)> output) {
  Exchange exchange{.request = request,
                    .host = host_,
                    .port = port_,
                    .token = token_,
                    .server = server_,
                    .output = std::move(output)};
  coro::run_root(run_exchange(exchange));
  return std::move(exchange.answer);
}

std::string encode_segment(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain)
      out += c;
    else
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

}  // namespace trawl::service::cli
