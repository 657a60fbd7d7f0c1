// The group of run_all() is the whole job: a thread for each shard, the seeds, and the watch over
// limits. It ends when the control says stop and the shards have finished what they began.
#include "core/crawl/engine/crawler.hpp"

#include "core/base/limits.hpp"
#include "core/base/log.hpp"
#include "core/base/log_job.hpp"
#include "core/base/units.hpp"
#include "core/coro/thread.hpp"
#include "core/coro/time.hpp"
#include "core/crawl/engine/disk_room.hpp"
#include "core/crawl/job/name_resolution.hpp"
#include "core/crawl/job/rules_digest.hpp"
#include "core/crawl/job/url_text.hpp"
#include "core/web/digest.hpp"
#include "core/web/url/url.hpp"

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
constexpr Millis saving_max{2'000};  // of parts of bodies, when all is broken off
constexpr std::size_t first_visits_max = 64;
constexpr std::size_t worker_queue_max = 256;
constexpr std::uint64_t room_spare_bytes = 1024 * 1024;  // beside the body that found no room

std::size_t shard_count(const JobSpec& job) {
  const auto wanted = job.output.shards.value_or(
      static_cast<int>(std::max(1U, std::thread::hardware_concurrency())));
  return static_cast<std::size_t>(std::clamp(wanted, 1, std::max(1, job.fetch.concurrency)));
}

// Until it is seen how many places there are for the job.
std::size_t first_visits(int concurrency) {
  return std::min(static_cast<std::size_t>(std::max(concurrency, 1)), first_visits_max);
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

// Where there are other jobs in the process, log lines say whose they are.
std::string log_name(const Crawler::Parts& parts) {
  return parts.places != nullptr ? parts.job.name : std::string{};
}

// The thread is this shard's, so that the name may hold while it waits.
coro::Task<> run_named(Shard& shard, std::string job) {
  const LogJob speaking{std::move(job)};
  auto running = shard.run();
  co_await std::move(running);
}

}  // namespace

Crawler::Crawler(Parts parts)
    : parts_(std::move(parts)),
      live_(live_settings(parts_.job)),
      weight_(parts_.weight),
      control_(parts_.job.limits),
      memory_(parts_.job.limits.memory_bytes,
              static_cast<std::size_t>(std::max(parts_.job.fetch.concurrency, 1))),
      sites_(parts_.job),
      admission_(value_or_throw(Admission::create(parts_.job, parts_.clock.wall()))),
      cookies_(make_cookies(parts_.job, std::move(parts_.cookies), parts_.clock.wall())),
      security_(limits::hsts_hosts_max),
      committer_(parts_.store, parts_.archive),
      files_("files", worker_queue_max),
      cpu_("cpu", worker_queue_max),
      syncs_("syncs", worker_queue_max),
      own_places_(static_cast<std::size_t>(parts_.job.fetch.concurrency)),
      transfers_(parts_.places != nullptr ? *parts_.places : own_places_,
                 share(parts_.weight, parts_.job.fetch.concurrency)),
      visits_(visits_max(first_visits(parts_.job.fetch.concurrency), shard_count(parts_.job))),
      speed_(parts_.job.limits.bandwidth, parts_.speed),
      started_(parts_.clock.now()) {
  const auto guard =
      value_or_throw(http::AddressGuard::create(parts_.job.fetch.allow_private_networks));
  committer_.bound_memory(memory_, parts_.output_dir / "tmp");
  if (parts_.job.fetch.cookies == CookieMode::persist) committer_.keep_cookies(*cookies_);
  if (parts_.job.fetch.hsts) committer_.keep_security(security_);
  const Network network = value_or_throw(read_network(parts_.job));
  PolitenessBuckets& buckets = parts_.buckets != nullptr ? *parts_.buckets : own_buckets_;
  const std::size_t count = shard_count(parts_.job);
  const auto dns = value_or_throw(name_resolution(parts_.job.fetch, count));
  for (std::size_t i = 0; i < count; ++i) {
    shards_.push_back(std::make_unique<Shard>(
        ShardContext{.job = parts_.job,
                     .sites = sites_,
                     .committer = committer_,
                     .archive = parts_.archive,
                     .admission = *admission_,
                     .control = control_,
                     .memory = memory_,
                     .files = files_,
                     .cpu = cpu_,
                     .syncs = syncs_,
                     .clock = parts_.clock,
                     .buckets = buckets,
                     .visits = visits_,
                     .transfers = transfers_,
                     .speed = speed_,
                     .probes_at_once = parts_.again != Again::nothing,
                     .tmp_dir = parts_.output_dir / "tmp",
                     .cookies = cookies_.get(),
                     .security = parts_.job.fetch.hsts ? &security_ : nullptr,
                     .shards = count,
                     .unread_links = &unread_links_,
                     .dns = dns,
                     .on_host_event = parts_.on_host_event},
        i, guard, network));
    shards_.back()->set_publish(
        [this](std::vector<Published> urls) { return publish(std::move(urls)); });
    control_.on_change([shard = shards_.back().get()] { shard->wake(); });
  }
}

Crawler::~Crawler() {
  pushes_->shut();
}

coro::Task<CrawlEnd> Crawler::run() {
  committer_.on_stall([this](const std::optional<Error>& why) { on_stall(why); });
  if (parts_.job.mode != JobMode::fetch)
    committer_.on_known_hop([this] { control_.note_known_hop(); });
  co_await committer_.open();
  if (parts_.job.fetch.hsts) {
    auto reading = committer_.hsts();
    security_.restore(co_await std::move(reading), parts_.clock.wall());
  }
  co_await restore_scope();
  auto beginning = begin_record();
  co_await std::move(beginning);
  co_await queue_again();
  co_await reconsider();
  co_await read_outlinks();
  co_await fetch_whole();
  // A run that was stopped in between leaves them as they were, and the next one judges anew.
  if (stops_ == 0) kept_.meta.merge(changed_seeds_);
  if (committer_.totals().excluded > 0) admission_->note_refusals();
  const StoreTotals before = committer_.totals();
  auto counting_bytes = bytes_before();
  const std::uint64_t bytes = co_await std::move(counting_bytes);
  control_.start_from(before.fetched, bytes);
  check_disk();
  co_await start_shards();
  // Who pushes waits for the run alone.
  struct Shut {
    PushQueue& pushes;
    ~Shut() { pushes.shut(); }
  };
  const Shut shut{*pushes_};
  auto running = coro::with_group(&Crawler::run_all, this);
  co_await std::move(running);
  auto ending = end_record(before);
  co_await std::move(ending);
  const LogJob speaking{log_name(parts_)};
  log("crawl")->debug("the loops were at most {} ms late 99 times of 100",
                      progress().loop_lag_p99.count());
  const bool nothing = control_.reason() == StopReason::done && control_.figures().pages == 0 &&
                       before.queued == 0 && committer_.totals().fetched == before.fetched &&
                       committer_.totals().failed == before.failed &&
                       before.fetched + before.failed > 0;
  co_return CrawlEnd{control_.reason(), control_.detail(), nothing};
}

// What limits.bytes counts of earlier runs: what the round that this one continues has received. A
// limit that is set while the run goes on counts from its beginning: nobody looked at each URL.
coro::Task<std::uint64_t> Crawler::bytes_before() {
  if (!control_.limits().bytes) co_return 0;
  auto counting = committer_.bytes_of_done();
  co_return co_await std::move(counting);
}

coro::Task<> Crawler::start_shards() {
  auto reading_hosts = committer_.hosts();
  const auto hosts = co_await std::move(reading_hosts);
  auto reading_queues = committer_.hosts_with_queue();
  const auto waiting = co_await std::move(reading_queues);
  const std::unordered_set<std::int64_t> with_queue{waiting.begin(), waiting.end()};
  auto reading_lanes = committer_.lanes();
  const std::optional lanes = co_await std::move(reading_lanes);
  for (const HostState& host : hosts)
    shard_of(host.key).add_host(host, with_queue.contains(host.id) ? lanes : std::nullopt);
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
  group.spawn(keep_record());
  group.spawn(take_pushes(group));
  co_return;
}

coro::Task<> Crawler::run_shard(Shard& shard, std::size_t number, coro::Group& group) {
  auto name = fmt::format("shard {}", number);
  auto on_thread =
      coro::run_on_thread(shard.loop(), std::move(name),
                          [&shard, job = log_name(parts_)] { return run_named(shard, job); });
  co_await std::move(on_thread);
  // The last one ends all else: first what was brought in time is stored, for the next run.
  if (--shards_running_ == 0) pushes_->close();
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
    if (!control_.stopping()) {
      fit_visits();
      check_duration();
      check_disk();
      // One who was about to push and gave it up may have kept the run from ending.
      if (committer_.urls_queued() == 0) control_.on_queue_empty();
      const bool judges = control_.has_known_hop() || control_.is_wider();
      if (judges && !judging_ && committer_.urls_queued() == 0 && !seeding_) {
        judging_ = true;
        group.spawn(control_.has_known_hop() ? make_hops() : judge_wider());
      }
      // Beside the watch, which has to go on where a full disk lets nothing be committed.
      if (auto meta = take_changed(); !meta.empty()) group.spawn(keep_changed(std::move(meta)));
      co_await look_for_room();
      continue;
    }
    if (!give_up) give_up = parts_.clock.now() + parts_.job.grace;
    if (parts_.clock.now() < *give_up && stops_ < 2) continue;
    const LogJob speaking{log_name(parts_)};
    log("crawl")->info("giving up what is in flight; it stays queued");
    auto breaking_off = break_off();
    co_await std::move(breaking_off);
    group.cancel();
    co_return;
  }
}

