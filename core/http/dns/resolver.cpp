// Names whose servers are silent must not hold up the others: a lookup that has met with silence
// counts no more against the lookups at once, only against the greater bound of all.
#include "core/http/dns/resolver.hpp"

#include "core/base/limits.hpp"
#include "core/coro/event.hpp"
#include "core/http/dns/lookup.hpp"
#include "core/web/url/ip_literal.hpp"

#include <boost/asio/steady_timer.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

namespace trawl::http::dns {
namespace {

bool is_under(std::string_view name, std::string_view domain) {
  if (!name.ends_with(domain)) return false;
  return name.size() == domain.size() || name[name.size() - domain.size() - 1] == '.';
}

// Whether it can be asked for: RFC 1035 2.3.4.
bool fits_dns(std::string_view name) {
  if (name.empty() || name.size() > 253) return false;
  while (!name.empty()) {
    const auto label = name.substr(0, name.find('.'));
    if (label.empty() || label.size() > 63) return false;
    name.remove_prefix(std::min(label.size() + 1, name.size()));
  }
  return true;
}

ResolutionPtr found(std::vector<IpAddress> addresses) {
  return std::make_shared<const Resolution>(Resolution{.addresses = by_turns(addresses)});
}

ResolutionPtr no_such(std::string detail) {
  return std::make_shared<const Resolution>(
      Resolution{.error = Error{Errc::dns, std::move(detail)}, .missing = true});
}

// What needs no server: RFC 6761 6.3 and 6.4, RFC 7686 2.
ResolutionPtr special(std::string_view name) {
  if (is_under(name, "localhost"))
    return found({*IpAddress::parse("::1"), *IpAddress::parse("127.0.0.1")});
  for (const std::string_view domain : {"invalid", "onion"})
    if (is_under(name, domain))
      return no_such(fmt::format("names under .{} are not in the DNS", domain));
  // Numbers in odd spellings: a URL's host has none left, and no server is to give them a meaning.
  if (web::ends_in_number(name)) {
    const auto bits = web::parse_ipv4(name);
    return bits ? found({IpAddress::v4(*bits)}) : no_such("a number that is no address");
  }
  if (!fits_dns(name))
    return no_such("a name that the DNS can't carry: a label is empty or too long");
  return nullptr;
}

}  // namespace

struct Resolver::Flight {
  Flight(const coro::Executor& executor, std::string flight_name)
      : name(std::move(flight_name)), done(executor), timer(executor) {}

  std::string name;
  coro::Event done;
  coro::asio::steady_timer timer;
  std::optional<Lookup> lookup;  // once it has left the queue
  ResolutionPtr resolution;      // once done
  std::size_t waiting = 0;
  bool slow = false;
  bool left = false;  // by all who waited
};

struct Resolver::Asked {
  std::weak_ptr<Flight> flight;
  Query query;
  Transport transport = Transport::udp;
};

// One who waits. The last to leave takes the lookup along.
class Resolver::Wait {
 public:
  Wait(Resolver& resolver, FlightPtr flight) : resolver_(resolver), flight_(std::move(flight)) {
    ++flight_->waiting;
  }
  ~Wait() {
    if (--flight_->waiting == 0 && !flight_->resolution) resolver_.leave(flight_);
  }
  Wait(const Wait&) = delete;
  Wait& operator=(const Wait&) = delete;

