#pragma once
// Store: the commit point of a job. A plain synchronous class; every call is made on the job's
// writer thread. Implemented by storage (SQLite) and by the tests' MemoryStore; both pass the
// contract suite in tests/contract.

#include "core/crawl/job/page_history.hpp"
#include "core/crawl/job/request_spec.hpp"
#include "core/crawl/state/archive.hpp"
#include "core/crawl/state/kept_part.hpp"
#include "core/crawl/state/lane.hpp"
#include "core/crawl/state/record.hpp"
#include "core/crawl/state/run_record.hpp"
#include "core/web/headers/cookie_jar.hpp"
#include "core/web/headers/hsts.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace trawl::crawl {

// What a URL has to do with sitemaps. Absent: nothing; 0: one lists it; n > 0: it is one, the n-th
// on the way through indexes.
using SitemapRole = std::optional<int>;

// Of a URL that was refused where it was found: elsewhere, or later, it may still be admitted. It
// was never asked for.
constexpr bool is_refusal(Errc code) {
  return code == Errc::depth || code == Errc::scope || code == Errc::trap;
}

// Of an exclusion that was decided when the URL's turn came, so that it may be otherwise at another
// time.
constexpr bool may_pass(Errc code) {
  return code == Errc::robots || code == Errc::private_address || code == Errc::limit;
}

// Which known URLs a run begins with queueing anew.
enum class Again : std::uint8_t {
  nothing,
  failed,    // or last answered with a status that passes (retry_class())
  passing,   // excluded for what may_pass()
  left_out,  // fetched before, and excluded by the scope since
  cut,       // fetched, but cut by fetch.max_body
  all,       // fetched, failed, or excluded for what may_pass()
};

// A URL that becomes known: queued, or excluded with the reason.
struct NewUrl {
  std::string url;   // canonical
  std::string host;  // web::host_key
  int depth = 0;
  std::optional<UrlId> via;
  std::vector<std::uint64_t> redirect_chain;  // fingerprints of the URLs that redirected here
  std::optional<Errc> excluded;               // absent: queued
  std::string excluded_detail;
  std::optional<UrlId> replaces;  // its row as one that was refused, which this one supersedes
  SitemapRole sitemap;
  std::string sitemap_lastmod;  // W3C datetime, as the sitemap that lists it has it
  SharedRequest request = {};   // null: a plain GET
  int priority = 0;             // within its host: priority_max goes out first
  std::string changefreq = {};  // "daily" and the like, as the sitemap has it
};

// One that was refused, and may be admitted by other rules.
struct RefusedUrl {
  NewUrl url;       // replaces its row
  std::string via;  // the URL of NewUrl::via; empty: nobody led to it
};

// The note in the record of what was taken because a page of the scope refers to it, and from
// outside of the scope's mode (scope.outlinks): its links were not followed.
inline constexpr std::string_view outlink_note = "outlink";

// A known URL, as a start needs it.
struct KnownUrl {
  std::string_view url;
  UrlId id;
  bool refused = false;        // is_refusal(), and nothing is known of it
  std::uint64_t identity = 0;  // identity_of() its request
};

// A seed, or where one redirected, as the scope needs it at a start.
struct KnownSeed {
  UrlId id;
  std::string_view url;
  SitemapRole sitemap;
  std::string_view redirect_to;  // empty when it was not fetched or did not redirect
  // Fingerprints of the hops that led here, the seed first; empty: none did.
  std::vector<std::uint64_t> redirect_chain = {};
  bool is_page = false;   // the last answer was one, also when it is queued again
  bool left_out = false;  // it was fetched, and the scope has excluded it since
  bool queued = false;    // it is to be asked, so that its last answer may be over
};

// What a known URL is from now on: a seed that is named, or where one redirects.
struct SeedRole {
  std::optional<UrlId> via;                   // what redirects to it
  std::vector<std::uint64_t> redirect_chain;  // as NewUrl has it; empty: it is named
};
using SeedRoles = std::unordered_map<std::uint64_t, SeedRole>;  // by fingerprint

// A queued URL as the frontier gets it.
struct QueuedUrl {
  UrlId id;
  std::string url;
  int depth = 0;
  int attempts = 0;
  std::int64_t due_ms = 0;  // wall clock, ms since 1970; 0: at once
  std::vector<std::uint64_t> redirect_chain;
  SitemapRole sitemap;
  bool fetched_before = false;  // the store has a result or a history of it
  int advances = 0;             // attempts of this run that is_advance() does not count
  SharedRequest request = {};
  bool needs_host = false;  // its mirrors had it not, while its host was not to be asked

  // Somebody asked for it by name, or it is where such a one redirected to.
  bool is_seed() const { return depth == 0 && !sitemap; }
  bool is_sitemap() const { return sitemap.value_or(0) > 0; }
  bool has_mirrors() const { return request && !request->mirrors.empty(); }
  // Need not wait for its host.
  bool goes_to_mirrors() const { return has_mirrors() && !needs_host; }
  std::string_view method() const { return request ? std::string_view{request->method} : "GET"; }
  std::uint64_t fingerprint() const { return request_fingerprint(url, request.get()); }
};

