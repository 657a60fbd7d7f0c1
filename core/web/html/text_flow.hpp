#pragma once
// TextFlow: text as it stands on a page, from pieces of text and the breaks between them (HTML
// standard, 3.2.7, innerText).

#include <string>
#include <string_view>

namespace trawl::web {

class TextFlow {
 public:
  // White space is one space between words; preserved: as it is, with its line ends (<pre>).
  void add(std::string_view text, bool preserved);
  // At least so many line ends before what follows; none at the beginning.
  void need_lines(int count) { lines_ = count > lines_ ? count : lines_; }
  void add_line() { ++breaks_; }  // <br>
  // A table's row on a line of its own, with a tab between its cells, whatever is in them.
  void begin_row();
  void begin_cell();
  bool empty() const { return text_.empty(); }
  // Without white space at its ends.
  std::string take();

 private:
  void begin_word();

  std::string text_;
  // Wanted before the next word.
  int lines_ = 0, breaks_ = 0, tabs_ = 0;
  bool space_ = false;
  bool in_row_ = false;     // a cell of it has begun
  bool row_empty_ = false;  // nothing has been said in it
};

}  // namespace trawl::web
