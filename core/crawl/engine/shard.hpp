#pragma once
// Shard: one thread's part of a crawl: the hosts that hash to it, their frontier, session and
// robots rules. Shards share nothing but the committer and the control; links to another shard's
// hosts travel in batches through its bounded inbox. crawl_one() is the life of a URL.

#include "core/coro/channel.hpp"
#include "core/coro/event.hpp"
#include "core/coro/group.hpp"
#include "core/coro/loop.hpp"
#include "core/coro/loop_lag.hpp"
#include "core/coro/semaphore.hpp"
#include "core/coro/shared_places.hpp"
#include "core/coro/worker.hpp"
#include "core/crawl/engine/committer.hpp"
#include "core/crawl/engine/control.hpp"
#include "core/crawl/engine/cookies.hpp"
#include "core/crawl/engine/link_room.hpp"
#include "core/crawl/engine/memory_budget.hpp"
#include "core/crawl/engine/robots_gate.hpp"
#include "core/crawl/engine/shard_metrics.hpp"
#include "core/crawl/engine/transport_security.hpp"
#include "core/crawl/engine/visit.hpp"
#include "core/crawl/hosts/frontier.hpp"
#include "core/crawl/hosts/host_event.hpp"
#include "core/crawl/hosts/host_health.hpp"
#include "core/crawl/hosts/host_turn.hpp"
#include "core/crawl/hosts/politeness_buckets.hpp"
#include "core/crawl/hosts/retry.hpp"
#include "core/crawl/job/live_settings.hpp"
#include "core/crawl/job/network.hpp"
#include "core/crawl/job/site_settings.hpp"
#include "core/crawl/pages/download.hpp"
#include "core/crawl/pages/mirrors.hpp"
#include "core/crawl/pages/recrawl.hpp"
#include "core/crawl/scope/admission.hpp"
#include "core/crawl/scope/link_times.hpp"
#include "core/crawl/scope/pattern_book.hpp"
#include "core/http/client/session.hpp"
#include "core/web/feeds/sitemap.hpp"
#include "core/web/headers/type_filter.hpp"

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>

#include <atomic>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace trawl::crawl {

// What the shards of a job share. Outlives them.
struct ShardContext {
  const JobSpec& job;
  const SiteSettings& sites;
  Committer& committer;
  const Archive* archive;  // what any thread may call; absent when no bodies are kept
  Admission& admission;
  CrawlControl& control;
  MemoryBudget& memory;
  coro::Worker& files;  // bodies on their way to disk
  coro::Worker& cpu;    // heavy pages
  coro::Worker& syncs;  // parts of bodies made durable
  Clock& clock;
  PolitenessBuckets& buckets;             // of all jobs of the process
  coro::SharedPlaces& visits;             // URLs between lease and commit
  coro::SharedPlaces::Member& transfers;  // what the job has of the process's
  http::SpeedLimit& speed;                // limits.bandwidth
  bool probes_at_once = false;            // hosts that an earlier run left alone for a while
  std::filesystem::path tmp_dir;
  SharedCookies* cookies = nullptr;         // absent: none are taken or sent
  TransportSecurity* security = nullptr;    // absent: no host's wish for https counts
  std::size_t shards = 1;                   // how many share the bounds of the job
  const LinkTimes* unread_links = nullptr;  // pages of then are asked for whole
  http::dns::ResolverOptions dns = {};
  OnHostEvent on_host_event = {};
};

// Numbers of a shard for the progress line; written by its loop, read by anyone.
struct ShardGauges {
  std::atomic<std::size_t> in_flight = 0;
  std::atomic<std::size_t> arriving = 0;  // fetches that keep what came of a body
  // A host is of one of these.
  std::atomic<std::size_t> hosts_ready = 0;
  std::atomic<std::size_t> hosts_waiting = 0;
  std::atomic<std::size_t> hosts_backing_off = 0;  // throttled, or their breaker is open
  std::atomic<std::int64_t> next_wake_ms = 0;      // by the clock of the process; 0: never
  coro::LoopLag lag;
  HostWaitBoard waits;
};

class Shard {
 public:
  // publish: hands URLs that were admitted to the shards of their hosts.
  using Publish = std::function<coro::Task<>(std::vector<Published>)>;