 private:
  Resolver& resolver_;
  FlightPtr flight_;
};

Resolver::Resolver(const coro::Executor& executor, SocketPoll& poll, ResolverOptions options,
                   const Clock& clock)
    : executor_(executor),
      poll_(poll),
      options_(std::move(options)),
      clock_(clock),
      cache_(options_.cache_bytes_max) {}

Resolver::~Resolver() = default;

coro::Task<ResolutionPtr> Resolver::resolve(std::string name, Millis timeout) {
  if (name.ends_with('.')) name.pop_back();
  if (auto resolution = known(name)) co_return resolution;
  const FlightPtr flight = join(name);
  const Wait wait{*this, flight};
  auto waiting = flight->done.wait_until(clock_.now() + timeout);
  if (co_await std::move(waiting)) co_return flight->resolution;
  auto detail = fmt::format("no answer about {} from {} within {} ms", name,
                            fmt::join(server_names_, ", "), timeout.count());
  co_return std::make_shared<const Resolution>(
      Resolution{.error = Error{Errc::dns_timeout, std::move(detail)}});
}

ResolutionPtr Resolver::known(const std::string& name) {
  if (auto resolution = special(name)) return resolution;
  if (options_.hosts)
    if (const auto* addresses = options_.hosts->find(name)) return found(*addresses);
  return cache_.find(name, clock_.now());
}

bool Resolver::is_missing(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  const auto resolution = known(std::string{name});
  return resolution && resolution->missing;
}

void Resolver::put_last(std::string name, std::span<const IpAddress> addresses) {
  if (name.ends_with('.')) name.pop_back();
  const ResolutionPtr resolution = cache_.find(name, clock_.now());
  // Meanwhile the name may be known as one that has none.
  if (!resolution || resolution->addresses.empty()) return;
  const auto listed = [](const auto& list, const IpAddress& address) {
    return std::ranges::find(list, address) != list.end();
  };
  Resolution turned{.addresses = resolution->addresses};
  std::erase_if(turned.addresses, [&](const auto& one) { return listed(addresses, one); });
  for (const IpAddress& address : addresses)
    if (listed(resolution->addresses, address)) turned.addresses.push_back(address);
  cache_.replace(name, std::make_shared<const Resolution>(std::move(turned)));
}

Resolver::FlightPtr Resolver::join(const std::string& name) {
  if (const auto flying = flights_.find(name); flying != flights_.end()) return flying->second;
  auto flight = std::make_shared<Flight>(executor_, name);
  flights_.emplace(name, flight);
  queue_.push_back(flight);
  start_queued();
  return flight;
}

void Resolver::start_queued() {
  while (!queue_.empty() && quick_ < limits::dns_lookups_at_once &&
         quick_ + slow_ < limits::dns_lookups_max) {
    const FlightPtr flight = queue_.front().lock();
    queue_.pop_front();
    if (flight && !flight->left) start(flight);
  }
}

void Resolver::start(const FlightPtr& flight) {
  find_servers();
  ++quick_;
  ++lookups_begun_;
  flight->lookup.emplace(flight->name, server_names_, first_server_);
  step(flight);
}

// As far as the lookup goes without hearing more.
void Resolver::step(const FlightPtr& flight) {
  Lookup& lookup = *flight->lookup;
  ask(flight);
  if (lookup.is_slow() && !std::exchange(flight->slow, true)) {
    --quick_;
    ++slow_;
  }
  if (lookup.done(clock_.now())) {
    finish(*flight);
    return start_queued();
  }
  flight->timer.expires_at(lookup.deadline());
  flight->timer.async_wait(
      [this, weak = std::weak_ptr{flight}](const boost::system::error_code& error) {
        const FlightPtr waited = weak.lock();
        if (error || !waited || waited->resolution) return;
        waited->lookup->on_time(clock_.now());
        step(waited);
        start_queued();
      });
}

void Resolver::ask(const FlightPtr& flight) {
  for (Query& query : flight->lookup->take_queries(clock_.now())) put({flight, std::move(query)});
}

void Resolver::put(Asked asked) {
  const Query query = asked.query;
  NameServer& to = server(query.server, asked.transport);
  asked_.emplace(++questions_, std::move(asked));
  to.ask(query.name, query.type, questions_);
}

void Resolver::on_reply(NameServer::Reply reply) {
  const auto place = asked_.find(reply.question);
  if (place == asked_.end()) return;
  Asked asked = std::move(place->second);
  asked_.erase(place);
  const FlightPtr flight = asked.flight.lock();
  if (!flight || flight->resolution) return;
  if (reply.silence) return;  // how long that is waited for is the lookup's affair
  const bool over_tcp = asked.transport == Transport::tcp;
  if (reply.truncated() && !over_tcp) {
    asked.transport = Transport::tcp;
    return put(std::move(asked));
  }
  if (reply.message.empty() && !over_tcp)
    flight->lookup->on_failure(asked.query.server, reply.failure);
  else if (reply.message.empty())  // true of one connection
    flight->lookup->on_answer(asked.query,
                              {.kind = Answer::Kind::failed, .detail = reply.failure + " over TCP"},
                              clock_.now());
  else
    flight->lookup->on_answer(
        asked.query, read_answer(reply.message, asked.query.name, asked.query.type), clock_.now());
  step(flight);
}

void Resolver::finish(Flight& flight) {
  auto outcome = flight.lookup->take_outcome();
  if (flight.slow) first_server_ = flight.lookup->answered_by().value_or(first_server_);
  flight.resolution = std::make_shared<const Resolution>(std::move(outcome.resolution));
  cache_.keep(flight.name, flight.resolution, clock_.now() + outcome.ttl);
  flight.done.set();
  end(flight);
}

void Resolver::leave(const FlightPtr& flight) {
  flight->left = true;
  end(*flight);
  start_queued();
}

void Resolver::end(Flight& flight) {
  flight.timer.cancel();
  if (flight.lookup) --(flight.slow ? slow_ : quick_);
  flights_.erase(flight.name);
}

void Resolver::find_servers() {
  if (!servers_.empty()) return;
  if (options_.servers.empty()) options_.servers = system_servers();
  if (options_.servers.empty()) options_.servers = {{.address = IpAddress::v4(0x7F000001)}};
  servers_.resize(options_.servers.size());
  for (const ServerAddress& address : options_.servers)
    server_names_.push_back(address.to_string());
}

NameServer& Resolver::server(std::size_t number, Transport transport) {
  auto& place = servers_[number][transport == Transport::udp ? 0 : 1];
  NameServer::Listener& listener = *this;
  if (!place)
    place = std::make_unique<NameServer>(executor_, poll_, options_.servers[number], transport,
                                         options_.question_time, listener);
  return *place;
}

}  // namespace trawl::http::dns