// What is remembered of a host that is not as usual: throttled, failing, or with a Crawl-delay.
struct HealthRecord {
  Millis interval{0};          // at least, between two fetches; 0: as the job has it
  int overloads_in_a_row = 0;  // 429, 503, timeouts
  Millis wait{0};              // the one that next_fetch_ms came of, while interval is not 0
  int failures_in_a_row = 0;   // without any answer
  int failed_probes = 0;
  std::int64_t open_until_ms = 0;  // of the breaker; wall clock, ms since 1970; 0: closed
  std::optional<Millis> crawl_delay;
  std::optional<Errc> error;  // the last failure's
  std::string error_detail;
  bool operator==(const HealthRecord&) const = default;
};

// What a sitemap says of URLs that are known: when they changed.
struct SitemapNews {
  std::string host;                                             // key
  std::vector<std::pair<std::uint64_t, std::int64_t>> lastmod;  // by fingerprint, rising; ms
};

// What is remembered about a host over a restart.
struct HostState {
  std::int64_t id = 0;
  std::string key;
  std::int64_t next_fetch_ms = 0;  // wall clock, ms since 1970: not before
  std::int64_t pages_fetched = 0;
  // In a batch: absent is unchanged. Read back: absent when there is nothing to remember.
  std::optional<HealthRecord> health{};
};

// What is remembered about an origin's robots.txt.
struct RobotsState {
  std::string origin;
  std::int64_t fetched_ms = 0;
  int status = 0;    // HTTP status; 0: unreachable
  std::string body;  // cut at the limit
  bool operator==(const RobotsState&) const = default;
};

// What is remembered about the URLs of one shape (url_shape.hpp) on a host.
struct PatternState {
  std::int64_t host = 0;
  std::string shape;
  std::uint64_t fetched = 0;
  std::uint64_t fresh = 0;    // of them: brought something new
  std::uint64_t refused = 0;  // excluded as a trap
  std::uint32_t block = 0;    // pages of the last judgement
  std::uint32_t block_fresh = 0;
  int rank = 0;  // 0: all are fetched; n: one in 4^n; 4: none
  bool operator==(const PatternState&) const = default;
};

// A changed URL: a final outcome, or a retry that stays queued, or is queued again.
struct UrlUpdate {
  UrlId id;
  Outcome outcome;  // state queued: attempts, error, due, and a "revisit" with its file name alone
  std::int64_t due_ms = 0;
  std::optional<bool> request_sent = {};    // changes `sent` of its request
  std::optional<PageHistory> history = {};  // of a final outcome; absent: as it was
};

// The part of a URL's body that is kept from now on; absent: none.
struct PartUpdate {
  UrlId id;
  std::optional<KeptPart> part;
};

// One transaction.
struct StoreBatch {
  std::vector<NewUrl> admitted;
  std::vector<UrlUpdate> updates;
  std::vector<HostState> hosts;  // by id; key may be empty
  std::vector<RobotsState> robots;
  std::vector<PartUpdate> parts;
  std::vector<PatternState> patterns;  // of hosts that are known
  std::vector<ArchiveMark> marks;
  std::vector<web::CookieChange> cookies;  // in the order in which they were made
  std::vector<web::HstsChange> hsts;       // likewise
  std::map<std::string, std::string> meta;
  std::optional<RunRecord> run = {};  // in the place of what there is of the same run
};

// What became of SeedRoles.
struct MadeSeeds {
  std::size_t made = 0;  // that were something else
  bool admit = false;    // one was no hop or seed, or excluded: what was refused is to be judged
  std::vector<QueuedUrl> queued;  // anew, in the order of their ids
};

struct StoreTotals {
  std::uint64_t queued = 0, fetched = 0, failed = 0, excluded = 0;
  std::uint64_t bytes_wire = 0;  // of all final outcomes, repeated fetches included
  bool operator==(const StoreTotals&) const = default;
};

// The key of `meta` that is there, and not empty, while a round of requeue() is under way.
inline constexpr const char* requeue_cursor_key = "requeue.after";
// For which interval all pages have been given a time; empty: for none.
inline constexpr const char* recrawl_interval_key = "recrawl.interval";

// What earlier fetches of a URL have left.
struct Recalled {
  std::optional<Outcome> result;
  KnownHistory history;
};

// Reads what is committed, beside a store that writes: on a thread of its own.
class StoreReader {
 public:
  virtual ~StoreReader() = default;
  virtual Recalled recall(UrlId id) = 0;
};

class Store {
 public:
  virtual ~Store() = default;

  // Any thread; the reader doesn't outlive the store. Null: it can't be read beside.
  virtual std::unique_ptr<StoreReader> reader() const { return nullptr; }

  // One durable transaction: after it returns, the batch survives a power cut. Returns the ids of
  // batch.admitted, in order. The caller has made sure that admitted URLs are new, or that
  // `replaces` names their one row: it goes, and the URL gets a new number at the queue's end.
  // Throws Failure{disk_full, io, damaged}; then nothing of the batch is stored.
  virtual std::vector<UrlId> apply(const StoreBatch& batch) = 0;

