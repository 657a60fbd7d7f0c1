// Several multi handles, picked by host: libcurl's cost per transfer grows with the connections in
// one handle (62 % of CPU at 4,096 in the prototype), and a host's connections must share one.
#include "core/http/session.hpp"

#include "core/base/limits.hpp"
#include "core/http/transfer.hpp"

#include <algorithm>
#include <functional>

namespace trawl::http {

Session::Session(const coro::Executor& executor, SessionOptions options)
    : executor_(executor),
      options_(std::move(options)),
      permits_(executor, options_.concurrency),
      poll_(executor),
      resolver_(executor, poll_, options_.dns),
      easies_(std::min(options_.concurrency, limits::easy_handles_pooled_max)),
      fields_(options_.user_agent, options_.accept_encoding, options_.headers) {
  const std::size_t handles = (options_.concurrency + limits::transfers_per_multi_max - 1) /
                              limits::transfers_per_multi_max;
  const auto connections = static_cast<long>(std::max<std::size_t>(options_.concurrency, 64));
  for (std::size_t i = 0; i < std::max<std::size_t>(handles, 1); ++i)
    multis_.push_back(std::make_unique<CurlMulti>(executor, poll_, connections));
}

Session::~Session() = default;

coro::Task<Result<Response>> Session::fetch(Request request, BodySink& sink) {
  auto locating = locate(request.url, std::min(request.timeouts.dns, request.timeouts.total));
  const auto target = co_await std::move(locating);
  if (!target) co_return std::unexpected(target.error());
  auto acquiring = permits_.acquire();
  const coro::Permit permit = co_await std::move(acquiring);
  const HeaderList own_list = fields_.list_for(request);
  CurlMulti& multi = multi_for(request.url);
  const dns::CurlEntries::Lease names = told_to(multi, *target);
  Transfer transfer{executor_,
                    {.multi = multi,
                     .easies = easies_,
                     .guard = options_.guard,
                     .request = request,
                     .headers = own_list ? own_list.get() : fields_.defaults(),
                     .sink = sink,
                     .names = names.lines(),
                     .resolved_in = target->took}};
  auto driving = drive(transfer, sink);
  const std::optional<Errc> expired = co_await std::move(driving);
  auto response = transfer.finish(expired);
  if (response) response->request_head = fields_.head_of(request);
  if (!response) note_failure(*target, response.error());
  co_return response;
}

// Addresses are no names. With a proxy the host's name would be the proxy's affair: not asked here.
coro::Task<Result<Session::Target>> Session::locate(std::string_view url, Millis timeout) {
  Target target{.place = host_port_of(url)};
  if (target.place.is_address()) co_return target;
  const Mono begun = system_clock().now();
  auto resolving = resolver_.resolve(target.place.host, timeout);
  const auto resolution = co_await std::move(resolving);
  auto addresses = allowed_addresses(target.place.host, *resolution, options_.guard);
  if (!addresses) co_return std::unexpected(std::move(addresses.error()));
  target.addresses = std::move(*addresses);
  target.took = std::chrono::round<Millis>(system_clock().now() - begun);
  co_return target;
}

void Session::note_failure(const Target& target, Error& error) {
  const auto& [tried, more, skipped] = target.addresses;
  if (!skipped.empty()) error.detail += "; not tried: " + skipped;
  const bool in_vain = error.code == Errc::connect_refused || error.code == Errc::connect_timeout;
  if (more && in_vain) resolver_.put_last(target.place.host, tried);
}

dns::CurlEntries::Lease Session::told_to(CurlMulti& multi, const Target& target) {
  if (target.addresses.allowed.empty()) return {};
  return multi.names().hold(target.place.key(), target.addresses.allowed);
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

CurlMulti& Session::multi_for(std::string_view url) {
  if (multis_.size() == 1) return *multis_.front();
  return *multis_[std::hash<std::string_view>{}(authority_of(url)) % multis_.size()];
}

}  // namespace trawl::http
