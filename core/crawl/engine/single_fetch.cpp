// The steps are those of a shard's visit with nobody to commit to: a turn on the host, robots.txt,
// the answer, the record. What a run keeps of a host's health stays its own: who asks for one URL
// by hand wants to see what the host answers now.
#include "core/crawl/engine/single_fetch.hpp"

#include "core/base/limits.hpp"
#include "core/base/log.hpp"
#include "core/coro/semaphore.hpp"
#include "core/coro/timeout.hpp"
#include "core/crawl/engine/robots_gate.hpp"
#include "core/crawl/engine/visit.hpp"
#include "core/crawl/hosts/host_turn.hpp"
#include "core/crawl/hosts/politeness.hpp"
#include "core/crawl/job/name_resolution.hpp"
#include "core/crawl/job/network.hpp"
#include "core/crawl/job/site_settings.hpp"
#include "core/crawl/pages/page_reader.hpp"
#include "core/crawl/scope/admission.hpp"
#include "core/crawl/scope/location.hpp"
#include "core/crawl/state/retry_after.hpp"
#include "core/http/client/session.hpp"
#include "core/web/coding/decode.hpp"
#include "core/web/url/host.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace trawl::crawl {
namespace {

constexpr std::size_t robots_cache_bytes_max = 1024 * 1024;

template <class T>
T value_or_throw(Result<T> result) {
  if (!result) throw Failure(std::move(result.error()));
  return std::move(*result);
}

http::SessionOptions session_options(const JobSpec& job, std::size_t at_once,
                                     coro::SharedPlaces::Member* places, http::SpeedLimit* speed) {
  Network network = value_or_throw(read_network(job));
  return {.user_agent = user_agent(job),
          .headers = std::move(network.headers),
          .accept_encoding = std::string{web::accept_encoding()},
          .concurrency = at_once,
          .places = places,
          .speed = speed,
          .guard = value_or_throw(http::AddressGuard::create(job.fetch.allow_private_networks)),
          .dns = value_or_throw(name_resolution(job.fetch, 1)),
          .transport = std::move(network.transport),
          .credentials = std::move(network.credentials)};
}

std::string redirect_target(const Visit& visit) {
  const auto location = redirect_location(*visit.response);
  if (location.empty() || location.size() > limits::location_bytes_max)
    return printable(location.substr(0, limits::location_shown_bytes_max));
  const auto target = parse_location(location, visit.url);
  return target ? target->href() : printable(location, limits::location_shown_bytes_max);
}

}  // namespace

struct SingleFetch::State {
  State(const coro::Executor& on, const Parts& from)
      : executor(on),
        parts(from),
        member(make_member(from)),
        sites(parts.job),
        session(on, session_options(parts.job, parts.at_once_max, member.get(), parts.speed)),
        robots({.sites = sites,
                .session = session,
                .committer = nullptr,
                .buckets = parts.buckets,
                .clock = parts.clock},
               on, robots_cache_bytes_max),
        token(product_token(parts.job)),
        places(on, parts.at_once_max) {}

  static std::unique_ptr<coro::SharedPlaces::Member> make_member(const Parts& parts) {
    if (parts.places == nullptr) return nullptr;
    return std::make_unique<coro::SharedPlaces::Member>(*parts.places,
                                                        coro::Share{.most = parts.at_once_max});
  }

  coro::Task<Fetched> run(web::Url url, Millis timeout);
  coro::Task<> ask_robots(Visit& visit, HostTurn& turn);
  coro::Task<> ask(Visit& visit, http::MemorySink& sink, Millis timeout);
  FetchReport report(const Visit& visit) const;
  Fetched result(Visit& visit, const http::MemorySink& sink) const;
  std::size_t body_bytes(const Visit& visit) const {
    return std::min<std::uint64_t>(body_bytes_max,
                                   visit.settings->fetch.max_body_bytes.value_or(UINT64_MAX));
  }

  coro::Executor executor;
  Parts parts;
  std::unique_ptr<coro::SharedPlaces::Member> member;
  SiteSettings sites;
  http::Session session;
  RobotsGate robots;
  std::string token;
  coro::Semaphore places;
};

SingleFetch::SingleFetch(const coro::Executor& executor, Parts parts)
    : state_(std::make_unique<State>(executor, parts)) {}
SingleFetch::~SingleFetch() = default;

coro::Task<Result<SingleFetch::Fetched>> SingleFetch::fetch(std::string text, Millis timeout) {
  const auto parsed = web::Url::parse(text);
  if (!parsed) co_return std::unexpected(parsed.error());
  const auto url = web::canonicalise(*parsed, canonical_rules(state_->parts.job.urls));
  if (!url) co_return std::unexpected(url.error());
  auto running = coro::within(timeout, state_->run(*url, timeout));
  auto fetched = co_await std::move(running);
  if (fetched) co_return std::move(*fetched);
  Fetched late{.record = {.url = url->href()}};
  late.record.outcome = {
      .state = UrlState::failed,
      .error = Errc::total_timeout,
      .error_detail =
          fmt::format("no answer within {} ms, with the wait for the host's turn", timeout.count()),
      .attempts = 1};
  co_return late;
}