// What came of bodies is to be durable before all else is cancelled; but nobody waits long for it.
coro::Task<> Crawler::break_off() {
  const Mono begun = parts_.clock.now();
  for (const auto& shard : shards_) shard->break_off();
  const auto are_arriving = [](const auto& shard) { return shard->gauges().arriving > 0; };
  while (std::ranges::any_of(shards_, are_arriving) && parts_.clock.now() < begun + saving_max)
    co_await coro::sleep_for(watch_interval / 10);
}

void Crawler::check_duration() {
  const auto limit = control_.limits().duration;
  if (limit && parts_.clock.now() - started_ >= *limit)
    control_.request_stop(StopReason::limit,
                          fmt::format("limits.duration = {}", format_duration(*limit)));
}

void Crawler::check_disk() {
  const std::uint64_t floor = control_.limits().min_free_disk_bytes.value_or(0);
  struct statvfs disk{};
  if (floor == 0 && !disk_low_) return;
  if (::statvfs(parts_.output_dir.c_str(), &disk) != 0) return;
  const std::uint64_t free_bytes = std::uint64_t{disk.f_bavail} * disk.f_frsize;
  const bool low = free_bytes < floor;
  if (low == disk_low_) return;
  disk_low_ = low;
  control_.pause(PauseReason::disk_low, low);
  const LogJob speaking{log_name(parts_)};
  if (low)
    log("crawl")->warn("paused: {} free under {}, limits.min_free_disk is {}; goes on by itself",
                       human_bytes(free_bytes), parts_.output_dir.string(), format_bytes(floor));
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

}  // namespace trawl::crawl
