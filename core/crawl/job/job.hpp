#pragma once
// JobSpec: everything a job file can say, as plain values. config fills it, the crawler reads it.
// Absent optionals mean "off".

#include "core/base/clock.hpp"
#include "core/crawl/job/page_history.hpp"
#include "core/http/message/message.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace trawl::crawl {

enum class JobMode : std::uint8_t { crawl, fetch };
enum class ScopeMode : std::uint8_t { page, prefix, host, domain, any };
enum class RobotsPolicy : std::uint8_t { obey, ignore };
enum class BodyMode : std::uint8_t { warc, files, none };
enum class WarcCompression : std::uint8_t { gzip, zstd, none };
enum class WarcLevel : std::uint8_t { fast, small };

enum class CookieMode : std::uint8_t { off, session, persist };
enum class AuthScheme : std::uint8_t { off, basic, bearer };

enum class SitemapMode : std::uint8_t { off, automatic, list };

struct SitemapSpec {
  SitemapMode mode = SitemapMode::off;
  std::vector<std::string> urls;  // of mode list
};

struct SeedSpec {
  std::vector<std::string> urls;
  std::vector<std::string> files;     // paths; ".gz" is decompressed; "-" is standard input
  std::vector<std::string> requests;  // each a JSON object, as in a line of a file
  std::string base;                   // what relative lines of theirs are relative to; may be empty
  SitemapSpec sitemaps;
  bool sitemap_priority = true;  // what sitemaps say of their URLs' priority counts
};

// How files are named: so that any file system can hold them, or as on the server.
enum class FileNames : std::uint8_t { portable, server };

enum class RequisiteScope : std::uint8_t { scope, any, none };  // numbers are kept: rules_digest

struct ScopeSpec {
  ScopeMode mode = ScopeMode::host;
  RequisiteScope requisites = RequisiteScope::scope;  // what pages need to be shown
  bool outlinks = false;       // what pages refer to outside of the mode, and nothing from there
  bool follow_errors = false;  // links of pages that came with 4xx or 5xx
  std::vector<std::string> include;  // globs on the URL, or "re:…"
  std::vector<std::string> exclude;
  std::optional<int> max_depth = 20;
};

struct LimitSpec {
  std::optional<std::uint64_t> pages;
  std::optional<std::uint64_t> bytes;
  std::optional<Millis> duration;
  std::optional<std::uint64_t> pages_per_host;
  std::optional<std::uint64_t> memory_bytes = 512ULL << 20;
  std::optional<std::uint64_t> min_free_disk_bytes = 1ULL << 30;
  std::optional<std::uint64_t> bandwidth;  // bytes of bodies a second, over all hosts
};

