// A host whose robots.txt can't be had is not crawled, however tempting: 5xx means "not now", and a
// network error is the URL's own error. 4xx means that there are no rules.
#include "core/crawl/robots_gate.hpp"

#include "core/base/limits.hpp"
#include "core/base/log.hpp"

#include <fmt/format.h>

namespace trawl::crawl {
namespace {

constexpr Millis error_ttl{5'000};  // what could not be had is asked for again after this
constexpr std::size_t origins_max = 100'000;

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

}  // namespace

RobotsGate::RobotsGate(const JobSpec& job, http::Session& session, coro::Executor executor,
                       Clock& clock)
    : job_(job),
      product_token_(product_token(job)),
      session_(session),
      executor_(std::move(executor)),
      clock_(clock) {}

void RobotsGate::remember(const RobotsState& state) {
  const Millis age = clock_.wall() - Wall{Millis{state.fetched_ms}};
  if (age >= job_.robots.ttl || age < Millis{0}) return;
  auto entry = std::make_shared<Entry>(executor_);
  fill(*entry, state, age);
  entry->ready.set();
  entries_[state.origin] = std::move(entry);
}

coro::Task<Result<RobotsGate::Answer>> RobotsGate::check(web::Url url) {
  if (job_.robots.policy == RobotsPolicy::ignore) co_return Answer{};
  auto finding = entry_for(url);
  const auto entry = co_await std::move(finding);
  if (entry->error) co_return std::unexpected(*entry->error);
  Answer answer;
  answer.fetched = std::exchange(entry->fresh, std::nullopt);
  if (const auto delay = entry->rules.crawl_delay_s(); delay && *delay >= 0)
    answer.crawl_delay = Millis{static_cast<std::int64_t>(std::min(*delay, 1e6) * 1000)};
  const auto verdict = entry->rules.check(url.path_and_query());
  answer.allowed = verdict.allowed;
  if (verdict.line != 0) answer.rule = fmt::format("line {}: {}", verdict.line, verdict.rule);
  co_return answer;
}

coro::Task<Result<std::vector<std::string>>> RobotsGate::sitemaps(web::Url url) {
  auto finding = entry_for(url);
  const auto entry = co_await std::move(finding);
  if (entry->error) co_return std::unexpected(*entry->error);
  co_return entry->rules.sitemaps();
}

coro::Task<std::shared_ptr<RobotsGate::Entry>> RobotsGate::entry_for(const web::Url& url) {
  std::string origin = url.origin();
  const auto found = entries_.find(origin);
  if (found != entries_.end()) {
    const auto entry = found->second;
    if (!entry->ready.is_set()) co_await entry->ready.wait();
    if (clock_.now() < entry->expires) co_return entry;
    // Another waiter may have begun to renew it meanwhile.
    if (const auto again = entries_.find(origin);
        again != entries_.end() && again->second != entry) {
      const auto renewed = again->second;
      co_await renewed->ready.wait();
      co_return renewed;
    }
  }
  make_room();
  const auto entry = std::make_shared<Entry>(executor_);
  entries_[origin] = entry;
  auto loading = load(entry, std::move(origin));
  co_await std::move(loading);
  co_return entry;
}

coro::Task<> RobotsGate::load(std::shared_ptr<Entry> entry, std::string origin) {
  // Whoever waits must be woken even when this task is cancelled.
  struct Wake {
    Entry& entry;
    ~Wake() { entry.ready.set(); }
  };
  const Wake wake{*entry};
  entry->error = Error{Errc::cancelled, "while robots.txt was fetched"};
  auto fetching = fetch(origin);
  auto state = co_await std::move(fetching);
  entry->error.reset();
  if (!state) {
    entry->error = Error{state.error().code, "robots.txt: " + state.error().detail};
    // Not longer than until the URL's next attempt, which has to be one.
    entry->expires = clock_.now() + std::min(error_ttl, job_.fetch.backoff_min);
    co_return;
  }
  fill(*entry, *state, Millis{0});
  entry->fresh = std::move(*state);
}

void RobotsGate::fill(Entry& entry, const RobotsState& state, Millis age) {
  entry.expires = clock_.now() + (job_.robots.ttl - age);
  if (state.status >= 200 && state.status < 300) {
    entry.rules = web::Robots::parse(state.body, product_token_);
  } else if ((state.status >= 400 && state.status < 500 && state.status != 429) ||
             is_redirect(state.status)) {  // RFC 9309 2.3.1.2: too many hops: as if unavailable
    entry.rules = web::Robots::allow_all();
  } else {
    entry.error = Error{Errc::robots_unreachable,
                        fmt::format("robots.txt answered with status {}", state.status)};
    entry.expires = clock_.now() + error_ttl;
  }
}

coro::Task<Result<RobotsState>> RobotsGate::fetch(std::string origin) {
  std::string target = origin + "/robots.txt";
  RobotsState state{.origin = origin};
  for (std::size_t hop = 0; hop <= limits::robots_redirects_max; ++hop) {
    http::MemorySink sink{limits::robots_bytes_max};
    http::Request request{.url = target,
                          .headers = {{"Accept-Encoding", "identity"}},
                          .timeouts = job_.fetch.timeouts,
                          .tls_verify = job_.fetch.tls_verify};
    auto fetching = session_.fetch(std::move(request), sink);
    const auto response = co_await std::move(fetching);
    if (!response) co_return std::unexpected(response.error());
    state.status = response->status;
    state.fetched_ms = clock_.wall().time_since_epoch().count();
    state.body = sink.body();
    if (!is_redirect(response->status)) {
      if (response->broken && state.body.empty()) co_return std::unexpected(*response->broken);
      break;
    }
    const auto base = web::Url::parse(target);
    const auto next = web::Url::parse(http::find_header(response->headers, "location"), &*base);
    if (!next || !next->is_http()) break;
    target = next->without_fragment();
  }
  log("robots")->debug("{} status {} {} bytes", origin, state.status, state.body.size());
  co_return state;
}

void RobotsGate::make_room() {
  if (entries_.size() < origins_max) return;
  std::erase_if(entries_, [this](const auto& item) {
    return item.second->ready.is_set() && item.second->expires < clock_.now();
  });
  // Still full of living rules: any of them can be fetched again.
  for (auto at = entries_.begin(); entries_.size() >= origins_max && at != entries_.end();)
    at = at->second->ready.is_set() ? entries_.erase(at) : std::next(at);
}

}  // namespace trawl::crawl
