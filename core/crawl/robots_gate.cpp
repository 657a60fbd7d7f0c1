// A host whose robots.txt can't be had is not crawled, however tempting: 5xx means "not now", and a
// network error is the URL's own error. 4xx means that there are no rules. Rules that were had once
// and are past their time still hold while newer ones can't be had (RFC 9309 2.4).
#include "core/crawl/robots_gate.hpp"

#include "core/base/limits.hpp"
#include "core/base/log.hpp"
#include "core/coro/time.hpp"
#include "core/crawl/retry_after.hpp"
#include "core/web/decode.hpp"
#include "core/web/digest.hpp"
#include "core/web/host.hpp"

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

}  // namespace

Result<web::Robots> robots_rules(const RobotsState& state, std::string_view product_token) {
  const int status = state.status;
  if (status >= 200 && status < 300) return web::Robots::parse(state.body, product_token);
  if ((status >= 400 && status < 500 && status != 429) ||
      is_redirect(status))  // RFC 9309 2.3.1.2: too many hops: as if unavailable
    return web::Robots::allow_all();
  return fail(Errc::robots_unreachable, fmt::format("robots.txt answered with status {}", status));
}

RobotsGate::RobotsGate(const SiteSettings& sites, http::Session& session, Committer* committer,
                       coro::Executor executor, Clock& clock, std::size_t cache_bytes_max)
    : sites_(sites),
      job_(sites.job()),
      product_token_(product_token(job_)),
      session_(session),
      committer_(committer),
      executor_(std::move(executor)),
      clock_(clock),
      cache_(cache_bytes_max) {}

coro::Task<RobotsGate::Answer> RobotsGate::check(web::Url url) {
  if (job_.robots.policy == RobotsPolicy::ignore) co_return Answer{};
  std::string origin = url.origin();
  if (const auto rules = cache_.find(web::fingerprint(origin), clock_.now()))
    co_return decide(*rules, url);
  const Mono asked_at = clock_.now();
  auto searching = search(std::move(origin));
  const auto found = co_await std::move(searching);
  if (found->rules) {
    Answer answer = decide(*found->rules, url);
    answer.fetched = found->fetched_at >= asked_at;
    answer.status = found->status;  // of newer rules that could not be had
    answer.retry_after = found->retry_after;
    co_return answer;
  }
  co_return Answer{.error = found->error,
                   .fetched = found->fetched_at >= asked_at,
                   .status = found->status,
                   .retry_after = found->retry_after};
}

RobotsGate::Answer RobotsGate::decide(const web::Robots& rules, const web::Url& url) const {
  Answer answer;
  if (const auto delay = rules.crawl_delay_s(); delay && *delay >= 0)
    answer.crawl_delay = Millis{static_cast<std::int64_t>(std::min(*delay, 1e6) * 1000)};
  const auto verdict = rules.check(url.path_and_query());
  answer.allowed = verdict.allowed;
  if (verdict.line != 0) answer.rule = fmt::format("line {}: {}", verdict.line, verdict.rule);
  return answer;
}

coro::Task<RobotsGate::Sitemaps> RobotsGate::sitemaps(web::Url url) {
  std::string origin = url.origin();
  if (const auto rules = cache_.find(web::fingerprint(origin), clock_.now()))
    co_return Sitemaps{.urls = rules->sitemaps()};
  const Mono asked_at = clock_.now();
  auto searching = search(std::move(origin));
  const auto found = co_await std::move(searching);
  Sitemaps named{.fetched = found->fetched_at >= asked_at};
  if (found->rules) named.urls = found->rules->sitemaps();
  co_return named;
}

coro::Task<std::shared_ptr<RobotsGate::Search>> RobotsGate::search(std::string origin) {
  if (const auto found = searches_.find(origin); found != searches_.end()) {
    const auto search = found->second;
    const bool ended = search->ready.is_set();
    if (!ended) co_await search->ready.wait();
    if (!ended || clock_.now() < search->holds_until) co_return search;
  }
  if (searches_.size() > errors_max) forget_old_errors();
  const auto search = std::make_shared<Search>(executor_);
  searches_[origin] = search;
  auto running = run(search, origin);
  co_await std::move(running);
  if (search->rules) searches_.erase(origin);
  co_return search;
}