coro::Task<SingleFetch::Fetched> SingleFetch::State::run(web::Url url, Millis timeout) {
  auto placing = places.acquire();
  const coro::Permit place = co_await std::move(placing);
  const std::string host = web::host_key(url);
  Visit visit{Lease{.url = {.url = url.href()}}, url, parts.clock.now()};
  visit.settings = &sites.of(host);
  visit.attempts = 1;
  HostTurn turn{executor, parts.buckets, parts.clock, host,
                bucket_limits(visit.settings->politeness)};
  http::MemorySink sink{body_bytes(visit)};
  auto taking = turn.take();
  co_await std::move(taking);
  visit.leased_at = parts.clock.now();
  auto asking_robots = ask_robots(visit, turn);
  co_await std::move(asking_robots);
  if (!visit.decided()) {
    auto waiting = keep_distance(parts.buckets, parts.clock, bucket_keys(host),
                                 bucket_limits(visit.settings->politeness), visit.leased_at);
    static_cast<void>(co_await std::move(waiting));
    visit.leased_at = parts.clock.now();
    auto asking = ask(visit, sink, timeout);
    co_await std::move(asking);
    turn.give_back(visit.settings->politeness, report(visit));
  }
  co_return result(visit, sink);
}

// Between robots.txt and the URL a server sees the same wait as between two pages.
coro::Task<> SingleFetch::State::ask_robots(Visit& visit, HostTurn& turn) {
  do {
    auto asking = robots.check(visit.url, visit.leased_at);
    visit.robots = co_await std::move(asking);
    // Somebody else asked for it and was given up.
  } while (visit.robots.error && visit.robots.error->code == Errc::cancelled);
  visit.error = visit.robots.error;
  visit.excluded = visit.error && visit.error->code == Errc::private_address;
  if (!visit.robots.allowed) visit.exclude(Errc::robots, visit.robots.rule);
  if (!visit.robots.fetched) {
    if (visit.decided()) turn.give_back_unused();
    co_return;
  }
  turn.give_back(visit.settings->politeness, report(visit));
  if (visit.decided()) co_return;
  auto taking = turn.take();
  co_await std::move(taking);
  visit.leased_at = parts.clock.now();
}

coro::Task<> SingleFetch::State::ask(Visit& visit, http::MemorySink& sink, Millis timeout) {
  const FetchSpec& spec = visit.settings->fetch;
  http::Request request{.url = visit.url.href(),
                        .headers = fields_of_site(*visit.settings, parts.job),
                        .timeouts = spec.timeouts,
                        .version = spec.http,
                        .tls_verify = spec.tls_verify};
  request.timeouts.total = std::min(request.timeouts.total, timeout);
  auto fetching = session.fetch(std::move(request), sink);
  auto answer = co_await std::move(fetching);
  if (!answer) {
    visit.error = answer.error();
    visit.excluded = answer.error().code == Errc::private_address;
    co_return;
  }
  visit.error = answer->broken;
  visit.response = std::move(*answer);
}

FetchReport SingleFetch::State::report(const Visit& visit) const {
  auto report = report_of(visit.response ? &*visit.response : nullptr,
                          std::chrono::duration_cast<Millis>(parts.clock.now() - visit.leased_at),
                          parts.clock.wall());
  report.crawl_delay = visit.robots.crawl_delay;
  if (!visit.response) {
    report.status = visit.robots.status;
    report.retry_after = visit.robots.retry_after;
  }
  return report;
}

SingleFetch::Fetched SingleFetch::State::result(Visit& visit, const http::MemorySink& sink) const {
  Fetched fetched{.record = {.url = visit.url.href()}};
  if (!visit.response) {
    fetched.record.outcome = make_outcome(visit);
    return fetched;
  }
  const std::size_t bytes_max = body_bytes(visit);
  visit.facts = read_page({.url = visit.url,
                           .headers = visit.response->headers,
                           .body = sink.body(),
                           .decoded_bytes_max = bytes_max,
                           .robots_token = token});
  fetched.body_cut = sink.bytes() >= bytes_max || visit.facts.truncated;
  visit.facts.truncated = fetched.body_cut;
  if (visit.facts.decode_error && !visit.error) visit.error = visit.facts.decode_error;
  const auto coding = http::content_coding(visit.response->headers);
  auto decoded = web::decode_all(coding, sink.body(), {.decoded_bytes_max = bytes_max});
  fetched.body = decoded ? std::move(decoded->body) : sink.body();
  fetched.record.outcome = make_outcome(visit);
  fetched.record.outcome.redirect_to = redirect_target(visit);
  return fetched;
}

}  // namespace trawl::crawl
