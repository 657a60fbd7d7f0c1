#pragma once
// RobotsGate: may this URL be fetched, as its origin's robots.txt says (RFC 9309). Answers from a
// cache, then from the store, then fetches robots.txt through the session of its shard, once for
// all who wait for it; where serve() runs, also when they wait no more. What is fetched is stored
// at once. Loop thread only.

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/coro/event.hpp"
#include "core/coro/group.hpp"
#include "core/coro/task.hpp"
#include "core/crawl/engine/committer.hpp"
#include "core/crawl/engine/robots_cache.hpp"
#include "core/crawl/engine/transport_security.hpp"
#include "core/crawl/hosts/host_turn.hpp"
#include "core/crawl/hosts/politeness_buckets.hpp"
#include "core/crawl/job/job.hpp"
#include "core/crawl/job/site_settings.hpp"
#include "core/crawl/state/archive.hpp"
#include "core/crawl/state/store.hpp"
#include "core/http/client/session.hpp"
#include "core/http/message/body_sink.hpp"
#include "core/web/robots/robots.hpp"
#include "core/web/url/url.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace trawl::crawl {

// What an answer to a request for robots.txt means (RFC 9309 2.3.1): its rules for 2xx, none for
// 3xx and 4xx but 429. Errors: robots_unreachable for all else.
Result<web::Robots> robots_rules(const RobotsState& state, std::string_view product_token);

// The Crawl-delay of the rules; at most eleven days.
std::optional<Millis> crawl_delay_of(const web::Robots& rules);

class RobotsGate {
 public:
  struct Answer {
    bool allowed = true;
    std::string rule;  // "line 12: Disallow: /private"; empty when none decided
    std::optional<Millis> crawl_delay;
    // There are no rules to go by: robots_unreachable for 5xx and 429 answers (RFC 9309 2.3.1.4);
    // for a host that does not answer, the network's own error.
    std::optional<Error> error;
    bool fetched = false;  // robots.txt was asked for while this was awaited
    // It redirects to a host where too many wait for their turn, or nobody is to wait any more: ask
    // again after crowded_wait.
    bool crowded = false;
    // Of the answer that was the error, or that older rules stand in for: for politeness.
    std::optional<int> status;
    std::optional<Millis> retry_after;
    std::string ip = {};  // where the origin's own server was, if it was asked
  };

  static constexpr Millis crowded_wait{30'000};

  struct Parts {
    const SiteSettings& sites;
    http::Session& session;
    Committer* committer;  // null where nothing is stored; then only the cache remembers
    const Archive* archive = nullptr;  // where answers are kept too; null where none are
    PolitenessBuckets& buckets;
    Clock& clock;
    TurnGate* turns = nullptr;              // null: turns are waited for as long as they take
    TransportSecurity* security = nullptr;  // whom not to ask over plain text
  };
  RobotsGate(const Parts& parts, coro::Executor executor, std::size_t cache_bytes_max);

  // turn_since: since when the caller has had a turn at the URL's host, in which its robots.txt is
  // asked for; nothing: it has none. has_waited: for its turn, since the rules were read for it;
  // they serve it, however old they are by now. Throws Failure when the store does.
  coro::Task<Answer> check(web::Url url, std::optional<Mono> turn_since, bool has_waited = false);
  struct Sitemaps {
    std::optional<std::vector<std::string>> urls;  // absent: there was no robots.txt to be had
    bool fetched = false;                          // as Answer's
    bool crowded = false;                          // likewise
  };
  // The Sitemap lines of the URL's origin as they are written, whatever the job's policy.
  coro::Task<Sitemaps> sitemaps(web::Url url, Mono turn_since, bool has_waited = false);

  // Runs what others wait for until it is cancelled, and cancels it then.
  coro::Task<> serve();

  // What its cache takes.
  std::size_t memory_bytes() const { return cache_.memory_bytes(); }
  void set_cache_bytes(std::size_t bytes_max) { cache_.set_bytes_max(bytes_max); }

 private:
  // One origin's way to its rules; shared by all who wait for them.
  struct Search {
    explicit Search(const coro::Executor& executor) : ready(executor) {}
    coro::Event ready;
    RobotsCache::Rules rules;        // null: error says why
    std::optional<Mono> fetched_at;  // over the network, well or not
    Error error{Errc::cancelled, "while robots.txt was fetched"};
    std::optional<int> status;
    std::optional<Millis> retry_after;
    std::string ip;
    bool crowded = false;
    Mono holds_until{};
  };
  struct Fetched {
    RobotsState state;
    std::optional<Millis> retry_after;
    std::unique_ptr<Prepared> archived;  // the last answer
  };

  // Of one search: whose turn its requests are, and what they met with.
  struct Way {
    std::string host;           // key; empty: nobody's
    std::optional<Mono> since;  // nothing: the turn is over, and the place is kept for more
    bool crowded = false;
    std::optional<Millis> crawl_delay;  // of the host, by rules that are past their time
    std::string ip;                     // where that was answered
  };
  using Events = std::map<std::string, std::shared_ptr<coro::Event>>;  // by URL
  // A URL that a host redirects to, while it is asked for and its answer stored.
  class BeingAsked {
   public:
    BeingAsked(Events& all, std::string url, const coro::Executor& executor);
    ~BeingAsked();
    BeingAsked(const BeingAsked&) = delete;
    BeingAsked& operator=(const BeingAsked&) = delete;

   private:
    Events& all_;
    std::string url_;
    std::shared_ptr<coro::Event> answered_;
  };

  coro::Task<> hold(coro::Group& group);
  coro::Task<std::shared_ptr<Search>> search(web::Url url, std::optional<Mono> turn_since);
  coro::Task<> run(std::shared_ptr<Search> search, std::string origin, Way way);
  coro::Task<Result<Fetched>> fetch(std::string origin, Way& way);
  coro::Task<Result<http::Response>> ask(web::Url target, http::MemorySink& sink, Way& way);
  coro::Task<std::optional<RobotsState>> known(web::Url target);
  coro::Task<> keep_for_others(web::Url target, RobotsState state);
  std::unique_ptr<Prepared> prepare(const std::string& url, const http::Response& response,
                                    const http::MemorySink& sink) const;
  coro::Task<> keep(std::unique_ptr<Prepared> archived, std::optional<RobotsState> state = {});
  bool is_fresh(const RobotsState& state) const;
  coro::Task<std::optional<Millis>> crawl_delay_at(web::Url target);
  Clock& clock() const { return parts_.clock; }
  const JobSpec& settings_of(const web::Url& url) const;
  bool take(Search& search, const RobotsState& state, Mono fresh_until);
  coro::Task<RobotsCache::Rules> rules_for(web::Url url, bool has_waited);
  void forget_old_errors();
  Answer decide(const web::Robots& rules, const web::Url& url) const;

  Parts parts_;
  const JobSpec& job_;
  std::string product_token_;
  coro::Executor executor_;
  RobotsCache cache_;
  // Being made, or ended with an error that still holds. By origin.
  std::map<std::string, std::shared_ptr<Search>> searches_;
  Events being_asked_;
  coro::Group* group_ = nullptr;  // while serve() runs
};

}  // namespace trawl::crawl