  Shard(ShardContext context, std::size_t number, http::AddressGuard guard, Network network);
  ~Shard();

  coro::Loop& loop() { return loop_; }
  coro::Channel<std::vector<Published>>& inbox() { return inbox_; }
  const ShardGauges& gauges() const { return gauges_; }
  const ShardMetrics& metrics() const { return metrics_; }

  // Before run(), from the thread that makes the shard.
  // lanes: where its queued URLs may be; absent when it has none.
  void add_host(const HostState& host, std::optional<LaneSet> lanes);
  void add_part(UrlId id, KeptPart part) {
    parts_.insert_or_assign(id.seq, std::move(part));
    parts_of_before_.insert(id.seq);
  }
  void add_pattern(const PatternState& pattern) { patterns_.restore(pattern); }
  void set_publish(Publish publish) { publish_ = std::move(publish); }

  // On the shard's own loop, until the control says stop and what was begun has ended.
  coro::Task<> run();
  // Any thread: look at the control again.
  void wake();
  // Any thread: ends all fetches, and keeps what came of bodies for the next run.
  void break_off();
  // Any thread: the job is another one from now on. Visits that have begun end as they began.
  void change(std::shared_ptr<const LiveJob> job);

 private:
  struct HostFacts {
    std::int64_t pages = 0;
    std::uint64_t address = 0;           // its bucket, since an answer told it; 0: not known
    std::unique_ptr<HostHealth> health;  // absent: nothing is remembered
    std::uint32_t pages_unkept = 0;      // of `pages`: of visits that have not committed them
    bool health_changed = false;         // the store has another one
    // Under limits.pages_per_host: each visit that may become one of its pages holds it too.
    std::shared_ptr<const void> places;
  };

  // Loops.
  coro::Task<> run_loops(coro::Group& group);
  coro::Task<> receive();
  coro::Task<> lease_to_end();
  coro::Task<> lease_all(coro::Group& group);
  void note_hosts(Mono at);
  coro::Task<> refill(RefillRequest request);
  std::optional<Lease> next_lease(coro::Group& group, std::optional<Mono>& sleep_until);
  // The memory of the shard (shard_memory.cpp).
  bool has_memory();  // for another fetch; else the end of one wakes up
  void report_memory();
  void tell_of_memory();
  void end_in_flight();
  void accept(std::vector<Published> urls);

  void adopt(std::shared_ptr<const LiveJob> job);
  const SiteSettings& sites() const { return live_ ? live_->sites : context_.sites; }

  // The life of a URL, step by step.
  coro::Task<> crawl_one(Lease lease, coro::SharedPlaces::Place place, http::Pace pace);
  bool ask_for_https(Visit& visit);      // true: the URL isn't asked over plain text
  bool ask_for_canonical(Visit& visit);  // true: the URL has another form by now
  std::optional<NewUrl> in_its_place(const QueuedUrl& from, const web::Url& url);
  static bool is_full(const HostFacts& host, std::uint64_t pages_max) {
    return static_cast<std::uint64_t>(host.pages) >= pages_max;
  }
  bool take_host_place(Visit& visit);  // false: it has to wait for one, and the URL is back
  coro::Task<> ask_robots(Visit& visit);
  coro::Task<> find_sitemaps(Visit& visit);
  void judge(Visit& visit);
  void release(Visit& visit);

  // The health of hosts (shard_health.cpp).
  void restore_health(const HostState& host);
  RememberedHost remembered(std::int64_t host, std::string_view key) const;
  void note_address(std::int64_t host, std::string_view ip);
  void give_up(Visit& visit);
  bool yield_turn(Visit& visit);  // true: robots.txt had it, and the URL is back in its queue
  bool put_off(Visit& visit);     // true: its robots.txt has to wait, and the URL is back
  const PolitenessSpec& politeness_now(const Visit& visit) const;
  HostRest rest_after_robots(const Visit& visit) const;
  void release_unfetched(Visit& visit);
  void release_after_robots(Visit& visit, const HostRest& rest);
  std::optional<HostState> host_to_keep(Visit& visit);
  coro::Task<> keep_wait(Visit& visit);
  FetchReport fetch_report(const Visit& visit) const;
  HostRest note_fetch(Visit& visit, HostFacts& host);
  void tell(std::int64_t host, const HostHealth& before, const HostHealth& after) const;
  void obey_breaker(std::int64_t host, const HostHealth& before, const HostHealth& after);

