#pragma once
// NamedSeeds: which seeds of a folder the job names itself (seeds.urls, seeds.sitemaps), and which
// ones an earlier run of it named and this one doesn't. All others (of lists, or pushed) are seeds
// for good. By fingerprints of URLs. Pure.

#include <boost/unordered/unordered_flat_set.hpp>

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
  bool has_former() const { return !former_.empty(); }
  // redirected_by: the seed whose redirects led to the URL; 0: none did.
  bool is_former(std::uint64_t url, std::uint64_t redirected_by) const {
    return former_.contains(redirected_by == 0 ? url : redirected_by) && !named_.contains(url);
  }

 private:
  using Prints = boost::unordered_flat_set<std::uint64_t>;
  static Prints read(std::string_view text);
  static std::string text_of(const Prints& prints);

  Prints named_;
  Prints former_;
};

}  // namespace trawl::crawl
