#pragma once
// A set of fingerprints, and how `meta` has one: "0123456789abcdef 0123…", sorted.

#include <boost/unordered/unordered_flat_set.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace trawl::crawl {

using PrintSet = boost::unordered_flat_set<std::uint64_t>;

// What is malformed is left out.
PrintSet read_print_set(std::string_view text);
std::string print_set_text(const PrintSet& prints);

}  // namespace trawl::crawl