  coro::Task<> read(Visit& visit, LinkRoom::Share& links);
  coro::Task<> follow(Visit& visit);
  coro::Task<> follow_redirect(Visit& visit, std::string_view location);
  void go_to(Visit& visit, const web::Url& target, SharedRequest request);
  static bool has_room_for_hop(const Visit& visit);
  coro::Task<bool> go_back_to(Visit& visit, const web::Url& target, const SharedRequest& request);
  coro::Task<bool> list_sitemap(Visit& visit);  // false: not in this run
  coro::Task<std::optional<coro::Permit>> take_sitemap_turn(const http::SpoolSink& body);
  coro::Task<> keep(Visit& visit);
  void report_error(const Visit& visit);

  // What a fetch knows of those before it.
  coro::Task<> recall(Visit& visit);
  std::optional<PageHistory> history_after(const Visit& visit, const Outcome& outcome) const;
  void add_state(Visit& visit, http::Request& request) const;
  bool is_asked_for_again(const Visit& visit) const;
  void take_state(const Visit& visit) const;
  // Its transfers (shard_transfer.cpp).
  bool refuse_to_repeat(Visit& visit);
  bool keeps_parts(const Visit& visit) const;
  bool receives(const Visit& visit, int status, const http::Headers& headers) const;
  coro::Task<> fetch(Visit& visit);
  coro::Task<> mark_sent(Visit& visit);
  coro::Task<std::optional<ReadyPart>> take_part(Visit& visit);
  std::unique_ptr<Download> make_download(Visit& visit, std::string url,
                                          std::optional<ReadyPart> part, OnAnswer on_answer);
  void watch_body(const Visit& visit, Download& download, http::SpoolSink::Options& options,
                  OnAnswer on_answer);
  const JobSpec& settings_for(const Visit& visit, std::string_view url) const;
  coro::Task<> run_download(Visit& visit, Download& download);
  bool save_now(const std::shared_ptr<PartSaver>& saver, std::uint64_t bytes);
  coro::Task<> save_part(std::shared_ptr<PartSaver> saver, std::uint64_t bytes);
  coro::Task<> settle(Visit& visit, Download& download);
  coro::Task<> keep_what_came(Visit& visit, PartSaver& saver);
  coro::Task<> check_body(Visit& visit);
  coro::Task<std::string> body_digest(const Visit& visit, web::Hasher::Algorithm algorithm);
  coro::Task<web::Hasher> digest(PartFile& file);
  void compare_checksum(Visit& visit, std::string_view hex) const;
  void settle_part(Visit& visit);
  void remove_part(const KeptPart& part) const;

  // A body that finds no room (shard_room.cpp).
  void note_no_room(Visit& visit, const Error& why, std::uint64_t came);
  coro::Task<> keep_for_later(Visit& visit, Download& download);
  void put_back(Visit& visit);

  // And those of several mirrors (shard_mirrors.cpp).
  coro::Task<> fetch_from_server(Visit& visit);
  bool was_broken_off(const Visit& visit) const;
  coro::Task<> leave(Visit& visit);
  std::optional<UrlUpdate> charge(Visit& visit);  // absent: the URL stays as it was
  void end_leaving();
  coro::Task<> fetch_from_mirrors(Visit& visit);
  coro::Task<bool> ask_mirrors(Visit& visit, std::vector<MirrorSource>& sources,
                               std::optional<ReadyPart>& part);
  std::vector<MirrorSource> mirror_sources(const Visit& visit) const;
  void end_without(Visit& visit, const std::vector<MirrorSource>& sources);
  std::optional<ReadyPart> let_go(Visit& visit);
  coro::Task<MirrorSource*> race_mirrors(Visit& visit, std::vector<MirrorSource>& sources,
                                         std::optional<ReadyPart>& part);
  coro::Task<> contend(Visit& visit, MirrorRace& race, MirrorSource& source, std::size_t number);
  coro::Task<bool> ask_robots_of(Visit& visit, MirrorSource& source);
  coro::Task<> fetch_in_turn(Visit& visit, MirrorSource& source);

