#pragma once
// CssScanner: the tokens of a selector, as the grammar asks for them (CSS Syntax Level 3).

#include "core/web/select/css_selector.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace trawl::web::css {

// Thrown by a scanner and caught where it was made.
struct Wrong {
  std::string message;
  std::size_t at;
};

class CssScanner {
 public:
  explicit CssScanner(std::string_view text) : text_(text) {}

 protected:
  [[noreturn]] void fail(std::string message) const;
  std::size_t at() const { return at_; }
  void go_back(std::size_t at) { at_ = at; }
  bool at_end() const { return at_ == text_.size(); }
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  char next() { return text_[at_++]; }
  bool take(char c);
  bool take(std::string_view words);
  bool take_word(std::string_view word);  // in any case
  void expect(char c);

  // True when there is white space; comments are none (section 4.3.2).
  bool skip_space();
  void skip_comments();

  bool is_name_start() const;
  std::string identifier();
  // As identifier(), which it mostly is; "2" is none, and is often written.
  std::string word();
  std::string quoted();
  std::string text() { return peek() == '"' || peek() == '\'' ? quoted() : word(); }
  // The microsyntax An+B (section 6).
  void read_nth(Nth& nth);

 private:
  void escape(std::string& out);
  std::optional<int> digits();

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace trawl::web::css
