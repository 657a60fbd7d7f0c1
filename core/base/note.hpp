#pragma once
// Notes: what is to be known of an answer that is kept all the same, as snake_case words in one
// text with commas between; empty when nothing is.

#include <array>
#include <string>
#include <string_view>

namespace trawl {

// All of them; docs/faults.md says what each means.
inline constexpr std::array<std::string_view, 11> note_words{
    "excess_bytes", "cl_and_te",    "te_in_http_1_0", "trailers_cut", "trailing_data", "max_body",
    "other_type",   "decode_ratio", "two_locations",  "links_cut",    "outlink"};

inline bool has_note(std::string_view notes, std::string_view word) {
  while (!notes.empty()) {
    const auto comma = notes.find(',');
    if (notes.substr(0, comma) == word) return true;
    notes.remove_prefix(comma == notes.npos ? notes.size() : comma + 1);
  }
  return false;
}

// Once each, in the order of appearance. more: one word, or several with commas between.
inline void add_note(std::string& notes, std::string_view more) {
  while (!more.empty()) {
    const auto comma = more.find(',');
    const std::string_view word = more.substr(0, comma);
    more.remove_prefix(comma == more.npos ? more.size() : comma + 1);
    if (word.empty() || has_note(notes, word)) continue;
    if (!notes.empty()) notes += ',';
    notes += word;
  }
}

}  // namespace trawl
