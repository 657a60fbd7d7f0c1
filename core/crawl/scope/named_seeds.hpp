#pragma once
// NamedSeeds: which seeds of a folder the job names itself (seeds.urls, seeds.sitemaps), and which
// ones an earlier run of it named and this one doesn't. All others (of lists, or pushed) are seeds
// for good. By fingerprints of URLs. Pure.

#include "core/crawl/scope/print_set.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace trawl::crawl {

class NamedSeeds {
 public:
  // The keys of `meta` that have both.
  static constexpr const char* named_key = "seeds.named";
  static constexpr const char* former_key = "seeds.former";

  // As the texts below were written; what is malformed is left out.
  static NamedSeeds parse(std::string_view named, std::string_view former);
  std::string named_text() const { return print_set_text(named_); }
  std::string former_text() const { return print_set_text(former_); }

  // A run begins whose job names `now`. has_more: it has other seeds that aren't known yet, as
  // those of lists are before they have been read, so nothing is taken for a former seed. Whether
  // one that was former is none any more.
  bool begin(const std::vector<std::uint64_t>& now, bool has_more);
  // A run that may be stopped before that is kept makes seeds of `now`: they were named, too.
  void add(const std::vector<std::uint64_t>& now);
  // A former seed whose canonical form is another one by now, and is named. Whether it was one.
  bool note_spelling(std::uint64_t spelling, std::uint64_t canonical);
  // Somebody else asks for it. Whether it was a former one.
  bool take_back(std::uint64_t seed) { return former_.erase(seed) > 0; }

  bool names(std::uint64_t url) const { return named_.contains(url); }
  bool has_former() const { return !former_.empty(); }
  bool is_former(std::uint64_t seed) const { return former_.contains(seed); }

 private:
  PrintSet named_;
  PrintSet former_;
};

}  // namespace trawl::crawl