coro::Task<> RobotsGate::run(std::shared_ptr<Search> search, std::string origin) {
  // Whoever waits must be woken even when this task is cancelled.
  struct Wake {
    Search& search;
    ~Wake() { search.ready.set(); }
  };
  const Wake wake{*search};
  std::optional<RobotsState> stored;
  if (committer_ != nullptr) {
    auto remembering = committer_->robots(origin);
    stored = co_await std::move(remembering);
  }
  const Mono begun = clock_.now();
  if (stored) {
    const Millis age = clock_.wall() - Wall{Millis{stored->fetched_ms}};
    if (age >= Millis{0} && age < job_.robots.ttl &&
        take(*search, *stored, begun + (job_.robots.ttl - age)))
      co_return;
  }
  auto fetching = fetch(origin);
  auto fetched = co_await std::move(fetching);
  search->fetched_at = clock_.now();
  if (!fetched) {
    search->error = Error{fetched.error().code, "robots.txt: " + fetched.error().detail};
  } else if (take(*search, fetched->state, clock_.now() + job_.robots.ttl)) {
    if (committer_ == nullptr) co_return;
    auto committing = committer_->commit({.robots = std::move(fetched->state)});
    co_await std::move(committing);
    co_return;
  } else {
    search->status = fetched->state.status;
    search->retry_after = fetched->retry_after;
  }
  if (stored && take(*search, *stored, clock_.now() + stale_ttl)) {
    log("robots")->info("{}: {}; going by the rules of an earlier visit", origin,
                        printable(search->error.message()));
    co_return;
  }
  // Not longer than until the URL's next attempt, which has to be one.
  search->holds_until = clock_.now() + std::min(error_ttl, settings_of(origin).fetch.backoff_min);
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

coro::Task<Result<RobotsGate::Fetched>> RobotsGate::fetch(std::string origin) {
  std::string target = origin + "/robots.txt";
  Fetched fetched{.state = {.origin = origin}};
  RobotsState& state = fetched.state;
  std::vector<std::string> asked;
  for (std::size_t hop = 0; hop <= limits::robots_redirects_max; ++hop) {
    http::MemorySink sink{received_bytes_max};
    if (const auto secured = secured_form(target)) target = secured->without_fragment();
    asked.push_back(target);
    const JobSpec& settings = settings_of(target);
    // Its turn is that of the URL that waits for the rules; what follows keeps the delay itself.
    if (hop > 0 && settings.politeness.delay > Millis{0})
      co_await coro::sleep_for(settings.politeness.delay);
    http::Request request{.url = target,
                          .timeouts = settings.fetch.timeouts,
                          .tls_verify = settings.fetch.tls_verify};
    request.headers = fields_of_site(settings, job_);
    request.headers.emplace_back("Accept-Encoding", "identity");
    auto fetching = session_.fetch(std::move(request), sink);
    const auto response = co_await std::move(fetching);
    // Another server's trouble is not the host's own.
    if (!response && hop > 0)
      co_return fail(Errc::robots_unreachable,
                     fmt::format("it redirects to {}: {}", target, response.error().message()));
    if (!response) co_return std::unexpected(response.error());
    const auto base = web::Url::parse(target);
    if (security_ != nullptr)
      security_->on_answer(*base, response->headers, settings.fetch.tls_verify, clock_.wall());
    state.status = response->status;
    state.fetched_ms = clock_.wall().time_since_epoch().count();
    state.body = sink.body();
    fetched.retry_after = retry_after_of(response->headers, clock_.wall());
    if (!is_redirect(response->status)) {
      // Of rules that broke off nobody knows what the rest says.
      const bool rules = response->status >= 200 && response->status < 300;
      if (response->broken && (rules || state.body.empty()))
        co_return std::unexpected(*response->broken);
      const auto coding = http::find_header(response->headers, "content-encoding");
      if (rules && !coding.empty()) {
        auto decoded =
            web::decode_all(coding, state.body, {.decoded_bytes_max = received_bytes_max});
        if (decoded && decoded->incomplete)
          decoded = fail(Errc::body_truncated, "the coded body ends early");
        if (!decoded) co_return std::unexpected(decoded.error());
        state.body = std::move(decoded->body);
      }
      break;
    }
    const auto location = http::find_header(response->headers, "location");
    const auto next = web::Url::parse(location, &*base);
    if (location.empty() || !next || !next->is_http()) break;
    target = next->without_fragment();
    if (std::ranges::find(asked, target) != asked.end()) break;  // a circle
  }
  log("robots")->debug("{} status {} {} bytes", origin, state.status, state.body.size());
  co_return fetched;
}

std::optional<web::Url> RobotsGate::secured_form(const std::string& url) const {
  if (security_ == nullptr) return std::nullopt;
  const auto parsed = web::Url::parse(url);
  return parsed ? security_->secured(*parsed, clock_.wall()) : std::nullopt;
}

// Each hop by what holds for its own host, so that no host gets the headers of another.
const JobSpec& RobotsGate::settings_of(const std::string& url) const {
  if (sites_.empty()) return job_;
  const auto parsed = web::Url::parse(url);
  return parsed ? sites_.of(web::host_key(*parsed)) : job_;
}

void RobotsGate::forget_old_errors() {
  std::erase_if(searches_, [this](const auto& item) {
    return item.second->ready.is_set() && item.second->holds_until <= clock_.now();
  });
}

}  // namespace trawl::crawl
