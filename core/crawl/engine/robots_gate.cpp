// A host whose robots.txt can't be had is not crawled, however tempting: 5xx means "not now", and a
// network error is the URL's own error. 4xx means that there are no rules. Rules that were had once
// and are past their time still hold while newer ones can't be had (RFC 9309 2.4).
#include "core/crawl/engine/robots_gate.hpp"

#include "core/base/limits.hpp"
#include "core/base/log.hpp"
#include "core/crawl/scope/location.hpp"
#include "core/crawl/state/retry_after.hpp"
#include "core/web/coding/decode.hpp"
#include "core/web/digest.hpp"
#include "core/web/url/host.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace trawl::crawl {
namespace {

constexpr Millis error_ttl{5'000};   // what could not be had is asked for again after this
constexpr Millis stale_ttl{60'000};  // so is what is replaced by older rules
constexpr std::size_t errors_max = 10'000;
// One more than is read, so that the reader sees that the last line is cut.
constexpr std::size_t received_bytes_max = limits::robots_bytes_max + 1;

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

// The body as it is meant, or why it can't be had. Of rules that broke off nobody knows what the
// rest says.
std::optional<Error> decode(RobotsState& state, const http::Response& response) {
  const bool rules = response.status >= 200 && response.status < 300;
  if (response.broken && (rules || state.body.empty())) return response.broken;
  const auto coding = http::content_coding(response.headers);
  if (!rules || coding.empty()) return std::nullopt;
  auto decoded = web::decode_all(coding, state.body, {.decoded_bytes_max = received_bytes_max});
  if (!decoded) return decoded.error();
  if (decoded->incomplete) return Error{Errc::body_truncated, "the coded body ends early"};
  state.body = std::move(decoded->body);
  return std::nullopt;
}

}  // namespace

std::optional<Millis> crawl_delay_of(const web::Robots& rules) {
  const auto delay = rules.crawl_delay_s();
  if (!delay || *delay < 0) return std::nullopt;
  return Millis{static_cast<std::int64_t>(std::min(*delay, 1e6) * 1000)};
}

Result<web::Robots> robots_rules(const RobotsState& state, std::string_view product_token) {
  const int status = state.status;
  if (status >= 200 && status < 300) return web::Robots::parse(state.body, product_token);
  // RFC 9309 2.3.1.2 and 2.3.1.3: a redirect that leads nowhere is as if there were none.
  if ((status >= 400 && status < 500 && status != 429) || (status >= 300 && status < 400))
    return web::Robots::allow_all();
  return fail(Errc::robots_unreachable, fmt::format("robots.txt answered with status {}", status));
}

RobotsGate::RobotsGate(const Parts& parts, coro::Executor executor, std::size_t cache_bytes_max)
    : parts_(parts),
      job_(parts.sites.job()),
      product_token_(product_token(job_)),
      executor_(std::move(executor)),
      cache_(cache_bytes_max) {}

coro::Task<RobotsGate::Answer> RobotsGate::check(web::Url url, std::optional<Mono> turn_since,
                                                 bool has_waited) {
  if (job_.robots.policy == RobotsPolicy::ignore) co_return Answer{};
  auto looking = rules_for(url, has_waited);
  if (const auto rules = co_await std::move(looking)) co_return decide(*rules, url);
  const Mono asked_at = clock().now();
  auto searching = search(url, turn_since);
  const auto found = co_await std::move(searching);
  if (found->rules) {
    Answer answer = decide(*found->rules, url);
    answer.fetched = found->fetched_at >= asked_at;
    answer.status = found->status;  // of newer rules that could not be had
    answer.retry_after = found->retry_after;
    answer.ip = found->ip;
    co_return answer;
  }
  co_return Answer{.error = found->error,
                   .fetched = found->fetched_at >= asked_at,
                   .crowded = found->crowded,
                   .status = found->status,
                   .retry_after = found->retry_after,
                   .ip = found->ip};
}

RobotsGate::Answer RobotsGate::decide(const web::Robots& rules, const web::Url& url) const {
  Answer answer{.crawl_delay = crawl_delay_of(rules)};
  const auto verdict = rules.check(url.path_and_query());
  answer.allowed = verdict.allowed;
  if (verdict.line != 0) answer.rule = fmt::format("line {}: {}", verdict.line, verdict.rule);
  return answer;
}

// Those that are known and not past their time; for who has waited since they were read, whatever
// the store has. Null: they are to be searched for.
coro::Task<RobotsCache::Rules> RobotsGate::rules_for(web::Url url, bool has_waited) {
  const std::string origin = url.origin();
  auto cached = cache_.find(web::fingerprint(origin), clock().now());
  if (cached || !has_waited || parts_.committer == nullptr) co_return cached;
  auto remembering = parts_.committer->robots(origin);
  const auto stored = co_await std::move(remembering);
  if (!stored) co_return nullptr;
  auto rules = robots_rules(*stored, product_token_);
  if (!rules) co_return nullptr;
  co_return std::make_shared<const web::Robots>(std::move(*rules));
}

coro::Task<RobotsGate::Sitemaps> RobotsGate::sitemaps(web::Url url, Mono turn_since,
                                                      bool has_waited) {
  auto looking = rules_for(url, has_waited);
  if (const auto rules = co_await std::move(looking)) co_return Sitemaps{.urls = rules->sitemaps()};
  const Mono asked_at = clock().now();
  auto searching = search(std::move(url), turn_since);
  const auto found = co_await std::move(searching);
  Sitemaps named{.fetched = found->fetched_at >= asked_at, .crowded = found->crowded};
  if (found->rules) named.urls = found->rules->sitemaps();
  co_return named;
}

coro::Task<std::shared_ptr<RobotsGate::Search>> RobotsGate::search(web::Url url,
                                                                   std::optional<Mono> turn_since) {
  const std::string origin = url.origin();
  if (const auto found = searches_.find(origin); found != searches_.end()) {
    const auto search = found->second;
    const bool ended = search->ready.is_set();
    if (!ended) co_await search->ready.wait();
    if (!ended || clock().now() < search->holds_until) co_return search;
  }
  if (searches_.size() > errors_max) forget_old_errors();
  const auto search = std::make_shared<Search>(executor_);
  searches_[origin] = search;
  auto running =
      run(search, origin,
          {.host = turn_since ? web::host_key(url) : std::string{}, .since = turn_since});
  if (group_ == nullptr) {
    co_await std::move(running);
  } else {
    group_->spawn(std::move(running));
    co_await search->ready.wait();
  }
  co_return search;
}

coro::Task<> RobotsGate::serve() {
  auto serving = coro::with_group(&RobotsGate::hold, this);
  co_await std::move(serving);
}

coro::Task<> RobotsGate::hold(coro::Group& group) {
  struct Until {
    coro::Group*& group;
    ~Until() { group = nullptr; }
  } const until{group_};
  group_ = &group;
  coro::Event never{executor_};
  auto waiting = never.wait();
  co_await std::move(waiting);
}

coro::Task<> RobotsGate::run(std::shared_ptr<Search> search, std::string origin, Way way) {
  // Whoever waits must be woken even when this task is cancelled. Rules are in the cache then.
  struct Wake {
    RobotsGate& gate;
    Search& search;
    const std::string& origin;
    ~Wake() {
      if (search.rules) gate.searches_.erase(origin);
      search.ready.set();
    }
  };
  const Wake wake{*this, *search, origin};
  std::optional<RobotsState> stored;
  if (parts_.committer != nullptr) {
    auto remembering = parts_.committer->robots(origin);
    stored = co_await std::move(remembering);
  }
  const auto fresh_until = [this](const RobotsState& state) {
    return clock().now() + (job_.robots.ttl - (clock().wall() - Wall{Millis{state.fetched_ms}}));
  };
  if (stored && is_fresh(*stored) && take(*search, *stored, fresh_until(*stored))) co_return;
  if (stored)
    if (const auto rules = robots_rules(*stored, product_token_))
      way.crawl_delay = crawl_delay_of(*rules);
  auto fetching = fetch(origin, way);
  auto fetched = co_await std::move(fetching);
  search->fetched_at = clock().now();
  search->ip = std::move(way.ip);
  if (!fetched) {
    search->error = Error{fetched.error().code, "robots.txt: " + fetched.error().detail};
  } else if (take(*search, fetched->state, fresh_until(fetched->state))) {
    auto keeping = keep(std::move(fetched->archived), std::move(fetched->state));
    co_await std::move(keeping);
    co_return;
  } else {
    search->status = fetched->state.status;
    search->retry_after = fetched->retry_after;
    auto keeping = keep(std::move(fetched->archived));
    co_await std::move(keeping);
  }
  if (stored && take(*search, *stored, clock().now() + stale_ttl)) {
    log("robots")->info("{}: {}; going by the rules of an earlier visit", origin,
                        printable(search->error.message()));
    co_return;
  }
  search->crowded = way.crowded;
  // Not longer than until the URL's next attempt, which has to be one.
  const Millis next_attempt = settings_of(*web::Url::parse(origin)).fetch.backoff_min;
  search->holds_until =
      clock().now() + (way.crowded ? crowded_wait : std::min(error_ttl, next_attempt));
}

// False, with the error, when the answer is one that leaves the rules open.
bool RobotsGate::take(Search& search, const RobotsState& state, Mono fresh_until) {
  auto rules = robots_rules(state, product_token_);
  if (!rules) {
    search.error = std::move(rules.error());
    return false;
  }
  search.rules = std::make_shared<const web::Robots>(std::move(*rules));
  cache_.keep(web::fingerprint(state.origin), search.rules, fresh_until);
  return true;
}

coro::Task<Result<RobotsGate::Fetched>> RobotsGate::fetch(std::string origin, Way& way) {
  auto target = web::Url::parse(origin + "/robots.txt");
  Fetched fetched{.state = {.origin = origin}};
  RobotsState& state = fetched.state;
  std::vector<std::string> asked;
  for (std::size_t hop = 0; hop <= limits::robots_redirects_max; ++hop) {
    http::MemorySink sink{received_bytes_max};
    if (parts_.security != nullptr)
      if (auto secured = parts_.security->secured(*target, clock().wall()))
        target = std::move(*secured);
    asked.emplace_back(target->without_fragment());
    std::optional<BeingAsked> asked_now;
    if (hop > 0) {
      auto remembering = known(*target);
      if (auto other = co_await std::move(remembering)) {
        state = std::move(*other);
        state.origin = origin;
        break;
      }
      asked_now.emplace(being_asked_, asked.back(), executor_);
    }
    auto asking = ask(*target, sink, way);
    const auto response = co_await std::move(asking);
    // Its own error would be said to be this host's.
    if (!response && hop > 0)
      co_return fail(Errc::robots_unreachable, fmt::format("it redirects to {}: {}", asked.back(),
                                                           response.error().message()));
    if (!response) co_return std::unexpected(response.error());
    state.status = response->status;
    state.fetched_ms = clock().wall().time_since_epoch().count();
    state.body = sink.body();
    fetched.retry_after = retry_after_of(response->headers, clock().wall());
    fetched.archived = prepare(asked.back(), *response, sink);
    auto error = decode(state, *response);
    if (error || is_redirect(response->status)) {  // it is not the last, or of no use
      auto archiving = keep(std::move(fetched.archived));
      co_await std::move(archiving);
    }
    if (!is_redirect(response->status)) {
      if (error) co_return std::unexpected(std::move(*error));
      if (hop == 0) break;
      auto keeping = keep_for_others(*target, state);
      co_await std::move(keeping);
      break;
    }
    const auto location = http::find_header(response->headers, "location");
    if (location.size() > limits::location_bytes_max) break;
    auto next = parse_location(location, *target);
    if (location.empty() || !next || !next->is_http()) break;
    target = std::move(next);
    if (std::ranges::find(asked, target->without_fragment()) != asked.end()) break;  // a circle
  }
  log("robots")->debug("{} status {} {} bytes", origin, state.status, state.body.size());
  co_return fetched;
}

bool RobotsGate::is_fresh(const RobotsState& state) const {
  const Millis age = clock().wall() - Wall{Millis{state.fetched_ms}};
  return age >= Millis{0} && age < job_.robots.ttl;
}

// An archive has what a site said of robots when it was crawled, whatever that was.
std::unique_ptr<Prepared> RobotsGate::prepare(const std::string& url,
                                              const http::Response& response,
                                              const http::MemorySink& sink) const {
  if (parts_.archive == nullptr || job_.output.bodies != BodyMode::warc) return nullptr;
  const bool cut = sink.bytes() == received_bytes_max;
  return parts_.archive->prepare({.url = url,
                                  .response = response,
                                  .content_encoding = http::content_coding(response.headers),
                                  .body = sink.body(),
                                  .body_bytes = sink.bytes(),
                                  .truncated = std::string{truncated_reason(response, cut)},
                                  .of_no_record = true});
}

coro::Task<> RobotsGate::keep(std::unique_ptr<Prepared> archived,
                              std::optional<RobotsState> state) {
  if (parts_.committer == nullptr || (!archived && !state)) co_return;
  Commit commit;
  commit.archived = std::move(archived);
  commit.robots = std::move(state);
  auto committing = parts_.committer->commit(std::move(commit));
  co_await std::move(committing);
}

void RobotsGate::forget_old_errors() {
  std::erase_if(searches_, [this](const auto& item) {
    return item.second->ready.is_set() && item.second->holds_until <= clock().now();
  });
}

}  // namespace trawl::crawl
