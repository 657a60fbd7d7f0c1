#pragma once
// RobotsGate: may this URL be fetched, as its origin's robots.txt says (RFC 9309). Answers from a
// cache; fetches robots.txt through the session of its shard, once for all who wait for it.
// Loop thread only.

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/coro/event.hpp"
#include "core/coro/task.hpp"
#include "core/crawl/job.hpp"
#include "core/crawl/store.hpp"
#include "core/http/session.hpp"
#include "core/web/robots.hpp"
#include "core/web/url.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace trawl::crawl {

class RobotsGate {
 public:
  struct Answer {
    bool allowed = true;
    std::string rule;  // "line 12: Disallow: /private"; empty when none decided
    std::optional<Millis> crawl_delay;
    std::optional<RobotsState> fetched;  // freshly fetched: to be committed with the URL's result
  };

  RobotsGate(const JobSpec& job, http::Session& session, coro::Executor executor, Clock& clock);

  // What an earlier run has stored; rules past their ttl are forgotten.
  void remember(const RobotsState& state);

  // Errors: robots_unreachable for 5xx and 429 answers (RFC 9309 2.3.1.4); for a host that does not
  // answer, the network's own error, since the URL could not be had either.
  coro::Task<Result<Answer>> check(web::Url url);
  // The Sitemap lines of the URL's origin as they are written, whatever the job's policy. Errors as
  // above.
  coro::Task<Result<std::vector<std::string>>> sitemaps(web::Url url);

 private:
  struct Entry {
    explicit Entry(const coro::Executor& executor) : ready(executor) {}
    coro::Event ready;
    web::Robots rules;
    std::optional<Error> error;
    Mono expires{};
    std::optional<RobotsState> fresh;  // not yet handed to a caller
  };

  coro::Task<std::shared_ptr<Entry>> entry_for(const web::Url& url);
  coro::Task<> load(std::shared_ptr<Entry> entry, std::string origin);
  coro::Task<Result<RobotsState>> fetch(std::string origin);
  void fill(Entry& entry, const RobotsState& state, Millis age);
  void make_room();

  const JobSpec& job_;
  std::string product_token_;
  http::Session& session_;
  coro::Executor executor_;
  Clock& clock_;
  std::map<std::string, std::shared_ptr<Entry>> entries_;  // by origin
};

}  // namespace trawl::crawl
