#pragma once
// KnownHops: of where the seeds of a folder redirect, what is not yet known as that: a link, a seed
// that the job names no more, a hop by another way than the one that leads there now, and one that
// the scope has left out. Told of all seeds in three passes. Pure.

#include "core/crawl/scope/print_set.hpp"
#include "core/crawl/state/store.hpp"

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

namespace trawl::crawl {

class KnownHops {
 public:
  // Of more redirects nothing is known.
  static constexpr std::size_t redirects_max = 500'000;

  // skipped: what is not to be looked at. It outlives this.
  explicit KnownHops(const PrintSet& skipped) : skipped_(skipped) {}

  // First pass: `from` redirects to a known URL.
  void note_redirect(const KnownSeed& from, std::uint64_t target);
  bool any() const { return !ways_.empty(); }
  // Second pass. by_itself: whoever redirects to it, it is a seed or a sitemap.
  void note_row(const KnownSeed& row, bool by_itself);
  // Third pass. offer(): `from` may redirect there.
  void begin_offers();
  bool wants(std::uint64_t target) const { return wanted_.contains(target); }
  bool wants_link(std::uint64_t target) const {  // that is none yet
    const auto found = wanted_.find(target);
    return found != wanted_.end() && !found->second.is_hop;
  }
  void offer(const KnownSeed& from, std::uint64_t target);

  // At most so many that may be fetched for it, and ten times as many with another chain alone.
  SeedRoles take(std::size_t roles_max);

 private:
  struct Way {
    std::uint64_t target, hop, chain;  // fingerprints; of the hop's own chain
    std::size_t length;                // of that
    auto operator<=>(const Way&) const = default;
  };
  struct Wanted {
    std::vector<std::uint64_t> chain;  // that it has
    bool is_hop = false;
    bool left_out = false;
    SeedRole best;
  };
  bool has_way(const KnownSeed& row, std::uint64_t print) const;
  bool has_shorter(const KnownSeed& row, std::uint64_t print) const;

  const PrintSet& skipped_;
  std::vector<Way> ways_;  // sorted from the second pass on
  bool sorted_ = false;
  PrintSet settled_, adrift_;
  std::unordered_map<std::uint64_t, Wanted> wanted_;
};

}  // namespace trawl::crawl
