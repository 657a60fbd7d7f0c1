// Several multi handles, picked by host: libcurl's cost per transfer grows with the connections in
// one handle (62 % of CPU at 4,096 in the prototype), and a host's connections must share one.
#include "core/http/session.hpp"

#include "core/base/limits.hpp"
#include "core/http/transfer.hpp"
#include "core/web/url.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

namespace trawl::http {

Session::Session(const coro::Executor& executor, SessionOptions options)
    : executor_(executor),
      options_(std::move(options)),
      permits_(executor, options_.concurrency),
      first_connections_(executor),
      poll_(executor),
      easies_(std::min(options_.concurrency, limits::easy_handles_pooled_max), options_.transport),
      fields_(options_.user_agent, options_.accept_encoding, options_.headers) {
  const std::size_t handles = (options_.concurrency + limits::transfers_per_multi_max - 1) /
                              limits::transfers_per_multi_max;
  const auto connections = static_cast<long>(std::max<std::size_t>(options_.concurrency, 64));
  for (std::size_t i = 0; i < std::max<std::size_t>(handles, 1); ++i)
    multis_.push_back(std::make_unique<CurlMulti>(executor, poll_, connections));
}

Session::~Session() = default;

coro::Task<Result<Response>> Session::fetch(Request request, BodySink& sink) {
  if (const auto allowed = check_target(request); !allowed)
    co_return std::unexpected(allowed.error());
  options_.credentials.apply(request);
  auto entering = wait_for_connection(request);
  FirstConnections::Place place = co_await std::move(entering);
  auto acquiring = permits_.acquire();
  const coro::Permit permit = co_await std::move(acquiring);
  const HeaderList own_list = fields_.list_for(request);
  Transfer transfer{executor_,
                    {.multi = multi_for(request.url),
                     .easies = easies_,
                     .guard = options_.guard,
                     .proxy = options_.transport.proxy,
                     .tls_sessions = tls_sessions_.share_for(authority_of(request.url)),
                     .place = &place,
                     .request = request,
                     .headers = own_list ? own_list.get() : fields_.defaults(),
                     .sink = sink}};
  auto driving = drive(transfer, sink);
  const std::optional<Errc> expired = co_await std::move(driving);
  auto response = transfer.finish(expired);
  if (response) response->request_head = fields_.head_of(request);
  co_return response;
}

coro::Task<std::optional<Errc>> Session::drive(Transfer& transfer, BodySink& sink) {
  while (!transfer.done()) {
    auto waiting = transfer.activity().wait_until(transfer.deadline());
    co_await std::move(waiting);
    transfer.activity().reset();
    if (transfer.done()) break;
    // Asked after each wait: a transfer that keeps its sink busy is over its time some day too.
    if (const auto expired = transfer.expired()) co_return expired;
    if (!transfer.wants_flush()) continue;
    auto flushing = sink.flush();
    co_await std::move(flushing);
    transfer.resume();
  }
  co_return std::nullopt;
}

// Several HTTP/2 fetches go over one connection, so the first one's is worth waiting for.
coro::Task<FirstConnections::Place> Session::wait_for_connection(const Request& request) {
  if (request.version == HttpVersion::http1_1 || !request.url.starts_with("https:"))
    co_return FirstConnections::Place{};
  auto entering = first_connections_.enter(std::string{authority_of(request.url)});
  co_return co_await std::move(entering);
}

// Behind a proxy the address that a name leads to is the proxy's affair; what the URL itself says
// is not left to it.
Result<> Session::check_target(const Request& request) const {
  if (!options_.transport.proxy) return {};
  const auto url = web::Url::parse(request.url);
  if (!url) return std::unexpected(url.error());
  std::string_view host = url->hostname();
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  if (host.ends_with('.')) host.remove_suffix(1);
  if (host == "localhost" || host.ends_with(".localhost")) host = "127.0.0.1";
  const auto address = IpAddress::parse(host);
  if (!address || !options_.guard.refusal(*address)) return {};
  return fail(Errc::private_address,
              fmt::format("{} is not a public address; fetch.allow_private_networks can allow it",
                          url->hostname()));
}

CurlMulti& Session::multi_for(std::string_view url) {
  if (multis_.size() == 1) return *multis_.front();
  return *multis_[std::hash<std::string_view>{}(authority_of(url)) % multis_.size()];
}

}  // namespace trawl::http
