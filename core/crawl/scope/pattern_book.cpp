// A page brings something new when it has a word that no page of its host had before, or words side
// by side that were not so before; but a page whose words are all old and most of whose pairs are
// new is a dictionary that was shaken. Judged in blocks, and only after the budget, so that a
// site's own repetitions (indexes, archives) don't count against it while it brings pages too.
#include "core/crawl/scope/pattern_book.hpp"

#include "core/base/limits.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace trawl::crawl {
namespace {

constexpr int rank_none = 4;            // from here on nothing is fetched
constexpr std::size_t queries_max = 8;  // query shapes of one path that are told apart
constexpr std::string_view other_shape = "{other}";
constexpr std::string_view any_query = "?{any}";

std::uint64_t one_in(int rank) {
  return 1ULL << (2 * rank);
}

// Pages in a block: at rank 0, and when only few are fetched.
std::uint32_t block_pages(std::uint64_t budget, int rank) {
  const auto block = static_cast<std::uint32_t>(std::clamp<std::uint64_t>(budget / 2, 8, 100));
  return rank == 0 ? block : std::max(block / 4, 4U);
}

std::string_view path_of(std::string_view shape) {
  return shape.substr(0, shape.find('?'));
}

}  // namespace

std::string rank_words(int rank) {
  if (rank == 0) return "all are fetched";
  if (rank >= rank_none) return "no more are fetched";
  return fmt::format("one in {} is fetched", one_in(rank));
}

void PatternBook::restore(const PatternState& state) {
  Host& host = hosts_[state.host];
  if (host.patterns.size() >= limits::trap_patterns_max) return;
  host.patterns.push_back({.state = state});
  if (state.rank > 0) ++host.demoted;
}

const PatternBook::Pattern* PatternBook::find(const Host& host, std::string_view shape) {
  const auto found = std::ranges::find(
      host.patterns, shape,
      [](const Pattern& pattern) -> std::string_view { return pattern.state.shape; });
  return found == host.patterns.end() ? nullptr : &*found;
}

// What a new shape is counted as: parameters can be combined without end, and names made up.
std::string PatternBook::merged_shape(const Host& host, std::string_view shape) {
  if (shape.contains('?')) {
    const std::string_view path = path_of(shape);
    const auto same = std::ranges::count_if(host.patterns, [&](const Pattern& pattern) {
      const std::string& other = pattern.state.shape;
      return other.size() > path.size() && other.starts_with(path) && other[path.size()] == '?';
    });
    if (std::cmp_greater_equal(same, queries_max)) return std::string{path}.append(any_query);
  }
  if (host.patterns.size() + 1 >= limits::trap_patterns_max) return std::string{other_shape};
  return std::string{shape};
}

// What a URL of that shape is counted as, if it has been counted.
const PatternBook::Pattern* PatternBook::pattern_of(const Host& host, std::string_view shape) {
  if (const Pattern* pattern = find(host, shape)) return pattern;
  const std::string merged = merged_shape(host, shape);
  return merged == shape ? nullptr : find(host, merged);
}

PatternBook::Pattern& PatternBook::find_or_add(std::int64_t id, Host& host,
                                               std::string_view shape) {
  const Pattern* known = pattern_of(host, shape);
  if (known != nullptr)
    return host.patterns[static_cast<std::size_t>(known - host.patterns.data())];
  return host.patterns.emplace_back(
      Pattern{.state = {.host = id, .shape = merged_shape(host, shape)}});
}

bool PatternBook::wants(std::int64_t id, std::string_view shape, std::uint64_t fingerprint) const {
  const auto found = hosts_.find(id);
  if (found == hosts_.end()) return true;
  const Pattern* pattern = pattern_of(found->second, shape);
  return pattern == nullptr || !pattern->calm || (fingerprint >> 32) % 4 == 0;
}

bool PatternBook::refuses_any(std::int64_t host) const {
  const auto found = hosts_.find(host);
  return found != hosts_.end() && found->second.demoted > 0;
}