  // Traps (shard_traps.cpp).
  void ask_patterns(Visit& visit);
  void refuse_found(const Visit& visit, NewUrl& found);
  void note_news(Visit& visit);
  void note_led_on(const Visit& visit, const std::vector<Published>& published);
  void note_cut_links(Visit& visit);

  std::uint64_t body_bytes_max(const Visit& visit) const;
  bool wants_links(const Visit& visit) const;
  PageSource page_source(const Visit& visit) const;
  bool shows_from_anywhere(const Visit& visit) const;
  bool is_outlink(const Visit& visit) const;
  std::optional<NewUrl> redirect_target(const QueuedUrl& from, const web::Url& url,
                                        int depth) const;
  void admit_entry(Visit& visit, const web::SitemapEntry& entry, web::SitemapType type);
  coro::Task<> commit_found(Visit& visit);
  // By host, what a sitemap says of URLs that may be known.
  using News = std::map<std::string, SitemapNews, std::less<>>;
  void note_change(const Visit& visit, const web::SitemapEntry& entry, News& news) const;
  coro::Task<> bring_forward(News news);
  bool keeps_type(std::string_view content_type) const;
  bool keeps_body(const Visit& visit) const;
  std::unique_ptr<Prepared> prepare_archive(Visit& visit) const;
  ClockReading now() const { return {context_.clock.now(), context_.clock.wall()}; }

  ShardContext context_;
  std::shared_ptr<const LiveJob> live_;  // null: the job is as it was at the start
  std::size_t number_;
  coro::Loop loop_;
  coro::Channel<std::vector<Published>> inbox_;
  coro::Event wake_;
  LinkRoom link_room_;
  coro::Semaphore sitemap_turn_;             // one is read at a time
  std::uint64_t sitemap_bytes_waiting_ = 0;  // of those that wait for it
  coro::SharedPlaces::Member places_;        // URLs between lease and commit
  http::Session session_;
  TurnGate turns_{loop_.executor()};  // closed when no URL is leased any more
  RobotsGate robots_;
  Frontier frontier_;
  RetryPolicy retry_;
  const Recrawl recrawl_;
  PatternBook patterns_;
  const web::TypeFilter received_types_, kept_types_;
  std::string robots_token_;
  int depth_max_;  // no page below it leads to a link that is refused for its depth
  Publish publish_;
  boost::unordered_flat_map<std::int64_t, HostFacts> hosts_;
  boost::unordered_flat_set<std::uint64_t>
      recent_links_;             // fingerprints; not worth admitting again
  std::uint64_t widenings_ = 0;  // of the scope, when recent_links_ began
  boost::unordered_flat_set<std::uint64_t>
      sitemap_origins_;  // fingerprints; their robots.txt has been asked for sitemaps
  // The seqs of URLs whose turn went to robots.txt, until they have the next: a few of each host.
  boost::unordered_flat_set<std::int64_t> robots_turns_;
  // Bodies that broke off, by their URL's seq; what is in flight is not among them.
  boost::unordered_flat_map<std::int64_t, KeptPart> parts_;
  boost::unordered_flat_set<std::int64_t> parts_of_before_;  // of earlier runs, and not used yet
  Mono hosts_noted_{};                                   // when the gauges and the board were set
  boost::unordered_flat_set<std::int64_t> backing_off_;  // hosts
  coro::Group* tasks_ = nullptr;                         // of lease_all(), while it runs
  std::int64_t started_ms_;  // in names of files that may outlive the run
  std::uint64_t bodies_ = 0;
  MemoryBudget::Share windows_share_;
  MemoryBudget::Share caches_share_;
  std::size_t window_urls_max_;  // while memory is not tight, as the next
  std::size_t recent_links_most_;
  std::size_t recent_links_max_;
  std::size_t robots_bytes_most_;
  bool memory_is_tight_ = false;
  Mono tight_since_{};
  bool waits_for_memory_ = false;
  Arriving leaving_;         // what a limit broke off, until all of it has left
  bool is_leaving_ = false;  // loop thread only
  ShardGauges gauges_;
  ShardMetrics metrics_;
};

}  // namespace trawl::crawl
