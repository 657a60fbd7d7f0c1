#pragma once
// RobotsGate: may this URL be fetched, as its origin's robots.txt says (RFC 9309). Answers from a
// cache, then from the store, then fetches robots.txt through the session of its shard, once for
// all who wait for it. What is fetched is stored at once. Loop thread only.

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/coro/event.hpp"
#include "core/coro/task.hpp"
#include "core/crawl/committer.hpp"
#include "core/crawl/job.hpp"
#include "core/crawl/robots_cache.hpp"
#include "core/crawl/site_settings.hpp"
#include "core/crawl/store.hpp"
#include "core/crawl/transport_security.hpp"
#include "core/http/session.hpp"
#include "core/web/robots.hpp"
#include "core/web/url.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace trawl::crawl {

// What an answer to a request for robots.txt means (RFC 9309 2.3.1): its rules for 2xx, none for
// 4xx but 429. Errors: robots_unreachable for all else.
Result<web::Robots> robots_rules(const RobotsState& state, std::string_view product_token);

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
    // Of the answer that was the error, or that older rules stand in for: for politeness.
    std::optional<int> status;
    std::optional<Millis> retry_after;
  };

  // committer: null where nothing is stored; then only the cache remembers.
  RobotsGate(const SiteSettings& sites, http::Session& session, Committer* committer,
             coro::Executor executor, Clock& clock, std::size_t cache_bytes_max);

  // Before the first check: whom not to ask over plain text.
  void secure_by(TransportSecurity& security) { security_ = &security; }

  // Throws Failure when the store does.
  coro::Task<Answer> check(web::Url url);
  struct Sitemaps {
    std::optional<std::vector<std::string>> urls;  // absent: there was no robots.txt to be had
    bool fetched = false;                          // as Answer's
  };
  // The Sitemap lines of the URL's origin as they are written, whatever the job's policy.
  coro::Task<Sitemaps> sitemaps(web::Url url);

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
    Mono holds_until{};
  };
  struct Fetched {
    RobotsState state;
    std::optional<Millis> retry_after;
  };

  coro::Task<std::shared_ptr<Search>> search(std::string origin);
  coro::Task<> run(std::shared_ptr<Search> search, std::string origin);
  coro::Task<Result<Fetched>> fetch(std::string origin);
  const JobSpec& settings_of(const std::string& url) const;
  std::optional<web::Url> secured_form(const std::string& url) const;
  bool take(Search& search, const RobotsState& state, Mono fresh_until);
  void forget_old_errors();
  Answer decide(const web::Robots& rules, const web::Url& url) const;

  const SiteSettings& sites_;
  const JobSpec& job_;
  std::string product_token_;
  http::Session& session_;
  Committer* committer_;
  coro::Executor executor_;
  Clock& clock_;
  TransportSecurity* security_ = nullptr;
  RobotsCache cache_;
  // Being made, or ended with an error that still holds. By origin.
  std::map<std::string, std::shared_ptr<Search>> searches_;
};

}  // namespace trawl::crawl
