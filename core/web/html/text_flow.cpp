// What is wanted between two words is kept until the second one comes, so that nothing ends with
// it.
#include "core/web/html/text_flow.hpp"

#include "core/web/ascii.hpp"

#include <algorithm>
#include <utility>

namespace trawl::web {

void TextFlow::begin_row() {
  need_lines(1);
  tabs_ = 0;
  in_row_ = false;
  row_empty_ = true;
}

void TextFlow::begin_cell() {
  if (in_row_) ++tabs_;
  in_row_ = true;
}

void TextFlow::begin_word() {
  // Paragraphs of a cell don't part it from the one before.
  const bool beside = tabs_ > 0 && !row_empty_;
  int lines = beside ? 0 : std::max(lines_, breaks_);
  if (lines > 0 && text_.ends_with('\n')) --lines;  // of what was preserved
  if (!text_.empty()) {
    text_.append(static_cast<std::size_t>(lines), '\n');
    if (lines == 0 && tabs_ == 0 && space_) text_ += ' ';
  }
  text_.append(static_cast<std::size_t>(tabs_), '\t');
  lines_ = breaks_ = tabs_ = 0;
  space_ = row_empty_ = false;
}

void TextFlow::add(std::string_view text, bool preserved) {
  if (preserved) {
    if (text.empty() || (text_.empty() && ascii::trim(text).empty())) return;
    begin_word();
    text_.append(text);
    return;
  }
  while (!text.empty()) {
    std::size_t blank = 0;
    while (blank < text.size() && ascii::is_space(text[blank])) ++blank;
    space_ = space_ || blank > 0;
    text.remove_prefix(blank);
    const auto word = ascii::next_token(text);
    if (word.empty()) return;
    begin_word();
    text_.append(word);
  }
}

std::string TextFlow::take() {
  const std::string_view trimmed = ascii::trim(text_);
  std::string text{trimmed};
  *this = {};
  return text;
}

}  // namespace trawl::web
