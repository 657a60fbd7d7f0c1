#pragma once
// The URLs of CSS (CSS Syntax Level 3, section 4): url(), @import and the strings of image-set()
// (CSS Images Level 4, section 2.4), without a tree.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace trawl::web {

struct CssUrl {
  std::string_view text;  // as written, without quotes
  bool escaped = false;   // text has a backslash; unescape_css makes it readable
  bool import = false;    // of @import
};

// Reads the URLs of a style sheet or a style attribute one by one. Linear; keeps views into css.
class CssScanner {
 public:
  explicit CssScanner(std::string_view css) : at_(css.data()), end_(at_ + css.size()) {}

  std::optional<CssUrl> next();

 private:
  enum class AtRule : unsigned char { none, import, unlinked };

  std::optional<CssUrl> read_string();
  std::optional<CssUrl> read_url_function();
  std::optional<CssUrl> read_unquoted_url();
  std::string_view read_name();
  void read_at_rule();
  void skip_comment();
  void skip_bad_url();
  void count_parenthesis(char c);

  const char* at_;
  const char* end_;
  AtRule rule_ = AtRule::none;  // whose prelude is being read
  std::size_t set_depth_ = 0;   // parentheses that are open from that of an image-set on
};

std::string unescape_css(std::string_view text);

}  // namespace trawl::web
