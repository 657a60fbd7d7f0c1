// The group of run_all() is the whole job: a thread for each shard, the seeds, and the watch over
// limits. It ends when the control says stop and the shards have finished what they began.
#include "core/crawl/crawler.hpp"

#include "core/base/limits.hpp"
#include "core/base/log.hpp"
#include "core/base/units.hpp"
#include "core/coro/thread.hpp"
#include "core/coro/time.hpp"
#include "core/crawl/disk_room.hpp"
#include "core/crawl/name_resolution.hpp"
#include "core/web/digest.hpp"
#include "core/web/host.hpp"
#include "core/web/url.hpp"

#include <fmt/format.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <map>
#include <thread>
#include <unordered_map>
#include <unordered_set>

namespace trawl::crawl {
namespace {

constexpr Millis watch_interval{250};
constexpr std::size_t worker_queue_max = 256;
constexpr std::size_t bad_seed_bytes_max = 2048;         // of a line, in its record
constexpr std::uint64_t room_spare_bytes = 1024 * 1024;  // beside the body that found no room

std::size_t shard_count(const JobSpec& job) {
  const auto wanted = job.output.shards.value_or(
      static_cast<int>(std::max(1U, std::thread::hardware_concurrency())));
  return static_cast<std::size_t>(std::clamp(wanted, 1, std::max(1, job.fetch.concurrency)));
}

template <class T>
T value_or_throw(Result<T> result) {
  if (!result) throw Failure(std::move(result.error()));
  return std::move(*result);
}

std::unique_ptr<SharedCookies> make_cookies(const JobSpec& job, std::vector<web::Cookie> cookies,
                                            Wall now) {
  if (job.fetch.cookies == CookieMode::off) return nullptr;
  return std::make_unique<SharedCookies>(std::move(cookies),
                                         job.fetch.cookies == CookieMode::persist, now);
}

// What is no URL may have a password in it all the same.
std::string without_userinfo(std::string text) {
  const auto scheme = text.find("://");
  if (scheme == std::string::npos) return text;
  const auto begin = scheme + 3;
  const auto at = text.substr(0, text.find_first_of("/?#", begin)).rfind('@');
  if (at != std::string::npos && at >= begin) text.erase(begin, at + 1 - begin);
  return text;
}

NewUrl bad_seed(const Seed& seed, const Error& error) {
  const std::string where = seed.is_sitemap     ? "seeds.sitemaps"
                            : seed.file.empty() ? "seeds.urls"
                                                : fmt::format("{}:{}", seed.file, seed.line);
  const std::string_view what = seed.is_json() ? "can't be fetched" : "is no URL to fetch";
  const std::string text = printable(without_userinfo(seed.text.substr(0, bad_seed_bytes_max)));
  log("seeds")->warn("{}: {} {}: {}", where, text, what, error.detail);
  return {.url = text,
          .excluded = Errc::bad_url,
          .excluded_detail = fmt::format("{}: {}", where, error.detail)};
}

// "/sitemap.xml" of the seeds' origins, of each once. Its visit also asks robots.txt for others.
class SitemapGuesses {
 public:
  std::optional<NewUrl> next(const NewUrl& seed, Admission& admission) {
    const auto url = web::Url::parse(seed.url);
    if (!url || !origins_.insert(web::fingerprint(url->origin())).second) return std::nullopt;
    auto guess = admission.sitemap_seed(url->origin() + "/sitemap.xml");
    return guess ? std::optional{std::move(*guess)} : std::nullopt;
  }

