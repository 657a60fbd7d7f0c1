#pragma once
// NamedSeeds: which seeds of a folder the job names itself (seeds.urls, seeds.sitemaps), and which
// ones an earlier run of it named and this one doesn't. All others (of lists, or pushed) are seeds
// for good. Where a seed redirected is one for as long as it does. By fingerprints of URLs. Pure.

#include "core/crawl/store.hpp"

#include <boost/unordered/unordered_flat_set.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trawl::crawl {

class NamedSeeds {
 public:
  // The keys of `meta` that have both.
  static constexpr const char* named_key = "seeds.named";
  static constexpr const char* former_key = "seeds.former";

  // As the texts below were written; what is malformed is left out.
  static NamedSeeds parse(std::string_view named, std::string_view former);
  std::string named_text() const { return text_of(named_); }
  std::string former_text() const { return text_of(former_); }

  // A run begins whose job names `now`. has_more: it has other seeds that aren't known yet, as
  // those of lists are before they have been read, so nothing is taken for a former seed. Whether
  // one that was former is none any more.
  bool begin(const std::vector<std::uint64_t>& now, bool has_more);
  // A former seed whose canonical form is another one by now, and is named. Whether it was one.
  bool note_spelling(std::uint64_t spelling, std::uint64_t canonical);
  // Somebody else asks for it. Whether it was a former one.
  bool take_back(std::uint64_t seed) { return former_.erase(seed) > 0; }

  bool names(std::uint64_t url) const { return named_.contains(url); }
  // These hops redirected once, and are pages now.
  using Prints = boost::unordered_flat_set<std::uint64_t>;
  void end_redirects(Prints hops) { ended_ = std::move(hops); }

  bool has_former() const { return !former_.empty() || !ended_.empty(); }
  // chain: the hops that led to the URL, as KnownSeed has them.
  bool is_former(std::uint64_t url, std::span<const std::uint64_t> chain) const;

 private:
  static Prints read(std::string_view text);
  static std::string text_of(const Prints& prints);

  Prints named_;
  Prints former_;
  Prints ended_;
};

// Finds out which redirects have ended: all seeds are noted as targets first, then as hops.
class EndedRedirects {
 public:
  void note_target(const KnownSeed& seed) {
    hops_.insert(seed.redirect_chain.begin(), seed.redirect_chain.end());
  }
  bool has_targets() const { return !hops_.empty(); }
  void note_hop(const KnownSeed& seed);
  NamedSeeds::Prints take() { return std::exchange(ended_, {}); }

 private:
  NamedSeeds::Prints hops_, ended_;
};

}  // namespace trawl::crawl