std::optional<std::string> PatternBook::refusal(std::int64_t id, std::string_view shape,
                                                std::uint64_t fingerprint) {
  const auto found = hosts_.find(id);
  if (found == hosts_.end() || found->second.demoted == 0) return std::nullopt;
  Host& host = found->second;
  const Pattern* known = pattern_of(host, shape);
  if (known == nullptr || known->state.rank == 0) return std::nullopt;
  if (known->state.rank < rank_none && fingerprint % one_in(known->state.rank) == 0)
    return std::nullopt;
  Pattern& pattern = host.patterns[static_cast<std::size_t>(known - host.patterns.data())];
  PatternState& state = pattern.state;
  ++state.refused;
  pattern.changed = true;
  return fmt::format(
      "nothing_new: of {} pages like {}, {} brought something new, {} of the last {}; {}",
      state.fetched, state.shape, state.fresh, state.block_fresh, state.block,
      rank_words(state.rank));
}

WordFilter& PatternBook::words_of(Host& host) {
  host.used = ++uses_;
  if (host.words) return *host.words;
  if (filters_ >= std::max<std::size_t>(hosts_max_, 1)) {
    Host* oldest = nullptr;
    for (auto& [id, other] : hosts_)
      if (other.words && (oldest == nullptr || other.used < oldest->used)) oldest = &other;
    if (oldest != nullptr) oldest->words.reset();
    --filters_;
  }
  ++filters_;
  host.words = std::make_unique<WordFilter>();
  return *host.words;
}

bool PatternBook::is_fresh(Pattern& pattern, const PageNews& page, const WordNews& news) {
  if (std::ranges::find(pattern.digests, page.digest) != pattern.digests.end()) return false;
  pattern.digests[pattern.digest_at++ % pattern.digests.size()] = page.digest;
  if (!page.is_text || page.cut || page.words.empty()) return true;
  if (news.new_words > 0) return true;
  return news.new_pairs > 0 && 2 * news.new_pairs < news.words;
}

void PatternBook::note(std::int64_t id, std::string_view shape, const PageNews& page,
                       std::uint64_t budget) {
  Host& host = hosts_[id];
  Pattern& pattern = find_or_add(id, host, shape);
  PatternState& state = pattern.state;
  WordFilter& filter = words_of(host);
  const WordNews news = filter.add(page.words, page.own_words);
  const bool fresh = is_fresh(pattern, page, news);
  ++state.fetched;
  state.fresh += fresh ? 1 : 0;
  pattern.changed = true;
  // While little is known everything is new, or old by accident: that says nothing.
  if (std::cmp_less(filter.pages(), pages_unwatched(budget))) return;
  ++pattern.window;
  pattern.window_fresh += fresh ? 1 : 0;
  judge(host, pattern, budget);
}

bool PatternBook::note_led_on(std::int64_t id, std::string_view shape, std::string_view found) {
  const auto entry = hosts_.find(id);
  if (entry == hosts_.end()) return false;
  Host& host = entry->second;
  const Pattern* pattern = pattern_of(host, shape);
  if (pattern == nullptr) return false;
  if (path_of(shape) != path_of(found) && pattern_of(host, found) != pattern) return false;
  ++host.patterns[static_cast<std::size_t>(pattern - host.patterns.data())].window_led_on;
  return true;
}

void PatternBook::judge(Host& host, Pattern& pattern, std::uint64_t budget) {
  PatternState& state = pattern.state;
  const std::uint32_t block = block_pages(budget, state.rank);
  if (pattern.window < block) return;
  const int before = state.rank;
  pattern.calm = before == 0 && 4 * pattern.window_fresh > block;
  if (state.rank == 0) {
    const bool leads_on = 5 * pattern.window_led_on >= block;
    if (state.fetched >= budget && leads_on && 50 * pattern.window_fresh <= block) state.rank = 1;
  } else if (8 * pattern.window_fresh > block) {
    --state.rank;
  } else if (25 * pattern.window_fresh <= block) {
    state.rank = std::min(state.rank + 1, rank_none);
  }
  if (before == 0 && state.rank > 0) ++host.demoted;
  if (before > 0 && state.rank == 0) --host.demoted;
  state.block = std::exchange(pattern.window, 0);
  state.block_fresh = std::exchange(pattern.window_fresh, 0);
  pattern.window_led_on = 0;
}

std::vector<PatternState> PatternBook::take_changed(std::int64_t id) {
  std::vector<PatternState> changed;
  const auto found = hosts_.find(id);
  if (found == hosts_.end()) return changed;
  for (Pattern& pattern : found->second.patterns)
    if (std::exchange(pattern.changed, false)) changed.push_back(pattern.state);
  return changed;
}

}  // namespace trawl::crawl
