#pragma once
// Seeds as a stream: the job's URLs, requests and sitemaps, then its files line by line. Lines are
// trimmed; empty ones and those that begin with '#' are skipped. Files ending in ".gz" are
// decompressed; "-" is standard input. Lines are cut at limits::list_line_bytes_max. Relative lines
// become URLs by SeedSpec::base; those of checksum lists, and the files of Metalink documents
// (".meta4" and ".metalink"), become lines in JSON. Of the first line of a file that is not UTF-8 a
// warning is logged.

#include "core/coro/generator.hpp"
#include "core/coro/worker.hpp"
#include "core/crawl/job/job.hpp"

#include <cstdint>
#include <string>

namespace trawl::crawl {

struct Seed {
  std::string text;
  std::string file;        // empty for seeds.urls and seeds.sitemaps
  std::uint64_t line = 0;  // 1-based
  bool is_sitemap = false;

  // A line of a list that says more than a URL.
  bool is_json() const { return !file.empty() && text.starts_with('{'); }
};

// Throws Failure{not_found, io} naming the file.
coro::AsyncGenerator<Seed> read_seeds(coro::Worker& worker, SeedSpec spec);

}  // namespace trawl::crawl
