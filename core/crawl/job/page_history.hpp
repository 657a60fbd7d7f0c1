#pragma once
// What is known of a page over all its fetches: the table `url_history` and the view `history`.

#include "core/base/clock.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace trawl::crawl {

// How long a page is left alone: from min to max, by how often it changes; always the same when
// both are equal.
struct RecrawlInterval {
  Millis min{0};
  Millis max{0};
  bool operator==(const RecrawlInterval&) const = default;
};

struct PageHistory {
  Wall first_seen{};    // the first answer
  Wall last_changed{};  // the last answer that was another page than before
  Wall last_checked{};  // the last attempt that ended
  std::uint64_t fetches = 0;
  std::uint64_t changes = 0;
  std::uint32_t unchanged_in_a_row = 0;
  Millis interval{0};              // what the next one is reckoned from; 0: none yet
  std::optional<Wall> next_due;    // absent: not again by itself, or queued
  std::optional<Wall> gone_since;  // 404 or 410 where a page was
  bool operator==(const PageHistory&) const = default;
};

// As the store has it for a URL that is about to be fetched.
struct KnownHistory {
  std::optional<PageHistory> page;  // absent: the first fetch
  std::string sitemap_lastmod;      // W3C datetime; may be empty
  std::string changefreq;           // the sitemap's word; may be empty
};

}  // namespace trawl::crawl
