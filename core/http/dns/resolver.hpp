#pragma once
// Resolver: names to addresses for one loop. What is known comes from memory: special names (RFC
// 6761), the hosts file, the cache. For the rest there is one lookup in flight a name, shared by
// all who wait for it, and so many lookups at once; others queue. Starts no thread and knows
// nothing of what may be connected to: that is the AddressGuard's. Loop thread only.

#include "core/base/clock.hpp"
#include "core/coro/task.hpp"
#include "core/http/dns/cache.hpp"
#include "core/http/dns/hosts_file.hpp"
#include "core/http/dns/name_server.hpp"
#include "core/http/dns/resolution.hpp"
#include "core/http/dns/server_address.hpp"
#include "core/http/socket_poll.hpp"

#include <array>
#include <cstddef>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace trawl::http::dns {

struct ResolverOptions {
  std::vector<ServerAddress> servers;      // none: those of the system
  std::shared_ptr<const HostsFile> hosts;  // may be null
  std::size_t cache_bytes_max = 1024 * 1024;
  Millis question_time{20'000};  // then the socket's end waits for its answer no more
};

class Resolver final : private NameServer::Listener {
 public:
  Resolver(const coro::Executor& executor, SocketPoll& poll, ResolverOptions options,
           const Clock& clock = system_clock());
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  // Never null. name: a host of web::Url, a dot at its end or not. A lookup goes on as long as
  // somebody waits for it: one who is cancelled or out of time takes nothing from the others.
  coro::Task<ResolutionPtr> resolve(std::string name, Millis timeout);

  // No connection to these addresses of a name came about: as long as they are remembered, they
  // come after its others.
  void put_last(std::string name, std::span<const IpAddress> addresses);
  // Whether it is known now that there is no such name, or none with an address.
  bool is_missing(std::string_view name);

  std::size_t lookups() const { return flights_.size(); }  // in flight or queued
  std::size_t lookups_begun() const { return lookups_begun_; }
  const DnsCache& cache() const { return cache_; }

 private:
  struct Flight;
  using FlightPtr = std::shared_ptr<Flight>;
  struct Asked;
  class Wait;

  void on_reply(NameServer::Reply reply) override;
  ResolutionPtr known(const std::string& name);
  FlightPtr join(const std::string& name);
  void start_queued();
  void start(const FlightPtr& flight);
  void step(const FlightPtr& flight);
  void ask(const FlightPtr& flight);
  void put(Asked asked);
  void finish(Flight& flight);
  void leave(const FlightPtr& flight);
  void end(Flight& flight);
  void find_servers();
  NameServer& server(std::size_t number, Transport transport);

  coro::Executor executor_;
  SocketPoll& poll_;
  ResolverOptions options_;
  const Clock& clock_;
  DnsCache cache_;
  std::vector<std::array<std::unique_ptr<NameServer>, 2>> servers_;  // by transport, on first use
  std::vector<std::string> server_names_;
  std::size_t first_server_ = 0;  // the last one that answered when others did not
  std::unordered_map<std::string, FlightPtr> flights_;
  std::deque<std::weak_ptr<Flight>> queue_;
  std::unordered_map<std::uint64_t, Asked> asked_;  // by question
  std::uint64_t questions_ = 0;
  std::size_t quick_ = 0;  // lookups in flight that no server has let wait
  std::size_t slow_ = 0;   // and the others
  std::size_t lookups_begun_ = 0;
};

}  // namespace trawl::http::dns
