#pragma once
// FormerSeeds: which seeds of a folder are none any more: the job names them no more, or nothing
// redirects to them that is one itself. They are URLs like others, and widen the scope no more.
// Found out anew at each start, from the seeds on, along what their last answers say. Pure.

#include "core/crawl/scope/named_seeds.hpp"
#include "core/crawl/scope/print_set.hpp"
#include "core/crawl/state/store.hpp"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace trawl::crawl {

class FormerSeeds {
 public:
  // Of more that were redirected to, or asked for, nothing is known to be over.
  static constexpr std::size_t targets_max = 200'000;
  static constexpr std::size_t asked_max = 10'000;
  // Of more redirects nothing but their targets' chains is known while their hop fails.
  static constexpr std::size_t redirects_max = 50'000;

  static constexpr const char* left_key = "seeds.left";
  static constexpr const char* asked_key = "seeds.asked";
  static constexpr const char* redirects_key = "seeds.redirects";
  static constexpr std::initializer_list<const char*> keys = {
      NamedSeeds::named_key, NamedSeeds::former_key, left_key, asked_key, redirects_key};

  // As `meta` has them, by their keys.
  static FormerSeeds parse(const std::map<std::string, std::string>& texts);
  std::map<std::string, std::string> texts() const;

  NamedSeeds& named() { return named_; }
  const NamedSeeds& named() const { return named_; }

  // When a run begins, after named().begin(): all seeds are noted as targets, then as hops if that
  // is needed, and settle() returns whether one is a seed again. canonical: the fingerprints of
  // what the seed and its redirect are by the rules of now; excluded: as a hop it is none.
  struct Canonical {
    std::optional<std::uint64_t> url, redirect_to;
    bool excluded = false;
  };
  void note_target(const KnownSeed& seed);
  bool needs_hops() const {
    return any_redirects_ || !last_.empty() || !steps_.empty() || named_.has_former();
  }
  void note_hop(const KnownSeed& seed, const Canonical& canonical);
  bool settle();

  // A seed, or a hop behind one, redirects in this run.
  void note_redirect(std::uint64_t target) { left_.erase(target); }
  // A list or a push asks for it. Whether that changes anything.
  bool take_back(std::uint64_t url);

  bool any() const { return !left_.empty(); }
  bool has(std::uint64_t url) const { return left_.contains(url); }

 private:
  struct Step {
    std::uint64_t hop, target, place;  // of the target
    auto operator<=>(const Step&) const = default;
  };
  std::vector<std::uint64_t> leads_to(const KnownSeed& seed, std::uint64_t print,
                                      const Canonical& canonical);

  NamedSeeds named_;
  PrintSet left_;
  PrintSet asked_;
  std::vector<PrintPair> last_;  // where hops redirected that say nothing since; sorted
  // Until settle().
  std::vector<Step> steps_;  // sorted when the first hop is noted
  bool sorted_ = false, any_redirects_ = false;
  PrintSet targets_, seen_hops_, excluded_;
  std::vector<std::uint64_t> candidates_;  // that are no seeds by themselves
  std::vector<PrintPair> redirects_;       // of candidates
  std::vector<std::uint64_t> reached_;     // from seeds
  std::vector<PrintPair> still_;           // as last_, from now on, of those that say nothing
  std::vector<PrintPair> now_;             // and of the others
};

}  // namespace trawl::crawl
