#pragma once
// Session: a pooled HTTP client of one loop: names resolved, connection reuse, default headers,
// permits for what is in flight, and a bound on transfers per multi handle. Loop thread only; must
// outlive its fetches.

#include "core/base/result.hpp"
#include "core/coro/semaphore.hpp"
#include "core/coro/shared_places.hpp"
#include "core/coro/task.hpp"
#include "core/http/address/address_guard.hpp"
#include "core/http/client/curl_easy.hpp"
#include "core/http/client/curl_multi.hpp"
#include "core/http/client/first_connection.hpp"
#include "core/http/client/host_addresses.hpp"
#include "core/http/client/request_fields.hpp"
#include "core/http/client/speed_limit.hpp"
#include "core/http/client/transport_options.hpp"
#include "core/http/dns/resolver.hpp"
#include "core/http/message/body_sink.hpp"
#include "core/http/message/credentials.hpp"
#include "core/http/message/message.hpp"
#include "core/http/tls/http1_origins.hpp"
#include "core/http/tls/tls_sessions.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trawl::http {

struct SessionOptions {
  std::string user_agent;
  Headers headers;              // sent with every request, after User-Agent and Accept
  std::string accept_encoding;  // empty: identity
  std::size_t concurrency = 64;
  // Those of several sessions and their bound, in place of concurrency; outlives the session.
  coro::SharedPlaces::Member* places = nullptr;
  SpeedLimit* speed = nullptr;  // for bodies; may be shared; outlives the session
  // Idle connections that each handle keeps; absent: as many as concurrency.
  std::optional<std::size_t> connections_kept = {};
  AddressGuard guard;
  dns::ResolverOptions dns = {};
  TransportOptions transport = {};
  Credentials credentials = {};
};

class Session {
 public:
  Session(const coro::Executor& executor, SessionOptions options);
  ~Session();

  // Fetches into the sink, as fast as the limit lets it. Network outcomes are values: an Error when
  // no answer came; a Response with `broken` set when one came in part. Resolves the host's name
  // first, then waits for a permit, so that slow names hold none. Cancelled, it ends the transfer
  // at once. Throws what the sink's flush() throws. The sink must outlive the task.
  // pace: of what has begun already; null: one of the fetch's own. Outlives the task.
  coro::Task<Result<Response>> fetch(Request request, BodySink& sink, Pace* pace = nullptr);

  // Ends all fetches, those to come too, with Errc::cancelled: a body that is under way becomes a
  // broken answer, whose part the caller may keep.
  void break_off();
  bool is_broken_off() const { return broken_off_; }

  // Multi handles so far, with those that were replaced.
  std::size_t handles_made() const { return handles_made_; }

  // Whether the name servers say that there is no such name, or none with an address.
  bool is_missing(std::string_view hostname) { return resolver_.is_missing(hostname); }

  std::size_t in_flight() const { return in_flight_; }

 private:
  // Where a request's connection is to go; a host that needs no name server has no addresses.
  struct Target {
    HostPort place;
    HostAddresses addresses;
    std::optional<Millis> took = Millis{0};  // absent: libcurl has yet to look up a proxy's name
  };

  // Held by a transfer, of whichever pool.
  struct TransferPlace {
    coro::Permit own;
    coro::SharedPlaces::Place shared;
  };

  struct Exchanged {
    Result<Response> response;
    // Nothing was sent: the process has no file descriptor free, or libcurl chose a connection that
    // may be in use.
    bool lacks_descriptor = false;
    bool refused_connection = false;
  };

  coro::Task<Exchanged> exchange(const Request& request, const Target& target, BodySink& sink,
                                 Pace& pace);
  coro::Task<Result<Target>> locate(std::string_view url, Millis timeout);
  void note_failure(const Target& target, Error& error);
  static CurlEntries::Lease told_to(CurlMulti& multi, const Target& target);
  std::shared_ptr<CurlMulti> make_multi();
  // Lives as long as the transfer that it is for.
  std::shared_ptr<CurlMulti> multi_for(std::string_view url);
  coro::Task<TransferPlace> take_place();
  HttpVersion version_for(const Request& request) const;
  coro::Task<FirstConnections::Place> wait_for_connection(const Request& request);
  Result<> check_target(const Request& request) const;
  coro::Task<std::optional<Errc>> drive(class Transfer& transfer, BodySink& sink, Pace& pace);

  coro::Executor executor_;
  SessionOptions options_;
  coro::Semaphore permits_;
  FirstConnections first_connections_;
  Http1Origins http1_origins_;
  SocketPoll poll_;
  dns::Resolver resolver_;
  TlsSessions tls_sessions_;
  EasyMaker easies_;
  RequestFields fields_;
  long connections_kept_ = 0;  // of each handle
  std::size_t handles_made_ = 0;
  std::vector<std::shared_ptr<CurlMulti>> multis_;
  std::size_t in_flight_ = 0;
  bool broken_off_ = false;
  std::vector<coro::Event*> driven_;  // the activity of each transfer
};

}  // namespace trawl::http
