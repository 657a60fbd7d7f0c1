#pragma once
// SeedRedirects: where seeds redirect is as good as a seed, for as long as they do. Which redirects
// are over (the seed, or a hop behind it, has a page of its own by now, or redirects to something
// else that is known), and which targets are seeds of their own, since a list or a push asks for
// them. By fingerprints of URLs. Pure.

#include "core/crawl/print_set.hpp"
#include "core/crawl/store.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace trawl::crawl {

class SeedRedirects {
 public:
  // Where there are more of either, no redirect is taken to be over.
  static constexpr std::size_t targets_max = 1'000'000;
  static constexpr std::size_t asked_max = 10'000;

  // The keys of `meta` that have both.
  static constexpr const char* ended_key = "seeds.ended";
  static constexpr const char* asked_key = "seeds.asked";

  // As the texts below were written; what is malformed is left out.
  static SeedRedirects parse(std::string_view ended, std::string_view asked);
  std::string ended_text() const { return print_set_text(ended_); }
  std::string asked_text() const { return print_set_text(asked_); }

  // When a run begins: all seeds are noted as targets, then as hops where there are targets, and
  // begin() returns whether a redirect that was over has come back. to: where the hop redirects, in
  // its canonical form.
  void note_target(const KnownSeed& seed);
  bool has_targets() const { return !targets_.empty(); }
  void note_hop(const KnownSeed& seed, std::optional<std::uint64_t> to);
  bool begin();

  // A hop redirects in this run.
  void note_redirect(std::uint64_t hop, std::uint64_t target);
  // Somebody asks for the URL itself. Whether that is news.
  bool ask_for(std::uint64_t url);

  bool any_ended() const { return !ended_.empty() && !are_too_many(); }
  bool is_asked_for(std::uint64_t url) const { return asked_.contains(url); }
  // chain: the hops that led to the URL.
  bool is_over(std::uint64_t url, std::span<const std::uint64_t> chain) const;

 private:
  bool are_too_many() const { return targets_.size() >= targets_max || asked_.size() >= asked_max; }

  PrintSet ended_;    // of hop and target together
  PrintSet asked_;    // targets
  PrintSet targets_;  // that are known
  // Until begin(): where each hop has ever led, and what is over now.
  boost::unordered_flat_map<std::uint64_t, std::vector<std::uint64_t>> hops_;
  PrintSet ending_;
};

}  // namespace trawl::crawl
