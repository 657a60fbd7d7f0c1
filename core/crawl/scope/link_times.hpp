#pragma once
// LinkTimes: when pages were fetched whose links were not followed as they are now: by a list, or
// by a crawl with other rules for what a link is. Such a page is asked for whole, for a 304 has no
// links. Pure.

#include "core/base/clock.hpp"
#include "core/crawl/job/job.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trawl::crawl {

// The keys of `meta` that have them, and the rules of the last crawl.
inline constexpr const char* link_times_key = "links.unread";
inline constexpr const char* link_rules_key = "links.rules";

// What decides which links of a page are looked at, and which URLs they are.
std::string link_rules(const JobSpec& job);
// Both of link_rules().
bool has_other_link_rules(std::string_view before, std::string_view now);

class LinkTimes {
 public:
  // As text() wrote them; what is malformed is left out.
  static LinkTimes parse(std::string_view text);
  std::string text() const;

  void open(Wall now);        // a list begins; nothing when one has begun
  void close(Wall now);       // a crawl begins, that follows links
  void all_until(Wall time);  // other rules hold from then on
  bool covers(Wall time) const;

 private:
  struct Span {
    std::int64_t first_ms = 0;
    std::int64_t end_ms = 0;  // behind the last one; INT64_MAX while a list runs
  };
  std::vector<Span> spans_;  // rising; a bounded number
};

}  // namespace trawl::crawl
