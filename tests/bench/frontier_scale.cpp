// frontier_scale [--urls N] [--hosts N] [--memory BYTES] [--batch N] [--folder DIR]: a crawl
// without a network. URLs over heavy-tailed hosts are admitted, deduplicated, leased and completed
// by the classes that a crawl has for it: Admission, SeenFilter, SqliteStore with its durable
// transactions, Frontier. Prints a line for each million; rates are of the clock and, since a
// machine may be busy otherwise, of the CPU time that it took. A page has one link to a new page of
// its host and two to known ones; a few pages of each host are known from the start. Politeness
// takes no time here: tests/sim is for that.
#include "core/crawl/engine/memory_budget.hpp"
#include "core/crawl/hosts/frontier.hpp"
#include "core/crawl/job/request_spec.hpp"
#include "core/crawl/scope/admission.hpp"
#include "core/crawl/state/seen.hpp"
#include "core/web/url/url.hpp"
#include "storage/sqlite/store.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace trawl::crawl {
namespace {

using Clock = std::chrono::steady_clock;

struct Setup {
  std::uint64_t urls = 5'000'000;
  std::uint64_t hosts = 200'000;
  std::uint64_t memory = 512ULL << 20;
  std::size_t batch = 32'768;         // URLs of one transaction
  int per_host = 1024;                // so that the last few hosts fill a transaction too
  std::uint64_t known_at_start = 20;  // pages of each host
  std::filesystem::path folder = "frontier_scale.tmp";
};

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return double(time.tv_sec) + double(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

std::uint64_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t all = 0, resident = 0;
  statm >> all >> resident;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

// The page of a host with that number.
std::string url_of(std::uint64_t host, std::uint64_t page) {
  return fmt::format("https://www.site-{}.example/section-{}/page-{}.html", host, page % 97, page);
}

std::uint64_t number_behind(std::string_view text, std::string_view mark) {
  std::uint64_t number = 0;
  for (std::size_t at = text.find(mark) + mark.size();
       at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at)
    number = number * 10 + static_cast<std::uint64_t>(text[at] - '0');
  return number;
}

Outcome outcome_of(std::uint64_t page) {
  return {.state = UrlState::fetched,
          .status = 200,
          .attempts = 1,
          .fetched_at = Wall{Millis{1'700'000'000'000 + static_cast<std::int64_t>(page)}},
          .ip = "192.0.2.17",
          .http_version = "1.1",
          .connect_ms = 20,
          .ttfb_ms = 80,
          .total_ms = 120,
          .bytes_wire = 28'000,
          .bytes_body = 90'000,
          .content_type = "text/html",
          .charset = "UTF-8",
          .title = fmt::format("Page {} of the documentation", page),
          .digest = "sha256:" + std::string(64, 'a'),
          .etag = "\"5f3e-5a1b2c3d4e5f6\"",
          .last_modified = "Thu, 01 Jan 2026 00:00:00 GMT",
          .archive = ArchivePosition{"warc/a.warc.gz", page * 900, 900}};
}

// Sizes by a power law, so that they add up to the URLs: the largest of 200,000 hosts has 1.7 % of
// all, the median a few dozen.
std::vector<std::uint32_t> sizes_of(const Setup& setup) {
  std::vector<std::uint32_t> sizes(setup.hosts);
  double weights = 0;
  for (std::uint64_t h = 0; h < setup.hosts; ++h) weights += std::pow(double(h + 1), -2.0 / 3);
  std::uint64_t sum = 0;
  for (std::uint64_t h = 0; h < setup.hosts; ++h) {
    sizes[h] = static_cast<std::uint32_t>(
        std::max(1.0, double(setup.urls) * std::pow(double(h + 1), -2.0 / 3) / weights));
    sum += sizes[h];
  }
  sizes[0] += static_cast<std::uint32_t>(setup.urls > sum ? setup.urls - sum : 0);
  return sizes;
}

class Scale {
 public:
  explicit Scale(const Setup& setup)
      : setup_(setup),
        budget_(setup.memory, 1),
        windows_(budget_, MemoryUse::windows),
        known_urls_(budget_, MemoryUse::known_urls),
        store_(setup.folder / "crawl.db"),
        frontier_(setup.per_host, limits::host_window_urls, Millis{0}),
        sizes_(sizes_of(setup)),
        known_(setup.hosts) {
    job_.scope.mode = ScopeMode::any;
    job_.scope.max_depth.reset();
    admission_ = std::move(*Admission::create(job_, Wall{}));
    seen_.bound(setup.folder, budget_.part(16, SIZE_MAX));
    for (const std::uint32_t size : sizes_) urls_ += size;
  }

  void run() {
    fmt::print("{} URLs of {} hosts, {} in a transaction\n", urls_, setup_.hosts, setup_.batch);
    fmt::print("{:>9} {:>9} {:>8} {:>9} {:>8} {:>8} {:>8} {:>7} {:>8}\n", "done", "known", "URLs/s",
               "URLs/CPUs", "RSS MiB", "says MiB", "spilled", "B/URL", "refills");
    const auto begun = Clock::now();
    const double begun_cpu = cpu_seconds();
    seed();
    while (completed_ < urls_) complete_some();
    const double s = std::chrono::duration<double>(Clock::now() - begun).count();
    const double cpu = cpu_seconds() - begun_cpu;
    fmt::print(
        "all in {:.0f} s, {:.0f} URLs/s, {:.0f} s of CPU, {:.1f} us for each URL; {} duplicates; "
        "resident at most {} MiB\n",
        s, double(urls_) / s, cpu, cpu / double(urls_) * 1e6, duplicates_, resident_max_ >> 20);
    if (rates_.size() > tenth_)
      fmt::print("the last million at {:.2f} of the tenth's rate, {:.2f} of it by CPU time\n",
                 rates_.back().first / rates_[tenth_ - 1].first,
                 rates_.back().second / rates_[tenth_ - 1].second);
  }

 private:
  void admit(std::uint64_t host, std::uint64_t page, UrlId via) {
    const auto url = web::Url::parse(url_of(host, page));
    auto found = admission_->found(*url, 1, via);
    if (!found) return;
    if (!seen_.insert(request_fingerprint(found->url, nullptr))) {
      ++duplicates_;
      return;
    }
    batch_.admitted.push_back(std::move(*found));
  }

  // One durable transaction, then the frontier hears of what was admitted.
  void apply() {
    const std::vector<UrlId> ids = store_.apply(batch_);
    for (std::size_t i = 0; i < ids.size(); ++i) {
      NewUrl& url = batch_.admitted[i];
      frontier_.push(ids[i].host, url.host,
                     {.id = ids[i], .url = std::move(url.url), .depth = url.depth});
    }
    admitted_ += ids.size();
    batch_ = {};
    windows_.set(frontier_.memory_bytes());
    known_urls_.set(seen_.memory_bytes());
    const std::uint64_t resident = resident_bytes();
    resident_max_ = std::max(resident_max_, resident);
  }

  void seed() {
    for (std::uint64_t host = 0; host < setup_.hosts; ++host) {
      known_[host] =
          static_cast<std::uint32_t>(std::min<std::uint64_t>(sizes_[host], setup_.known_at_start));
      for (std::uint32_t page = 0; page < known_[host]; ++page) admit(host, page, UrlId{1, 1});
      if (batch_.admitted.size() >= setup_.batch || host + 1 == setup_.hosts) apply();
    }
    fmt::print("{:>9} {:>9} at the start\n", 0, admitted_);
    since_ = Clock::now();
    since_cpu_ = cpu_seconds();
  }

  void complete_some() {
    std::size_t leased = 0;
    for (; leased < setup_.batch; ++leased) {
      auto acquired = frontier_.acquire(Clock::now());
      refill();
      auto* lease = std::get_if<Lease>(&acquired);
      if (lease == nullptr) break;
      complete(lease->url);
    }
    apply();
    for (std::size_t i = 0; i < leased; ++i) {
      frontier_.release(leased_[i], Mono::min());
      if (++completed_ % 1'000'000 == 0 || completed_ == urls_) say();
    }
    leased_.clear();
  }

  void refill() {
    while (const auto request = frontier_.next_refill()) {
      ++refills_;
      auto urls = store_.queued(request->host, request->after_seq, request->max_urls);
      const bool more = urls.size() == request->max_urls;
      frontier_.refilled(request->host, std::move(urls), more, {Clock::now(), Wall{}});
    }
  }

  void complete(const QueuedUrl& url) {
    const std::uint64_t host = number_behind(url.url, "site-");
    const std::uint64_t page = number_behind(url.url, "page-");
    batch_.updates.push_back({.id = url.id, .outcome = outcome_of(page)});
    if (known_[host] < sizes_[host]) admit(host, known_[host]++, url.id);
    admit(host, random_() % known_[host], url.id);
    admit(host, page / 2, url.id);
    leased_.push_back(url.id.host);
  }

  void say() {
    const auto now = Clock::now();
    const double now_cpu = cpu_seconds();
    const double count = double(completed_ - completed_before_);
    std::uint64_t disk = seen_.disk_bytes();
    for (const auto& file : std::filesystem::directory_iterator(setup_.folder))
      disk += file.file_size();
    rates_.emplace_back(count / std::chrono::duration<double>(now - since_).count(),
                        count / (now_cpu - since_cpu_));
    fmt::print("{:>9} {:>9} {:>8.0f} {:>9.0f} {:>8} {:>8} {:>8} {:>7.0f} {:>8}\n", completed_,
               admitted_, rates_.back().first, rates_.back().second, resident_bytes() >> 20,
               budget_.used() >> 20, frontier_.counts().hosts_spilled,
               double(disk) / double(admitted_), refills_);
    std::fflush(stdout);
    since_ = now;
    since_cpu_ = now_cpu;
    completed_before_ = completed_;
    refills_ = 0;
  }

  static constexpr std::size_t tenth_ = 10;

  Setup setup_;
  JobSpec job_;
  MemoryBudget budget_;
  MemoryBudget::Share windows_;
  MemoryBudget::Share known_urls_;
  std::unique_ptr<Admission> admission_;
  SeenFilter seen_;
  storage::SqliteStore store_;
  Frontier frontier_;
  std::vector<std::uint32_t> sizes_;  // of hosts
  std::vector<std::uint32_t> known_;  // pages of them
  std::mt19937_64 random_{1};
  StoreBatch batch_;
  std::vector<std::int64_t> leased_;  // the hosts of a batch
  std::uint64_t urls_ = 0, admitted_ = 0, completed_ = 0, completed_before_ = 0;
  std::uint64_t duplicates_ = 0, refills_ = 0, resident_max_ = 0;
  Clock::time_point since_;
  double since_cpu_ = 0;
  std::vector<std::pair<double, double>> rates_;  // of each million: by the clock, by CPU time
};

}  // namespace
}  // namespace trawl::crawl

int main(int argc, char** argv) {
  using namespace trawl::crawl;  // NOLINT: a program of one file
  Setup setup;
  CLI::App app{"URLs admitted, deduplicated, leased and completed, a line for each million"};
  app.add_option("--urls", setup.urls);
  app.add_option("--hosts", setup.hosts);
  app.add_option("--memory", setup.memory, "in bytes");
  app.add_option("--batch", setup.batch, "URLs of one transaction");
  app.add_option("--folder", setup.folder, "is removed at the end");
  CLI11_PARSE(app, argc, argv);
  std::filesystem::remove_all(setup.folder);
  std::filesystem::create_directories(setup.folder);
  Scale{setup}.run();
  std::filesystem::remove_all(setup.folder);
}
