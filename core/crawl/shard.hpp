#pragma once
// Shard: one thread's part of a crawl: the hosts that hash to it, their frontier, session and
// robots rules. Shards share nothing but the committer and the control; links to another shard's
// hosts travel in batches through its bounded inbox. crawl_one() is the life of a URL.

#include "core/coro/channel.hpp"
#include "core/coro/event.hpp"
#include "core/coro/group.hpp"
#include "core/coro/loop.hpp"
#include "core/coro/semaphore.hpp"
#include "core/coro/worker.hpp"
#include "core/crawl/admission.hpp"
#include "core/crawl/committer.hpp"
#include "core/crawl/control.hpp"
#include "core/crawl/cookies.hpp"
#include "core/crawl/frontier.hpp"
#include "core/crawl/pattern_book.hpp"
#include "core/crawl/politeness.hpp"
#include "core/crawl/retry.hpp"
#include "core/crawl/robots_gate.hpp"
#include "core/crawl/site_settings.hpp"
#include "core/crawl/visit.hpp"
#include "core/http/session.hpp"
#include "core/web/sitemap.hpp"

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

namespace trawl::crawl {

// What the shards of a job share. Outlives them.
struct ShardContext {
  const JobSpec& job;
  const SiteSettings& sites;
  Committer& committer;
  const Archive* archive;  // prepare() alone; absent when no bodies are kept
  Admission& admission;
  CrawlControl& control;
  coro::Worker& files;  // bodies on their way to disk
  coro::Worker& cpu;    // heavy pages
  Clock& clock;
  std::filesystem::path tmp_dir;
  SharedCookies* cookies = nullptr;  // absent: none are taken or sent
  std::size_t shards = 1;            // how many share the bounds of the job
};

// Numbers of a shard for the progress line; written by its loop, read by anyone.
struct ShardGauges {
  std::atomic<std::size_t> in_flight = 0;
  std::atomic<std::size_t> hosts_ready = 0;
  std::atomic<std::size_t> hosts_waiting = 0;
  std::atomic<std::int64_t> next_wake_ms = 0;  // from now; 0: at once or never
};

class Shard {
 public:
  // publish: hands URLs that were admitted to the shards of their hosts.
  using Publish = std::function<coro::Task<>(std::vector<Published>)>;

  Shard(ShardContext context, std::size_t number, std::size_t concurrency,
        http::AddressGuard guard);

  coro::Loop& loop() { return loop_; }
  coro::Channel<std::vector<Published>>& inbox() { return inbox_; }
  const ShardGauges& gauges() const { return gauges_; }

  // Before run(), from the thread that makes the shard.
  void add_host(const HostState& host, bool has_queue);
  void add_pattern(const PatternState& pattern) { patterns_.restore(pattern); }
  void set_publish(Publish publish) { publish_ = std::move(publish); }

  // On the shard's own loop, until the control says stop and what was begun has ended.
  coro::Task<> run();
  // Any thread: look at the control again.
  void wake();

 private:
  struct HostFacts {
    std::int64_t pages = 0;
    int throttled_in_a_row = 0;
    std::optional<Millis> crawl_delay;
  };

  // Loops.
  coro::Task<> run_loops(coro::Group& group);
  coro::Task<> receive();
  coro::Task<> lease_to_end();
  coro::Task<> lease_all(coro::Group& group);
  coro::Task<> refill(RefillRequest request);
  std::optional<Lease> next_lease(coro::Group& group, std::optional<Mono>& sleep_until);
  void accept(std::vector<Published> urls);

  // The life of a URL, step by step.
  coro::Task<> crawl_one(Lease lease, coro::Permit place);
  coro::Task<> ask_robots(Visit& visit);
  coro::Task<> find_sitemaps(Visit& visit);
  coro::Task<> fetch(Visit& visit);
  void judge(Visit& visit);
  void release(Visit& visit);
  coro::Task<> read(Visit& visit);
  void follow(Visit& visit);
  void follow_redirect(Visit& visit, std::string_view location);
  coro::Task<> list_sitemap(Visit& visit);
  coro::Task<> keep(Visit& visit);
  void report_error(const Visit& visit);

  // What a fetch knows of those before it.
  coro::Task<> recall(Visit& visit);
  void add_state(Visit& visit, http::Request& request) const;
  void take_state(const Visit& visit) const;

  // Traps (shard_traps.cpp).
  void ask_patterns(Visit& visit);
  void refuse_found(const Visit& visit, NewUrl& found);
  void note_news(Visit& visit);
  void note_led_on(const Visit& visit, const std::vector<Published>& published);
  static void note_cut_links(Visit& visit);

  std::uint64_t body_bytes_max(const Visit& visit) const;
  PageSource page_source(const Visit& visit) const;
  std::optional<NewUrl> redirect_target(const QueuedUrl& from, const web::Url& url) const;
  void admit_entry(Visit& visit, const web::SitemapEntry& entry, web::SitemapType type);
  coro::Task<> commit_found(Visit& visit);
  std::unique_ptr<Prepared> prepare_archive(Visit& visit) const;
  ClockReading now() const { return {context_.clock.now(), context_.clock.wall()}; }

  ShardContext context_;
  std::size_t number_;
  coro::Loop loop_;
  coro::Channel<std::vector<Published>> inbox_;
  coro::Event wake_;
  coro::Semaphore places_;  // URLs between lease and commit
  http::Session session_;
  RobotsGate robots_;
  Frontier frontier_;
  RetryPolicy retry_;
  PatternBook patterns_;
  std::string robots_token_;
  int depth_max_;  // no page below it leads to a link that is refused for its depth
  Publish publish_;
  boost::unordered_flat_map<std::int64_t, HostFacts> hosts_;
  boost::unordered_flat_set<std::uint64_t>
      recent_links_;  // fingerprints; not worth admitting again
  boost::unordered_flat_set<std::uint64_t>
      sitemap_origins_;  // fingerprints; their robots.txt has been asked for sitemaps
  std::uint64_t bodies_ = 0;
  ShardGauges gauges_;
};

}  // namespace trawl::crawl
