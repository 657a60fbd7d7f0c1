// crawl_sim [--seed N] [--seeds N] [--hosts N] [--urls N] [--at-once N] [--memory-urls N]: crawls
// of a model web in virtual time; ends with 1 and the seed when a rule was broken.
#include "tests/sim/simulation.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <fstream>

namespace {

std::uint64_t resident_mib() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t all = 0, resident = 0;
  statm >> all >> resident;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) >> 20;
}

void say(const trawl::sim::SimSpec& spec, const trawl::sim::SimReport& report, double seconds) {
  const double lasted_s = double(report.lasted.count()) / 1000;
  fmt::print(
      "seed {}: {} URLs of {} hosts, {} fetched, {} failed ({} given up), {} retries, {} probes\n"
      "  virtual: {:.0f} s, half of it after {:.0f} s; {:.0f} starts/s, at most {:.0f}/s over a "
      "minute; a host that was ready waited at most {:.1f} s\n"
      "  memory: at most {} URLs, {} hosts, {} MiB of the frontier; {} MiB resident; {} refills, "
      "{} "
      "samples\n"
      "  machine: {:.1f} s, {:.0f} URLs/s\n",
      spec.web.seed, report.urls, spec.web.hosts, report.fetched, report.failed, report.given_up,
      report.retries, report.probes, lasted_s, double(report.half_after.count()) / 1000,
      double(report.starts) / lasted_s, report.starts_per_s_max,
      double(report.longest_ready.count()) / 1000, report.urls_in_memory_max, report.hosts_max,
      report.frontier_bytes_max >> 20, resident_mib(), report.refills, report.samples, seconds,
      double(report.urls) / seconds);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  trawl::sim::SimSpec spec{
      .web = {.hosts = 10'000, .urls = 1'000'000}, .at_once = 2'000, .memory_urls = 100'000};
  std::uint64_t seeds = 1;
  CLI::App app{"crawls of a model web in virtual time"};
  app.add_option("--seed", spec.web.seed, "the first");
  app.add_option("--seeds", seeds, "how many");
  app.add_option("--hosts", spec.web.hosts);
  app.add_option("--urls", spec.web.urls);
  app.add_option("--at-once", spec.at_once, "fetches");
  app.add_option("--begin-with", spec.begin_with, "hosts known at the start");
  app.add_option("--memory-urls", spec.memory_urls, "of the frontier");
  CLI11_PARSE(app, argc, argv);
  for (; seeds > 0; --seeds, ++spec.web.seed) {
    try {
      const auto start = std::chrono::steady_clock::now();
      const auto report = trawl::sim::Simulation{spec}.run();
      say(spec, report,
          std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    } catch (const trawl::sim::Broken& broken) {
      fmt::print("BROKEN: {}\n", broken.what());
      return 1;
    }
  }
}
