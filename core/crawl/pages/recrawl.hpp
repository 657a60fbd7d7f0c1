#pragma once
// Recrawl: when a page is to be fetched again, by what came of the last fetch and of those before.
// Pure; the rule is in docs/recrawl.md.

#include "core/crawl/job/job.hpp"
#include "core/crawl/job/page_history.hpp"
#include "core/http/message/message.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace trawl::crawl {

// What an attempt that ended has found.
struct Check {
  enum class Found : std::uint8_t {
    page,       // an answer, and not the one of before
    unchanged,  // the one of before, by the server's word or by its digest
    gone,       // 404 or 410 where a page was
    nothing,    // no whole answer
  };
  Wall at;
  Found found = Found::page;
  std::optional<Millis> fresh_for = {};      // the server says that it stays as it is for so long
  std::optional<Wall> modified = {};         // the page's own time, by the server or the sitemap
  std::optional<Millis> changes_every = {};  // by the sitemap's changefreq
};

class Recrawl {
 public:
  // interval: absent when pages are not fetched again by themselves; history is kept all the same.
  explicit Recrawl(std::optional<RecrawlInterval> interval) : interval_(interval) {}

  bool on() const { return interval_.has_value(); }
  // before: absent at the first fetch.
  PageHistory after(const std::optional<PageHistory>& before, const Check& check) const;

 private:
  Millis within(Millis interval) const;
  void judge(PageHistory& page, const Check& check, bool first) const;

  std::optional<RecrawlInterval> interval_;
};

// The time between two changes that a sitemap's word stands for; absent for another word.
std::optional<Millis> changefreq_interval(std::string_view word);

// How long an answer says that it stays fresh (RFC 9111, 5.2.2 and 5.3): max-age, else Expires from
// its own Date on; absent without either, and with no-cache or no-store.
std::optional<Millis> freshness_of(const http::Headers& headers, Wall now);

}  // namespace trawl::crawl