  // Queued URLs of a host with seq > after_seq, in sequence order, at most max_urls, and all of
  // one lane: lane_behind(after_seq).
  virtual std::vector<QueuedUrl> queued(std::int64_t host, std::int64_t after_seq,
                                        std::size_t max_urls) = 0;

  virtual std::optional<RobotsState> robots(const std::string& origin) = 0;
  // The record of a URL's last answer, when there was one.
  virtual std::optional<Outcome> result(UrlId id) = 0;

  // Queues anew what `which` says, with attempts at 0 and all else as it was. One durable
  // transaction looks at max_urls URLs, behind those of the call before. False: it was the last of
  // a round. A round that was cut off goes on with the next call, also after a restart, and is then
  // of what it was begun for.
  virtual bool requeue(Again which, std::size_t max_urls) = 0;

  // Queues anew what Again::left_out says, at most max_urls behind `after`, as the frontier gets
  // them, in the order of their ids. One durable transaction; nothing: there are no more.
  virtual std::vector<QueuedUrl> requeue_left_out(UrlId after, std::size_t max_urls) = 0;

  // Known URLs, plain GETs, that were found as something else (not those that are sitemaps), become
  // seeds: they have depth 0, and all that was found through them is as much nearer. So may be hops
  // and seeds become hops by another way. Queued anew, to be asked for whole, are of those that
  // were farther away, and were fetched or failed: what is named, what redirects, and all where
  // anything was refused for its depth; of all, what its redirects have failed by; and where a seed
  // redirects, what the scope has left out since it was fetched. One durable transaction, in which
  // `meta` is kept if MadeSeeds::admit.
  virtual MadeSeeds make_seeds(const SeedRoles& roles,
                               const std::map<std::string, std::string>& meta) = 0;

  // The URL of this fingerprint that redirected to `from`, over whatever others; nothing when there
  // is none that is fetched.
  virtual std::optional<QueuedUrl> redirecting(UrlId from, std::uint64_t fingerprint) = 0;

  // The URLs behind `after` that were refused where they were found, at most max_urls, in the order
  // of their ids, which are in `replaces`; without the refusal.
  virtual std::vector<RefusedUrl> refusals(UrlId after, std::size_t max_urls) = 0;

  // Of the next max_urls URLs behind `after` that have outlink_note, queues anew those that are
  // none any more by is_outlink, to be asked for whole. Returns the last of them; nothing when
  // there are no more.
  virtual std::optional<UrlId> requeue_outlinks(
      UrlId after, std::size_t max_urls,
      const std::function<bool(std::string_view url)>& is_outlink) = 0;

  // What is known of a URL's earlier fetches.
  virtual KnownHistory history(UrlId id) = 0;
  // Gives a time to pages that have none although they were fetched, and brings those of others to
  // within the interval. Looks at max_urls, behind those of the call before; false: those were the
  // last. May be done again at any time.
  virtual bool schedule_recrawl(RecrawlInterval interval, std::size_t max_urls) = 0;
  // Pages of a host that have a time, and have changed since they were last asked for: makes them
  // due now, or when they have been left alone for `least`. Looks at max_urls behind `after`;
  // returns the last of them, or nothing when there are no more.
  virtual std::optional<UrlId> bring_forward(const SitemapNews& news, UrlId after, Millis least,
                                             Wall now, std::size_t max_urls) = 0;
  // Queues at most max_urls whose time has come, with attempts at 0. One durable transaction;
  // false: there are no more.
  virtual bool queue_due(Wall now, std::size_t max_urls) = 0;

  // Start-up.
  virtual std::vector<HostState> hosts() = 0;  // all, in id order
  virtual std::vector<std::int64_t> hosts_with_queue() = 0;
  virtual LaneSet lanes() = 0;  // that have ever had a URL; perhaps without lane 0
  virtual std::vector<PatternState> patterns() = 0;  // by host and shape
  virtual std::vector<ArchiveMark> marks() = 0;
  virtual std::vector<PartUpdate> parts() = 0;  // all that are kept, in the order of their ids
  virtual StoreTotals totals() = 0;
  // Received by the last fetches of the URLs that are fetched or failed, and not queued again.
  virtual std::uint64_t bytes_of_done() = 0;
  virtual std::optional<std::string> meta(const std::string& key) = 0;
  virtual std::vector<web::Cookie> cookies() = 0;
  virtual std::vector<web::HstsHost> hsts() = 0;  // in the order of their names
  // Calls visit(seed) for every seed and sitemap, and where they redirected to: what is of depth 0,
  // but for the pages that sitemaps list.
  virtual void each_seed(const std::function<void(const KnownSeed&)>& visit) = 0;
  // Calls visit(url) for every known URL, to fill the seen filter.
  virtual void each_url(const std::function<void(const KnownUrl&)>& visit) = 0;
};

}  // namespace trawl::crawl
