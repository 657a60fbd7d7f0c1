// The requests of a search for robots.txt, each of which waits for its turn. Those that lead to
// other hosts are the business of their shards as well: what these know is in the store.
#include "core/base/limits.hpp"
#include "core/crawl/engine/robots_gate.hpp"
#include "core/crawl/hosts/host_turn.hpp"
#include "core/crawl/hosts/politeness.hpp"
#include "core/web/digest.hpp"
#include "core/web/url/host.hpp"

#include <utility>

namespace trawl::crawl {
namespace {

// Who waits for a turn at another host has a place among the job's visits meanwhile, which others
// could use; more than so many, and who would wait for longer, come back later.
constexpr std::size_t line_max = 4;
constexpr Millis wait_max{15'000};

}  // namespace

// Of several who ask at a time the others have waited for the first in vain.
RobotsGate::BeingAsked::BeingAsked(Events& all, std::string url, const coro::Executor& executor)
    : all_(all), url_(std::move(url)), answered_(std::make_shared<coro::Event>(executor)) {
  all_.try_emplace(url_, answered_);
}

RobotsGate::BeingAsked::~BeingAsked() {
  answered_->set();
  if (const auto own = all_.find(url_); own != all_.end() && own->second == answered_)
    all_.erase(own);
}

// Many hosts may redirect to the robots.txt of one, which is asked for it once: by the first, and
// the others wait for the answer.
coro::Task<std::optional<RobotsState>> RobotsGate::known(web::Url target) {
  if (parts_.committer == nullptr || target.path_and_query() != "/robots.txt")
    co_return std::nullopt;
  for (bool waited = false;; waited = true) {
    auto remembering = parts_.committer->robots(std::string{target.origin()});
    auto state = co_await std::move(remembering);
    if (state && is_fresh(*state) && robots_rules(*state, product_token_)) co_return state;
    const auto asked = being_asked_.find(std::string{target.without_fragment()});
    if (waited || asked == being_asked_.end()) co_return std::nullopt;
    const auto answered = asked->second;
    co_await answered->wait();
  }
}

coro::Task<> RobotsGate::keep_for_others(web::Url target, RobotsState state) {
  if (parts_.committer == nullptr || target.path_and_query() != "/robots.txt" ||
      !robots_rules(state, product_token_))
    co_return;
  state.origin = target.origin();
  auto committing = parts_.committer->commit({.robots = std::move(state)});
  co_await std::move(committing);
}

// The first request is the turn of the URL that waits for the rules; what follows, and what goes to
// another host, waits for its own.
coro::Task<Result<http::Response>> RobotsGate::ask(web::Url target, http::MemorySink& sink,
                                                   Way& way) {
  const JobSpec& settings = settings_of(target);
  const std::string host = web::host_key(target);
  const bool own = host == way.host;
  const PolitenessSpec& politeness = settings.politeness;
  HostTurn turn{executor_, parts_.buckets, clock(), host, bucket_limits(politeness)};
  if (const auto since = own ? std::exchange(way.since, std::nullopt) : std::nullopt) {
    auto using_it = turn.use(*since, parts_.turns);
    way.crowded = !co_await std::move(using_it);
  } else if (own) {
    auto taking = turn.take({.patience_for_place = Millis{0}, .gate = parts_.turns});
    way.crowded = !co_await std::move(taking);
  } else {
    auto taking = turn.take({.patience_for_place = HostTurn::patience,
                             .line_max = line_max,
                             .wait_max = wait_max,
                             .gate = parts_.turns});
    way.crowded = !co_await std::move(taking);
  }
  if (way.crowded) co_return fail(Errc::robots_unreachable, "too many wait for a turn there");
  http::Request request{.url = std::string{target.without_fragment()},
                        .headers = fields_of_site(settings, job_),
                        .timeouts = settings.fetch.timeouts,
                        .tls_verify = settings.fetch.tls_verify};
  request.headers.emplace_back("Accept-Encoding", "identity");
  const Mono begun = clock().now();
  auto fetching = parts_.session.fetch(std::move(request), sink);
  auto response = co_await std::move(fetching);
  auto report = report_of(response ? &*response : nullptr,
                          std::chrono::ceil<Millis>(clock().now() - begun), clock().wall());
  if (own) {
    report.crawl_delay = way.crawl_delay;
  } else {
    auto looking = crawl_delay_at(target);
    report.crawl_delay = co_await std::move(looking);
  }
  turn.give_back(politeness, report);
  if (own && response) way.ip = response->ip;
  if (response && parts_.security != nullptr)
    parts_.security->on_answer(target, response->headers, settings.fetch.tls_verify,
                               clock().wall());
  co_return response;
}

// As it is known so far. What a host of another shard asks for is in the store.
coro::Task<std::optional<Millis>> RobotsGate::crawl_delay_at(web::Url target) {
  const std::string origin = target.origin();
  if (const auto rules = cache_.find(web::fingerprint(origin), clock().now()))
    co_return crawl_delay_of(*rules);
  if (parts_.committer == nullptr) co_return std::nullopt;
  auto remembering = parts_.committer->robots(origin);
  const auto stored = co_await std::move(remembering);
  if (!stored) co_return std::nullopt;
  const auto rules = robots_rules(*stored, product_token_);
  co_return rules ? crawl_delay_of(*rules) : std::nullopt;
}

// Each hop by what holds for its own host, so that no host gets the headers of another.
const JobSpec& RobotsGate::settings_of(const web::Url& url) const {
  return parts_.sites.empty() ? job_ : parts_.sites.of(web::host_key(url));
}

}  // namespace trawl::crawl
