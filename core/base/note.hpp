#pragma once
// Notes: what was odd about an answer that is kept all the same, as snake_case words in one text
// with commas between; empty when nothing was.

#include <string>
#include <string_view>

namespace trawl {

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
