#pragma once
// A set of fingerprints, and how `meta` has one: "0123456789abcdef 0123…", sorted; and pairs of
// them, as "0123456789abcdef>0123456789abcdef …".

#include <boost/unordered/unordered_flat_set.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trawl::crawl {

using PrintSet = boost::unordered_flat_set<std::uint64_t>;

// What is malformed is left out.
PrintSet read_print_set(std::string_view text);
std::string print_set_text(const PrintSet& prints);

using PrintPair = std::pair<std::uint64_t, std::uint64_t>;

// Sorted. What is malformed is left out.
std::vector<PrintPair> read_print_pairs(std::string_view text);
std::string print_pairs_text(const std::vector<PrintPair>& sorted);

}  // namespace trawl::crawl
