#pragma once
// PatternBook: what the kinds of URLs of a host (url_shape.hpp) have brought, and which are fetched
// from less because they bring nothing new: one URL in 4, in 16, in 64, then none. docs/traps.md
// has the rules. Pure; one shard's loop thread. Bounded per host and in all.

#include "core/crawl/scope/word_filter.hpp"
#include "core/crawl/state/store.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trawl::crawl {

// What there is to know of a fetched page here.
struct PageNews {
  std::uint64_t digest = 0;  // of the body
  bool is_text = false;      // words: its text
  bool cut = false;          // there were more
  std::vector<std::uint32_t> words;
  std::vector<std::uint32_t> own_words;  // of its URL: to say them again is no news
};

class PatternBook {
 public:
  // hosts_max: how many hosts' words are held at once (limits::trap_hosts_max, shared by shards).
  explicit PatternBook(std::size_t hosts_max) : hosts_max_(hosts_max) {}

  // Start-up: what an earlier run has counted.
  void restore(const PatternState& state);

  // Why a URL of that shape is not to be fetched, with the rule's name and figures; absent: it is.
  // The same URL gets the same answer while the pattern's rank is the same.
  std::optional<std::string> refusal(std::int64_t host, std::string_view shape,
                                     std::uint64_t fingerprint);
  // Whether any pattern of the host is refused in part or whole.
  bool refuses_any(std::int64_t host) const;

  // Whether a page is worth its words: of a kind that brings much that is new, one in 4 tells
  // enough.
  bool wants(std::int64_t host, std::string_view shape, std::uint64_t fingerprint) const;

  // A wanted page of that shape was fetched with status 200. budget: fetches that are free.
  void note(std::int64_t host, std::string_view shape, const PageNews& page, std::uint64_t budget);

  // A page of the first shape led to a new URL of the second. False when they are of two kinds.
  bool note_led_on(std::int64_t host, std::string_view shape, std::string_view found);

  // The patterns of a host that have changed since the last call, for the store.
  std::vector<PatternState> take_changed(std::int64_t host);

  // A host with fewer pages is not looked at: what it can waste is little.
  static std::int64_t pages_unwatched(std::uint64_t budget) {
    return static_cast<std::int64_t>(budget / 4);
  }

 private:
  struct Pattern {
    PatternState state;
    std::uint32_t window = 0;  // pages since the last judgement
    std::uint32_t window_fresh = 0;
    std::uint32_t window_led_on = 0;         // led to more of their kind
    std::array<std::uint64_t, 8> digests{};  // of the last pages
    std::uint8_t digest_at = 0;
    bool calm = false;  // the last block brought much that is new
    bool changed = false;
  };
  struct Host {
    std::vector<Pattern> patterns;  // few enough to be searched
    std::unique_ptr<WordFilter> words;
    std::uint64_t used = 0;
    std::size_t demoted = 0;
  };

  static const Pattern* find(const Host& host, std::string_view shape);
  static const Pattern* pattern_of(const Host& host, std::string_view shape);
  Pattern& find_or_add(std::int64_t id, Host& host, std::string_view shape);
  static std::string merged_shape(const Host& host, std::string_view shape);
  WordFilter& words_of(Host& host);
  static bool is_fresh(Pattern& pattern, const PageNews& page, const WordNews& news);
  static void judge(Host& host, Pattern& pattern, std::uint64_t budget);

  std::size_t hosts_max_;
  boost::unordered_flat_map<std::int64_t, Host> hosts_;
  std::size_t filters_ = 0;
  std::uint64_t uses_ = 0;
};

// "one in 16 is fetched", "no more are fetched".
std::string rank_words(int rank);

}  // namespace trawl::crawl
