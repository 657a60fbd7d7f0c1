// Several multi handles, picked by host: libcurl's cost per transfer grows with the connections in
// one handle (62 % of CPU at 4,096 in the prototype), and a host's connections must share one.
#include "core/http/client/session.hpp"

#include "core/base/limits.hpp"
#include "core/coro/time.hpp"
#include "core/http/client/transfer.hpp"
#include "core/web/url/url.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <iterator>

namespace trawl::http {
namespace {

constexpr std::size_t connections_kept_min = 64;      // of a multi handle
constexpr std::size_t connections_opened_max = 2000;  // by one; then it is replaced
constexpr Millis descriptor_wait{200};  // until one may be free; nothing was sent before that

std::vector<IpAddress> ipv4_first(const std::vector<IpAddress>& addresses) {
  std::vector<IpAddress> ordered, rest;
  std::ranges::partition_copy(addresses, std::back_inserter(ordered), std::back_inserter(rest),
                              &IpAddress::is_v4);
  ordered.insert(ordered.end(), rest.begin(), rest.end());
  return ordered;
}

struct InFlight {
  explicit InFlight(std::size_t& transfers) : count(transfers) { ++count; }
  ~InFlight() { --count; }
  InFlight(const InFlight&) = delete;
  InFlight& operator=(const InFlight&) = delete;
  std::size_t& count;
};

// In no order: the last takes the place of one that goes.
struct Listed {
  Listed(std::vector<coro::Event*>& of, coro::Event& event) : all(of), own(&event) {
    all.push_back(own);
  }
  ~Listed() {
    *std::ranges::find(all, own) = all.back();
    all.pop_back();
  }
  Listed(const Listed&) = delete;
  Listed& operator=(const Listed&) = delete;
  std::vector<coro::Event*>& all;
  coro::Event* own;
};

}  // namespace

Session::Session(const coro::Executor& executor, SessionOptions options)
    : executor_(executor),
      options_(std::move(options)),
      permits_(executor, options_.concurrency),
      first_connections_(executor),
      poll_(executor),
      resolver_(executor, poll_, options_.dns),
      easies_(options_.transport),
      fields_(options_.user_agent, options_.accept_encoding, options_.headers) {
  const std::size_t handles =
      std::max<std::size_t>((options_.concurrency + limits::transfers_per_multi_max - 1) /
                                limits::transfers_per_multi_max,
                            1);
  // A handle counts connections in use among those it keeps, and one host's are all in one handle:
  // with less room than a host's transfers need, libcurl would close and open one for each. So each
  // has its share, but not less than what is cheap to keep.
  const std::size_t kept = options_.connections_kept.value_or(options_.concurrency);
  const std::size_t share =
      std::max((kept + handles - 1) / handles,
               std::min(options_.concurrency, limits::connections_kept_cheap));
  connections_kept_ = static_cast<long>(std::max(share, connections_kept_min));
  for (std::size_t i = 0; i < handles; ++i) multis_.push_back(make_multi());
}

Session::~Session() = default;

coro::Task<Result<Response>> Session::fetch(Request request, BodySink& sink, Pace* pace) {
  if (const auto allowed = check_target(request); !allowed)
    co_return std::unexpected(allowed.error());
  options_.credentials.apply(request);
  auto locating = locate(request.url, std::min(request.timeouts.dns, request.timeouts.total));
  const auto target = co_await std::move(locating);
  if (!target) co_return std::unexpected(target.error());
  Pace own{options_.speed};
  if (pace == nullptr) pace = &own;
  pace->on_request();
  for (Millis waited{0};;) {
    auto exchanging = exchange(request, *target, sink, *pace);
    Exchanged exchanged = co_await std::move(exchanging);
    if (broken_off_) co_return std::move(exchanged.response);
    if (exchanged.refused_connection) continue;  // the next one doesn't offer what misled it
    if (!exchanged.lacks_descriptor || waited >= request.timeouts.connect)
      co_return std::move(exchanged.response);
    auto pausing = coro::sleep_for(descriptor_wait);
    co_await std::move(pausing);
    waited += descriptor_wait;
  }
}

coro::Task<Session::Exchanged> Session::exchange(const Request& request, const Target& target,
                                                 BodySink& sink, Pace& pace) {
  auto entering = wait_for_connection(request);
  FirstConnections::Place place = co_await std::move(entering);
  auto taking = take_place();
  const TransferPlace taken = co_await std::move(taking);
  const InFlight in_flight{in_flight_};
  const HeaderList own_list = fields_.list_for(request);
  const std::shared_ptr<CurlMulti> multi = multi_for(request.url);
  const CurlEntries::Lease names = told_to(*multi, target);
  Transfer transfer{executor_,
                    {.multi = *multi,
                     .easies = easies_,
                     .guard = options_.guard,
                     .proxy = options_.transport.proxy,
                     .tls_sessions = tls_sessions_.share_for(authority_of(request.url)),
                     .place = &place,
                     .http1_origins = http1_origins_,
                     .version = version_for(request),
                     .request = request,
                     .headers = own_list ? own_list.get() : fields_.defaults(),
                     .sink = sink,
                     .pace = pace,
                     .names = names.lines(),
                     .resolved_in = target.took}};
  auto driving = drive(transfer, sink, pace);
  const std::optional<Errc> expired = co_await std::move(driving);
  auto response = transfer.finish(expired);
  if (response) response->request_head = fields_.head_of(request);
  if (!response) note_failure(target, response.error());
  co_return Exchanged{std::move(response), transfer.lacks_descriptor(),
                      transfer.refused_connection()};
}

coro::Task<Session::TransferPlace> Session::take_place() {
  TransferPlace place;
  if (options_.places == nullptr) {
    auto acquiring = permits_.acquire();
    place.own = co_await std::move(acquiring);
  } else {
    auto acquiring = options_.places->acquire();
    place.shared = co_await std::move(acquiring);
  }
  co_return place;
}

// Addresses are no names, and a host's name is the affair of a proxy that connects to it. A SOCKS
// proxy that is told addresses connects to what the guard allows.
coro::Task<Result<Session::Target>> Session::locate(std::string_view url, Millis timeout) {
  Target target{.place = host_port_of(url)};
  const auto& proxy = options_.transport.proxy;
  const bool by_proxy = proxy && proxy->kind != ProxyKind::socks5;
  if (by_proxy) target.took.reset();
  if (target.place.is_address() || by_proxy) co_return target;
  const Mono begun = system_clock().now();
  auto resolving = resolver_.resolve(target.place.host, timeout);
  const auto resolution = co_await std::move(resolving);
  auto addresses = allowed_addresses(target.place.host, *resolution, options_.guard);
  if (!addresses) co_return std::unexpected(std::move(addresses.error()));
  target.addresses = std::move(*addresses);
  // A SOCKS proxy is told the first address alone, and more of them have IPv4.
  if (proxy) target.addresses.allowed = ipv4_first(target.addresses.allowed);
  target.took = std::chrono::round<Millis>(system_clock().now() - begun);
  co_return target;
}

void Session::note_failure(const Target& target, Error& error) {
  const auto& [tried, more, skipped] = target.addresses;
  if (!skipped.empty()) error.detail += "; not tried: " + skipped;
  const bool in_vain = error.code == Errc::connect_refused || error.code == Errc::connect_timeout;
  if (more && in_vain) resolver_.put_last(target.place.host, tried);
}

CurlEntries::Lease Session::told_to(CurlMulti& multi, const Target& target) {
  if (target.addresses.allowed.empty()) return {};
  return multi.names().hold(target.place.key(), target.addresses.allowed);
}

void Session::break_off() {
  broken_off_ = true;
  for (coro::Event* activity : driven_) activity->set();
}

coro::Task<std::optional<Errc>> Session::drive(Transfer& transfer, BodySink& sink, Pace& pace) {
  const Listed listed{driven_, transfer.activity()};
  while (!transfer.done()) {
    if (broken_off_) co_return Errc::cancelled;
    auto waiting = transfer.activity().wait_until(transfer.deadline());
    co_await std::move(waiting);
    transfer.activity().reset();
    if (transfer.done() || broken_off_) continue;
    // Asked after each wait: a transfer that keeps its sink busy is over its time some day too.
    if (const auto expired = transfer.expired()) co_return expired;
    if (!transfer.wants_flush()) continue;
    auto flushing = sink.flush();
    co_await std::move(flushing);
    Millis slowed{0};
    if (transfer.is_ahead()) {
      auto slowing = pace.wait();
      slowed = co_await std::move(slowing);
    }
    transfer.resume(slowed);
  }
  co_return std::nullopt;
}

// HTTP/2 is a matter of TLS here, and of the origins that choose it. Not under a limit of speed: a
// stream that is slowed down would hold up the others of its connection.
HttpVersion Session::version_for(const Request& request) const {
  const bool over_tls = request.url.starts_with("https:");
  const bool only_http1 = !over_tls || http1_origins_.contains(authority_of(request.url)) ||
                          (options_.speed != nullptr && options_.speed->is_on());
  return only_http1 ? HttpVersion::http1_1 : request.version;
}

// Several HTTP/2 fetches go over one connection, so the first one's is worth waiting for.
coro::Task<FirstConnections::Place> Session::wait_for_connection(const Request& request) {
  if (version_for(request) == HttpVersion::http1_1) co_return FirstConnections::Place{};
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

std::shared_ptr<CurlMulti> Session::make_multi() {
  ++handles_made_;
  return std::make_shared<CurlMulti>(executor_, poll_, connections_kept_);
}

// Where libcurl closes a host's last connection to make room for another host's, it leaves an empty
// entry of its connection cache behind (7.88, Curl_conncache_extract_oldest), and walks through all
// entries several times for each transfer: 100,000 hosts cost 2 ms each. So a handle that has had
// many connections gives way to a new one, and goes with its last transfer.
std::shared_ptr<CurlMulti> Session::multi_for(std::string_view url) {
  auto& multi = multis_.size() == 1
                    ? multis_.front()
                    : multis_[std::hash<std::string_view>{}(authority_of(url)) % multis_.size()];
  const auto worn =
      std::max(connections_opened_max, 8 * static_cast<std::size_t>(connections_kept_));
  if (multi->connections_opened() > worn) {
    multi->keep_no_more();
    multi = make_multi();
  }
  return multi;
}

}  // namespace trawl::http