 private:
  std::unordered_set<std::uint64_t> origins_;  // fingerprints
};

}  // namespace

Crawler::Crawler(Parts parts)
    : parts_(std::move(parts)),
      control_(parts_.job.limits),
      memory_(parts_.job.limits.memory_bytes),
      sites_(parts_.job),
      admission_(value_or_throw(Admission::create(parts_.job, parts_.clock.wall()))),
      cookies_(make_cookies(parts_.job, std::move(parts_.cookies), parts_.clock.wall())),
      committer_(parts_.store, parts_.archive),
      files_("files", worker_queue_max),
      cpu_("cpu", worker_queue_max),
      syncs_("syncs", worker_queue_max),
      started_(parts_.clock.now()) {
  const auto guard =
      value_or_throw(http::AddressGuard::create(parts_.job.fetch.allow_private_networks));
  committer_.bound_memory(memory_, parts_.output_dir / "tmp");
  if (parts_.job.fetch.cookies == CookieMode::persist) committer_.keep_cookies(*cookies_);
  const Network network = value_or_throw(read_network(parts_.job));
  PolitenessBuckets& buckets = parts_.buckets != nullptr ? *parts_.buckets : own_buckets_;
  const std::size_t count = shard_count(parts_.job);
  const auto dns = value_or_throw(name_resolution(parts_.job.fetch, count));
  const auto concurrency = static_cast<std::size_t>(parts_.job.fetch.concurrency);
  for (std::size_t i = 0; i < count; ++i) {
    // The job's concurrency is split so that the shares add up to it.
    const std::size_t share = concurrency / count + (i < concurrency % count ? 1 : 0);
    shards_.push_back(std::make_unique<Shard>(ShardContext{.job = parts_.job,
                                                           .sites = sites_,
                                                           .committer = committer_,
                                                           .archive = parts_.archive,
                                                           .admission = *admission_,
                                                           .control = control_,
                                                           .memory = memory_,
                                                           .files = files_,
                                                           .cpu = cpu_,
                                                           .syncs = syncs_,
                                                           .mirror_turns = mirror_turns_,
                                                           .clock = parts_.clock,
                                                           .buckets = buckets,
                                                           .tmp_dir = parts_.output_dir / "tmp",
                                                           .cookies = cookies_.get(),
                                                           .shards = count,
                                                           .dns = dns},
                                              i, share, guard, network));
    shards_.back()->set_publish(
        [this](std::vector<Published> urls) { return publish(std::move(urls)); });
    control_.on_change([shard = shards_.back().get()] { shard->wake(); });
  }
}

coro::Task<CrawlEnd> Crawler::run() {
  committer_.on_stall([this](const std::optional<Error>& why) { on_stall(why); });
  co_await committer_.open();
  co_await queue_again();
  const StoreTotals before = committer_.totals();
  control_.start_from(before.fetched, before.bytes_wire);
  co_await restore_scope();
  co_await start_shards();
  auto running = coro::with_group(&Crawler::run_all, this);
  co_await std::move(running);
  log("crawl")->debug("the loops were at most {} ms late 99 times of 100",
                      progress().loop_lag_p99.count());
  const bool nothing = control_.reason() == StopReason::done && control_.figures().pages == 0 &&
                       before.queued == 0 && committer_.totals().fetched == before.fetched &&
                       committer_.totals().failed == before.failed &&
                       before.fetched + before.failed > 0;
  co_return CrawlEnd{control_.reason(), control_.detail(), nothing};
}

// A round that is stopped here goes on with the next run.
coro::Task<> Crawler::queue_again() {
  bool more = co_await committer_.requeue_begun();
  for (more = more || parts_.again; more && stops_ == 0;) more = co_await committer_.requeue();
}

// Before anything is fetched: what is left of an earlier run finds links at once, long before the
// seeds are read again, and what a seed redirected to is not fetched again at all.
coro::Task<> Crawler::restore_scope() {
  if (parts_.job.mode == JobMode::fetch) co_return;
  for (const std::string& url : parts_.job.seeds.urls) static_cast<void>(admission_->seed(url));
  const auto widen = [this](std::string_view text) {
    const auto url = web::Url::parse(text);
    if (!url || !url->is_http()) return;
    if (const auto canonical = admission_->canonical(*url)) admission_->widen(*canonical);
  };
  auto restoring = committer_.each_seed([this, widen](const KnownSeed& seed) {
    if (!admission_->defines_scope(seed.sitemap)) return;
    widen(seed.url);
    widen(seed.redirect_to);
  });
  co_await std::move(restoring);
}

coro::Task<> Crawler::start_shards() {
  auto reading_hosts = committer_.hosts();
  const auto hosts = co_await std::move(reading_hosts);
  auto reading_queues = committer_.hosts_with_queue();
  const auto waiting = co_await std::move(reading_queues);
  const std::unordered_set<std::int64_t> with_queue{waiting.begin(), waiting.end()};
  for (const HostState& host : hosts)
    shard_of(host.key).add_host(host, with_queue.contains(host.id));
  auto restoring = restore_parts(hosts);
  co_await std::move(restoring);
  auto restoring_patterns = restore_patterns(hosts);
  co_await std::move(restoring_patterns);
}

// Bodies that broke off go on in this run; files of tmp/ that are none of theirs go.
coro::Task<> Crawler::restore_parts(const std::vector<HostState>& hosts) {
  auto reading = committer_.parts();
  auto parts = co_await std::move(reading);
  std::vector<std::string> files;
  for (auto& [id, part] : parts) {
    const auto host = std::ranges::lower_bound(hosts, id.host, {}, &HostState::id);
    if (!part || host == hosts.end() || host->id != id.host) continue;
    files.push_back(part->file);
    shard_of(host->key).add_part(id, std::move(*part));
  }
  remove_other_parts(parts_.output_dir / "tmp", std::move(files));
}

coro::Task<> Crawler::restore_patterns(const std::vector<HostState>& hosts) {
  auto reading_patterns = committer_.patterns();
  const auto patterns = co_await std::move(reading_patterns);
  if (patterns.empty()) co_return;
  std::unordered_map<std::int64_t, Shard*> shards;
  for (const HostState& host : hosts) shards.emplace(host.id, &shard_of(host.key));
  for (const PatternState& pattern : patterns) shards.at(pattern.host)->add_pattern(pattern);
}

coro::Task<> Crawler::run_all(coro::Group& group) {
  shards_running_ = shards_.size();
  for (std::size_t i = 0; i < shards_.size(); ++i) group.spawn(run_shard(*shards_[i], i, group));
  group.spawn(watch(group));
  group.spawn(feed_seeds());
  co_return;
}

coro::Task<> Crawler::run_shard(Shard& shard, std::size_t number, coro::Group& group) {
  auto name = fmt::format("shard {}", number);
  auto on_thread =
      coro::run_on_thread(shard.loop(), std::move(name), [&shard] { return shard.run(); });
  co_await std::move(on_thread);
  // The last one ends the watch, and seeds that nobody would fetch any more.
  if (--shards_running_ == 0) group.cancel();
}

// Reading and admitting are two tasks, so that a list that trickles in is admitted line by line,
// and one that comes at once in batches as large as the store is slow.
coro::Task<> Crawler::feed_seeds() {
  coro::Channel<NewUrl> seeds{limits::seed_batch_urls};
  auto feeding = coro::with_group(&Crawler::feed_through, this, std::ref(seeds));
  co_await std::move(feeding);
  seeding_ = false;
  control_.set_seeding(false);
  if (committer_.urls_queued() == 0) control_.on_queue_empty();
}

coro::Task<> Crawler::feed_through(coro::Channel<NewUrl>& seeds, coro::Group& group) {
  group.spawn(read_seeds_into(seeds));
  group.spawn(admit_all(seeds));
  co_return;
}

coro::Task<> Crawler::read_seeds_into(coro::Channel<NewUrl>& seeds) {
  coro::Worker reading{"seeds", 4};
  auto source = read_seeds(reading, parts_.job.seeds);
  const bool guessing = parts_.job.seeds.sitemaps.mode == SitemapMode::automatic;
  SitemapGuesses guesses;
  while (!control_.stopping()) {
    auto next = source.next();
    const auto seed = co_await std::move(next);
    if (!seed) break;
    auto url = admit_seed(*seed);
    auto guess = url && guessing ? guesses.next(*url, *admission_) : std::nullopt;
    auto sending = seeds.send(url ? std::move(*url) : bad_seed(*seed, url.error()));
    co_await std::move(sending);
    if (!guess) continue;
    auto sending_guess = seeds.send(std::move(*guess));
    co_await std::move(sending_guess);
  }
  seeds.close();
}

Result<NewUrl> Crawler::admit_seed(const Seed& seed) {
  if (seed.is_sitemap) return admission_->sitemap_seed(seed.text);
  if (!seed.is_json()) return admission_->seed(std::string_view{seed.text});
  if (parts_.job.mode != JobMode::fetch)
    return fail(Errc::bad_url, "lines in JSON are for job.mode = \"fetch\"");
  auto line = parse_list_line(seed.text);
  if (!line) return std::unexpected(line.error());
  return admission_->seed(std::move(*line));
}

coro::Task<> Crawler::admit_all(coro::Channel<NewUrl>& seeds) {
  for (;;) {
    auto waiting = seeds.next();
    auto next = co_await std::move(waiting);
    if (!next) co_return;
    Commit commit;
    for (; next; next = seeds.try_next()) commit.admitted.push_back(std::move(*next));
    auto committing = committer_.commit(std::move(commit));
    auto published = co_await std::move(committing);
    auto publishing = publish(std::move(published));
    co_await std::move(publishing);
  }
}

// Runs on the loop of whoever admitted the URLs.
coro::Task<> Crawler::publish(std::vector<Published> urls) {
  std::map<Shard*, std::vector<Published>> batches;
  for (auto& url : urls) batches[&shard_of(url.host)].push_back(std::move(url));
  for (auto& [shard, batch] : batches) {
    auto sending = shard->inbox().send(std::move(batch));
    co_await std::move(sending);  // false: the shard has stopped, and the store has the URLs
  }
}

Shard& Crawler::shard_of(std::string_view host_key) {
  return *shards_[web::fingerprint(host_key) % shards_.size()];
}

coro::Task<> Crawler::watch(coro::Group& group) {
  std::optional<Mono> give_up;
  for (;;) {
    co_await coro::sleep_for(watch_interval / (control_.stopping() ? 10 : 1));
    if (stops_ > 0) control_.request_stop(StopReason::interrupted);
    if (!control_.stopping()) {
      check_duration();
      check_disk();
      co_await look_for_room();
      continue;
    }
    if (!give_up) give_up = parts_.clock.now() + parts_.job.grace;
    if (parts_.clock.now() < *give_up && stops_ < 2) continue;
    log("crawl")->info("giving up what is in flight; it stays queued");
    group.cancel();
    co_return;
  }
}

void Crawler::check_duration() {
  const auto& limit = parts_.job.limits.duration;
  if (limit && parts_.clock.now() - started_ >= *limit)
    control_.request_stop(StopReason::limit,
                          fmt::format("limits.duration = {}", format_duration(*limit)));
}

void Crawler::check_disk() {
  const auto& floor = parts_.job.limits.min_free_disk_bytes;
  struct statvfs disk{};
  if (!floor || ::statvfs(parts_.output_dir.c_str(), &disk) != 0) return;
  const std::uint64_t free_bytes = std::uint64_t{disk.f_bavail} * disk.f_frsize;
  const bool low = free_bytes < *floor;
  if (low == disk_low_) return;
  disk_low_ = low;
  control_.pause(PauseReason::disk_low, low);
  if (low)
    log("crawl")->warn("paused: {} free under {}, limits.min_free_disk is {}; goes on by itself",
                       human_bytes(free_bytes), parts_.output_dir.string(), format_bytes(*floor));
  else
    log("crawl")->info("disk space is back; going on");
}

// Writer thread.
void Crawler::on_stall(const std::optional<Error>& why) {
  control_.pause(PauseReason::disk_full, why.has_value());
  why ? control_.say_disk_full(*why) : control_.say_room_again();
}

coro::Task<> Crawler::look_for_room() {
  if (!control_.lacks_room()) {
    room_tries_ = 0;
    co_return;
  }
  if (room_tries_ > 0 && parts_.clock.now() < next_room_try_) co_return;
  next_room_try_ = parts_.clock.now() + room_retry_delay(++room_tries_);
  auto asking = files_.run([this] {
    return has_room(parts_.output_dir / "tmp", control_.room_wanted_bytes() + room_spare_bytes);
  });
  const bool room = co_await std::move(asking);
  if (!room) co_return;
  control_.forget_room_wanted();
  control_.pause(PauseReason::no_room, false);
  control_.say_room_again();
}

void Crawler::stop() {
  ++stops_;
}

CrawlProgress Crawler::progress() const {
  CrawlProgress progress{.totals = committer_.totals(),
                         .run = control_.figures(),
                         .memory_bytes = memory_.used(),
                         .memory_bytes_max = memory_.bytes_max(),
                         .paused = control_.paused(),
                         .seeding = seeding_};
  std::optional<std::int64_t> wait;
  for (const auto& shard : shards_) {
    const ShardGauges& gauges = shard->gauges();
    progress.in_flight += gauges.in_flight;
    progress.hosts_ready += gauges.hosts_ready;
    progress.hosts_waiting += gauges.hosts_waiting;
    progress.loop_lag_p99 = std::max(progress.loop_lag_p99, gauges.lag.percentile(99));
    progress.hosts_backing_off += gauges.hosts_backing_off;
    if (const auto ms = gauges.next_wake_ms.load(); ms > 0) wait = std::min(wait.value_or(ms), ms);
  }
  if (wait) progress.next_fetch_in = Millis{*wait};
  return progress;
}

}  // namespace trawl::crawl
