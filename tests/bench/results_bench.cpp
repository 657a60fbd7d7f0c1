// `trawl results` and its kin on a large database: rows a second, and the most memory that the
// program took, for one tenth of the rows and for all, which must be the same.
//   ./dev bench micro results [ROWS] [FOLDER]
// The database is made through the store, in wide batches; a folder that has it already is used.
#include "storage/sqlite/schema.hpp"
#include "storage/sqlite/store.hpp"
#include "tests/support/temp_dir.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace trawl {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::int64_t batch_urls = 10'000;
constexpr std::int64_t hosts = 20'000;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

crawl::Outcome outcome_of(std::int64_t number) {
  crawl::Outcome o{.state = crawl::UrlState::fetched, .status = number % 20 == 0 ? 404 : 200};
  o.attempts = 1;
  o.fetched_at = Wall{Millis{1'769'904'000'000 + number}};
  o.ip = "192.0.2.7";
  o.http_version = "1.1";
  o.ttfb_ms = number % 300;
  o.total_ms = number % 400 + 20;
  o.bytes_wire = static_cast<std::uint64_t>(9'000 + number % 5'000);
  o.bytes_body = static_cast<std::uint64_t>(30'000 + number % 9'000);
  o.content_type = "text/html; charset=utf-8";
  o.charset = "utf-8";
  o.title = fmt::format("Page {} of a site with quite ordinary titles", number);
  o.digest = fmt::format("sha256:{:064x}", number);
  o.etag = fmt::format("\"{:x}\"", number * 2'654'435'761);
  o.archive = crawl::ArchivePosition{fmt::format("warc/bench-{:05}.warc.gz", number / 100'000),
                                     static_cast<std::uint64_t>(number % 100'000) * 9'300, 9'200};
  return o;
}

// Links of a batch lead to many hosts, as those of a crawl do; every URL is fetched in the batch
// after the one that admitted it.
void build(const std::filesystem::path& folder, std::int64_t rows) {
  std::filesystem::create_directories(folder);
  storage::SqliteStore store{folder / "crawl.db"};
  std::vector<crawl::UrlId> admitted;
  std::int64_t first = 0;
  for (std::int64_t number = 0; number <= rows; number += batch_urls) {
    crawl::StoreBatch batch;
    for (std::size_t i = 0; i < admitted.size(); ++i)
      batch.updates.push_back(
          {.id = admitted[i], .outcome = outcome_of(first + static_cast<std::int64_t>(i))});
    for (std::int64_t i = number; i < std::min(rows, number + batch_urls); ++i) {
      const std::string host = fmt::format("www.host-{}.example", i / 25 * 7'919 % hosts);
      batch.admitted.push_back({.url = fmt::format("https://{}/articles/{}/page.html", host, i),
                                .host = host,
                                .depth = static_cast<int>(i % 9)});
      if (!admitted.empty())
        batch.admitted.back().via = admitted[static_cast<std::size_t>(i) % admitted.size()];
    }
    first = number;
    admitted = store.apply(batch);
  }
}

struct Run {
  double seconds = 0;
  long rss_max_kib = 0;
};

std::optional<Run> run(std::vector<std::string> arguments) {
  const auto begin = Clock::now();
  const pid_t child = ::fork();
  if (child == 0) {
    const int null = ::open("/dev/null", O_WRONLY);
    ::dup2(null, STDOUT_FILENO);
    std::vector<char*> argv;
    for (auto& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }
  int status = 0;
  rusage usage{};
  if (child < 0 || ::wait4(child, &status, 0, &usage) != child || status != 0) return std::nullopt;
  return Run{seconds_since(begin), usage.ru_maxrss};
}

int bench(std::int64_t rows, const std::filesystem::path& folder) {
  const bool there = std::filesystem::exists(folder / "crawl.db");
  const auto begin = Clock::now();
  if (!there) build(folder, rows);
  auto db = storage::open_for_reading(folder / "crawl.db");
  rows = db.integer("SELECT fetched + queued FROM progress");
  fmt::print("{} rows in {} bytes{}\n", rows, std::filesystem::file_size(folder / "crawl.db"),
             there ? "" : fmt::format(", made in {:.0f} s", seconds_since(begin)));
  const std::string trawl = TRAWL_SOURCE_DIR "/build/release/trawl", dir = folder.string();
  const std::string file = (folder / "export").string();
  const std::vector<std::vector<std::string>> commands{
      {"results", dir, "--format", "jsonl"},   {"results", dir, "--format", "csv"},
      {"results", dir, "--status", "404"},     {"export", dir, "-o", file + ".jsonl.gz"},
      {"export", dir, "-o", file + ".sqlite"},
  };
  for (const auto& command : commands) {
    for (const std::int64_t count : {rows / 10, rows}) {
      std::vector<std::string> arguments{trawl};
      arguments.insert(arguments.end(), command.begin(), command.end());
      arguments.insert(arguments.end(), {"--limit", std::to_string(count)});
      const auto ran = run(arguments);
      if (!ran) return 1;
      fmt::print("{} {} {}: {} rows at most, {:.1f} s, {:.0f} rows/s, {} KiB at most\n", command[0],
                 command[2], command[3], count, ran->seconds,
                 static_cast<double>(count) / ran->seconds, ran->rss_max_kib);
      std::fflush(stdout);
    }
  }
  return 0;
}

}  // namespace
}  // namespace trawl

int main(int argc, char** argv) {
  const trawl::support::TempDir dir;
  return trawl::bench(argc > 1 ? std::atoll(argv[1]) : 1'000'000,
                      argc > 2 ? std::filesystem::path{argv[2]} : dir.path());
}