struct PolitenessSpec {
  Millis delay{1000};
  int per_host = 1;
  std::optional<int> per_domain = 8;
  std::optional<int> per_ip = 8;
  std::optional<double> adaptive = 2.0;
  Millis delay_max{60'000};
  Millis retry_after_max{86'400'000};
  Millis crawl_delay_max{300'000};
};

struct RobotsSpec {
  RobotsPolicy policy = RobotsPolicy::obey;
  Millis ttl{86'400'000};
  bool meta = true;
};

// How servers are reached, and who trawl is to them.
struct NetworkSpec {
  std::string ca_file = "system";  // or a PEM file
  std::string client_cert_file;
  std::string client_key_file;
  std::string proxy = "off";  // or its URL, which may have a user name and password
  std::string proxy_credentials_file;
  AuthScheme auth = AuthScheme::off;
  bool guard_proxy = false;  // no key: the proxy's name may lead only where the job may fetch from
  std::string auth_file;
  std::vector<std::string> auth_hosts;  // empty: the origins of the seeds in the job itself
  std::string netrc_file;
};

// A host that fails so often in a row is left alone for the pause.
struct BreakerSpec {
  int failures = 5;
  Millis pause{600'000};
};

struct FetchSpec {
  int concurrency = 256;
  http::HttpVersion http = http::HttpVersion::automatic;
  http::Timeouts timeouts;
  std::optional<std::uint64_t> max_body_bytes = 32ULL << 20;  // decoded
  int max_redirects = 10;
  int attempts = 4;
  Millis backoff_min{1'000};
  Millis backoff_max{600'000};
  std::optional<BreakerSpec> host_breaker = BreakerSpec{};
  bool tls_verify = true;
  bool conditional = true;         // a page that the record has is asked for only if it changed
  std::vector<std::string> types;  // of bodies that are received, as web::TypeFilter; none: all
  bool keep_pages = false;  // what the record has stays when the server is overloaded or away
  bool hsts = true;         // hosts that ask for https alone are not asked over plain text
  CookieMode cookies = CookieMode::off;
  std::string cookies_file;  // Netscape's format, to begin with; empty: none
  http::Headers headers;
  NetworkSpec network;
  std::vector<std::string> allow_private_networks;  // CIDRs
  std::vector<std::string> resolver;                // name servers; none: those of the system
  std::string hosts_file = "system";                // or "off", or a path
};

struct UrlSpec {
  std::vector<std::string> strip_params{"utm_*", "gclid", "fbclid"};
  std::vector<std::string> strip_path_params{"jsessionid"};
  bool sort_query = false;
  std::uint64_t max_length = 2048;
  std::optional<int> max_segment_repeats = 3;
  std::optional<int> calendar_years = 5;
  std::optional<std::uint64_t> pattern_budget = 500;
};

// When pages are fetched again; at most one of the two ways is set.
struct RecrawlSpec {
  std::optional<RecrawlInterval> every;
  std::optional<Millis> min, max;
};

struct OutputSpec {
  std::string dir;
  BodyMode bodies = BodyMode::warc;
  FileNames names = FileNames::portable;
  std::vector<std::string> types;  // of bodies that are kept, as web::TypeFilter; none: all
  bool convert_links = false;      // a tree for offline reading at the end
  std::uint64_t warc_size_bytes = 1ULL << 30;
  WarcCompression warc_compress = WarcCompression::gzip;
  WarcLevel warc_level = WarcLevel::fast;
  bool warc_dictionary = true;
  bool warc_dedup = true;
  bool warc_links = false;
  http::Headers warcinfo;     // fields for the first record of each file
  std::optional<int> shards;  // absent: one per core
};

// What is to happen when a scheduled time passes without a run, because the daemon was down or the
// run before had not ended.
enum class CatchUp : std::uint8_t { once, skip };

// When a daemon runs the job, and how large its share of the daemon's fetches is.
struct ScheduleSpec {
  std::string when = "off";  // as Schedule::parse() reads it
  std::string timezone = "UTC";
  CatchUp catch_up = CatchUp::once;
  int weight = 1;
};

// Who is told of an event: a webhook's URL, or a program with its arguments; neither: nobody.
struct HookTarget {
  std::string url;
  std::vector<std::string> command;
  bool off() const { return url.empty() && command.empty(); }
};

struct HookSpec {
  HookTarget on_finish;        // a run came to its end, by itself or by a limit
  HookTarget on_error;         // a run was stopped by an error
  HookTarget on_host_blocked;  // a host's breaker opened
  std::string secret_file;     // the key of the webhooks' signatures; empty: unsigned
  Millis timeout{10'000};      // of one attempt
  int attempts = 5;
  std::vector<std::string> allow_private_networks;  // CIDRs, for webhooks alone
};

// Which URLs go out before or after the others of their host. Of several rules that match a URL the
// last has the word (Priorities).
struct PriorityRule {
  std::vector<std::string> match;  // as in scope.include; empty: all URLs
  std::optional<int> max_depth;    // only URLs that are not deeper
  int priority = 0;                // -10 to 10
};

struct JobSpec;

// One key that a [[site]] sets.
struct SiteValue {
  std::string key;                      // "politeness.delay"
  std::function<void(JobSpec&)> apply;  // puts its value over the job's
};

// Hosts for which some of the job's values are others. Of two sites that match a host and set the
// same key, the later one has the word (SiteSettings).
struct SiteSpec {
  std::vector<std::string> match;  // globs on "example.org" or "example.org:8080", in lower case
  std::vector<SiteValue> values;
};

struct JobSpec {
  std::string name = "job";
  JobMode mode = JobMode::crawl;
  std::string contact;
  std::string user_agent =
      "trawl/{version} (+{contact})";  // placeholders are filled by user_agent()
  SeedSpec seeds;
  ScopeSpec scope;
  LimitSpec limits;
  PolitenessSpec politeness;
  RobotsSpec robots;
  FetchSpec fetch;
  UrlSpec urls;
  RecrawlSpec recrawl;
  OutputSpec output;
  ScheduleSpec schedule;
  HookSpec hooks;
  std::vector<SiteSpec> sites;           // in the order of the job file
  std::vector<PriorityRule> priorities;  // likewise
  Millis grace{10'000};
};

// The User-Agent header: placeholders filled; without a contact the "(+…)" part is left out.
std::string user_agent(const JobSpec& job);
// How long a page is left alone; absent: for good.
std::optional<RecrawlInterval> recrawl_interval(const RecrawlSpec& recrawl);
// Its product token for robots.txt: "trawl".
std::string product_token(const JobSpec& job);

}  // namespace trawl::crawl
