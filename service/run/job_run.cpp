// What is opened first is closed last: the crawler's threads end before the store that they write
// to, and the folder's lock is let go when nothing writes any more.
#include "service/run/job_run.hpp"

#include "core/base/clock.hpp"
#include "core/base/limits.hpp"
#include "core/base/log.hpp"
#include "core/crawl/job/rules_digest.hpp"
#include "service/records/stored_job.hpp"
#include "service/run/cookies.hpp"
#include "service/run/descriptor_limit.hpp"
#include "storage/files/writer.hpp"
#include "storage/warc/writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <functional>
#include <map>
#include <optional>
#include <utility>

namespace trawl::service {
namespace {

constexpr const char* round_key = "daemon.round";  // in `meta`: the last one that was begun
constexpr const char* mode_key = "run.mode";       // of the last run
constexpr const char* server_names_key = "files.server_names";  // present: some run had such
// What was fetched in rounds that are over, as "PAGES BYTES": job.limits doesn't count it; without
// BYTES where nobody has counted these. Absent or empty where the round that goes on has fetched
// all that there is.
constexpr const char* left_out_key = "limits.left_out";

std::string left_out_text(std::uint64_t pages, std::optional<std::uint64_t> bytes) {
  return bytes ? fmt::format("{} {}", pages, *bytes) : fmt::format("{}", pages);
}

// Portable names meet nobody's but in a folder that has had others. The store outlives the archive,
// and both are the writer thread's.
std::function<bool(std::string_view, std::string_view)> file_owners(storage::SqliteStore& store) {
  if (!store.meta(server_names_key)) return {};
  return [&store](std::string_view file, std::string_view url) {
    return store.is_anothers_file(file, url);
  };
}

std::unique_ptr<crawl::Archive> make_archive(const crawl::JobSpec& job,
                                             storage::SqliteStore& store) {
  switch (job.output.bodies) {
    case crawl::BodyMode::none:
      return nullptr;
    case crawl::BodyMode::files:
      return std::make_unique<storage::FileArchive>(
          storage::FileOptions{.output_dir = job.output.dir,
                               .decoded_bytes_max = job.fetch.max_body_bytes.value_or(UINT64_MAX),
                               .names = job.output.names,
                               .is_anothers = file_owners(store)});
    case crawl::BodyMode::warc:
      break;
  }
  const bool ignores_robots = job.robots.policy == crawl::RobotsPolicy::ignore;
  return std::make_unique<storage::WarcArchive>(
      storage::WarcOptions{.output_dir = job.output.dir,
                           .job_name = job.name,
                           .warc_size_bytes = job.output.warc_size_bytes,
                           .compression = job.output.warc_compress,
                           .level = job.output.warc_level,
                           .dedup = job.output.warc_dedup,
                           .dictionary = job.output.warc_dictionary,
                           .info = job.output.warcinfo,
                           .software = "trawl/" TRAWL_VERSION,
                           .user_agent = crawl::user_agent(job),
                           .contact = job.contact,
                           .robots = ignores_robots ? "ignore" : "obey"},
      system_clock());
}

std::map<std::string, std::string> meta_of(const crawl::JobSpec& job, const std::string& settings) {
  std::map<std::string, std::string> meta{
      {"job.name", job.name},
      {std::string{job_settings_key}, settings},
      {"job.bodies", job.output.bodies == crawl::BodyMode::files ? "files" : "warc"},
      {mode_key, job.mode == crawl::JobMode::fetch ? "fetch" : "crawl"}};
  if (job.output.bodies == crawl::BodyMode::files && job.output.names == crawl::FileNames::server)
    meta[server_names_key] = "yes";
  // What this run fetches again gets no time then; a later run with one has to look at all.
  if (!crawl::recrawl_interval(job.recrawl)) meta[crawl::recrawl_interval_key] = "";
  return meta;
}

// A list follows no links, so that what a crawl has queued would be fetched and lead nowhere.
// Before anything is written.
void refuse_unfinished_crawl(crawl::Store& store, const crawl::JobSpec& job) {
  const std::uint64_t queued = store.totals().queued;
  if (job.mode != crawl::JobMode::fetch || queued == 0 || store.meta(mode_key) != "crawl") return;
  throw Failure(
      Errc::config,
      fmt::format("{} holds a crawl that is not finished: {} queued, and a list would "
                  "fetch without following its links; let the crawl end first (with a "
                  "higher limit, where one stopped it), or fetch into another folder",
                  job.output.dir, queued == 1 ? "a URL is" : fmt::format("{} URLs are", queued)));
}

// Fewer at once instead of fetches that wait for a socket, and fail when there is none for long.
// share: of the process's descriptors; 0: all of them.
// all: the fetches that all jobs may have at once; 0: its own alone hold.
void fit_to_descriptors(int& concurrency, std::uint64_t share, int all) {
  if (all > 0) concurrency = std::min(concurrency, all);
  const std::uint64_t beside = share > 0 ? descriptors_per_job : descriptors_of_process;
  const auto wanted = beside + sockets_for(static_cast<std::uint64_t>(concurrency));
  const auto allowed = share > 0 ? share : raise_descriptor_limit(wanted);
  if (allowed >= wanted) return;
  const int fitting = concurrency_for(allowed - std::min(allowed, beside));
  log("crawl")->warn(
      "{} may open {} files and sockets, and fetch.concurrency = {} can need {}: {} at "
      "once; raise the limit (ulimit -n, LimitNOFILE=) for more",
      share > 0 ? "this job" : "this process", allowed, concurrency, wanted, fitting);
  concurrency = fitting;
}

}  // namespace

JobRun::JobRun(crawl::JobSpec job, JobRunOptions options)
    : job_(std::move(job)),
      descriptors_(options.descriptors),
      concurrency_max_(options.concurrency_max),
      folder_(storage::OutputFolder::open(job_.output.dir)),
      store_(folder_.open_store()) {
  try {
    refuse_unfinished_crawl(*store_, job_);
  } catch (const Failure&) {
    // The log of a run that was killed goes with the store, and is not to be missed.
    const storage::OutputFolder::LogInUse log{folder_, store_.get()};
    throw;
  }
  auto meta = meta_of(job_, options.settings);
  if (store_->totals() == crawl::StoreTotals{}) {
    meta[crawl::passing_rules_key] = crawl::passing_rules_digest(job_);
    if (job_.mode != crawl::JobMode::fetch) meta[crawl::rules_key] = crawl::rules_digest(job_);
  }
  store_->apply({.meta = std::move(meta)});
  log_in_use_.emplace(folder_, store_.get());
  auto cookies = cookies_at_start(job_, *store_, system_clock().wall());
  archive_ = make_archive(job_, *store_);
  fit_to_descriptors(job_.fetch.concurrency, descriptors_, concurrency_max_);
  if (job_.robots.policy == crawl::RobotsPolicy::ignore)
    log("robots")->warn("robots.txt is ignored for this job (robots.policy = \"ignore\")");
  const crawl::Again again = begin_round(options);
  crawler_ = std::make_unique<crawl::Crawler>(
      crawl::Crawler::Parts{.job = job_,
                            .store = *store_,
                            .archive = archive_.get(),
                            .clock = system_clock(),
                            .output_dir = job_.output.dir,
                            .cookies = std::move(cookies),
                            .again = again,
                            .adds_seeds = options.adds_seeds,
                            .buckets = options.buckets,
                            .places = options.places,
                            .speed = options.speed,
                            .weight = options.weight,
                            .on_host_event = std::move(options.on_host_event)});
  count_from_round();
  totals_at_start_ = store_->totals();
}

JobRun::~JobRun() = default;

// Nothing takes away all that a folder has while its run goes on: where there was something, zeros
// are of a crawler that has not counted yet, or never came to it.
crawl::CrawlProgress JobRun::progress() const {
  crawl::CrawlProgress progress = crawler_->progress();
  if (progress.totals == crawl::StoreTotals{}) progress.totals = totals_at_start_;
  return progress;
}

Result<> JobRun::change(crawl::LiveSettings settings) {
  fit_to_descriptors(settings.concurrency, descriptors_, concurrency_max_);
  return crawler_->change(std::move(settings));
}

void JobRun::keep_settings(std::string text) {
  crawler_->keep_meta(std::string{job_settings_key}, std::move(text));
}

// A round that was begun is noted once its first step is in the store: a run that is killed before
// the note begins it again, when nothing of it was fetched yet; one that is killed later goes on.
crawl::Again JobRun::begin_round(const JobRunOptions& options) {
  using crawl::Again;
  if (options.again == Again::nothing && !options.limits_anew) return Again::nothing;
  const bool all_anew = options.again == Again::all;
  if (!options.round) {
    if (all_anew && store_->meta(left_out_key)) store_->apply({.meta = {{left_out_key, ""}}});
    return options.again;
  }
  if (store_->meta(round_key) == options.round) return Again::nothing;
  std::map<std::string, std::string> meta{{round_key, *options.round}};
  if (options.again != Again::nothing) store_->requeue(options.again, limits::requeued_urls_max);
  if (options.limits_anew) meta[left_out_key] = counted_so_far();
  if (all_anew) meta[left_out_key] = "";
  store_->apply({.meta = std::move(meta)});
  return Again::nothing;
}

// Bytes are summed over all URLs, so only where they are limited.
std::string JobRun::counted_so_far() const {
  return left_out_text(store_->totals().fetched,
                       job_.limits.bytes ? std::optional{store_->bytes_of_done()} : std::nullopt);
}

// What is queued again, by `trawl requeue` or since it is due, counts when it has been fetched: it
// is no longer part of what is left out. A limit of bytes that the round did not begin with counts
// from here: how much of what came before is of this round nobody knows.
void JobRun::count_from_round() {
  std::uint64_t pages = 0, bytes = 0;
  const std::string text = store_->meta(left_out_key).value_or("");
  const int figures = std::sscanf(text.c_str(), "%" SCNu64 " %" SCNu64, &pages, &bytes);
  if (figures < 1) return;
  bool knows_bytes = figures == 2;
  const std::uint64_t fetched = store_->totals().fetched;
  if (job_.limits.bytes && (!knows_bytes || pages > fetched)) {
    const std::uint64_t done = store_->bytes_of_done();
    bytes = knows_bytes ? std::min(bytes, done) : done;
    knows_bytes = true;
  }
  pages = std::min(pages, fetched);
  auto now = left_out_text(pages, knows_bytes ? std::optional{bytes} : std::nullopt);
  if (now != text) store_->apply({.meta = {{left_out_key, std::move(now)}}});
  crawler_->leave_out_of_limits(pages, bytes);
}

}  // namespace trawl::service
