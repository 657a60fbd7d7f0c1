#pragma once
// What crawl.db knows about one URL and its surroundings, for explanations. Reading connections
// only; each call is a query of its own, so a job may go on between two of them.

#include "core/crawl/state/record.hpp"
#include "core/crawl/state/store.hpp"
#include "storage/sqlite/db.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trawl::storage {

struct UrlRow {
  crawl::UrlId id;
  crawl::Record record;
  std::optional<crawl::UrlId> via;
  std::int64_t due_ms = 0;  // of a queued URL; wall clock, ms since 1970; 0: at once
  std::vector<std::uint64_t> redirect_chain;  // when not empty, `via` redirected here
  crawl::SitemapRole sitemap;
};

// The row of exactly this URL; host is its host key. Of several, and with a method, as
// find_record() has it. Costs a scan of that host's URLs.
std::optional<UrlRow> find_url(Db& db, std::string_view url, std::string_view host,
                               std::string_view method = {});

// One step of the way to a URL.
struct ViaStep {
  std::string url;
  int depth = 0;
  bool redirected = false;  // the next one was found by a redirect of this one, not by a link
  crawl::SitemapRole sitemap;

  bool is_sitemap() const { return sitemap.value_or(0) > 0; }
};

// How a URL was found: the URL it was found on, the one that was found on, and so on up to a seed;
// at most steps_max.
std::vector<ViaStep> via_chain(Db& db, const UrlRow& row, std::size_t steps_max);

struct HostFacts {
  crawl::HostState state;
  std::uint64_t queued_before = 0;  // URLs that go out before the given one
};

// row: a URL of the host, for the queue before it; may be absent. Costs a scan of the host's URLs.
std::optional<HostFacts> host_facts(Db& db, std::string_view host, const UrlRow* row, Wall now);

std::optional<crawl::RobotsState> stored_robots(Db& db, std::string_view origin);
std::vector<std::string> robots_origins(Db& db);
// By host and shape; only the host's when one is given.
std::vector<crawl::PatternState> stored_patterns(Db& db, std::string_view host = {});
std::optional<std::string> stored_meta(Db& db, std::string_view key);

// Which of these URLs are known, whatever the case of their letters, as they are known.
std::vector<std::string> known_among(Db& db, std::string_view host,
                                     const std::vector<std::string>& urls);
// URLs of a host that redirect to this one, at most count_max. Costs a scan of the host's results.
std::vector<std::string> redirects_to(Db& db, std::string_view host, std::string_view url,
                                      std::size_t count_max);

// As Store::each_seed(). Scans all URLs.
void each_seed(Db& db, const std::function<void(const crawl::KnownSeed&)>& visit);

}  // namespace trawl::storage
