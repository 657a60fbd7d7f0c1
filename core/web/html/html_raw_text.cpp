// A script may hold "<!-- <script> </script> -->": inside "<!--" an inner "<script" hides one end
// tag (HTML standard, sections 13.2.5.15 to 13.2.5.31). Only '<' and "-->" change the state, so
// the search goes from one of them to the next.

#include "core/web/html/html_raw_text.hpp"

#include "core/web/ascii.hpp"
#include "core/web/byte_scan.hpp"

#include <cstddef>

namespace trawl::web {
namespace {

// True when [at, end) begins with `name` and a character that ends a tag name.
bool names_tag(const char* at, const char* end, std::string_view name) {
  if (name.empty() || static_cast<std::size_t>(end - at) <= name.size()) return false;
  if (!ascii::equals(std::string_view(at, name.size()), name)) return false;
  const char after = at[name.size()];
  return ascii::is_space(after) || after == '/' || after == '>';
}

bool closes(const char* open, const char* end, std::string_view name) {
  return end - open > 2 && open[1] == '/' && names_tag(open + 2, end, name);
}

const char* find_plain_end(const char* at, const char* end, std::string_view element) {
  while (true) {
    at = scan::find(at, end, '<');
    if (at == end || closes(at, end, element)) return at;
    ++at;
  }
}

// The first "-->" in [at, end), or end. The dashes may be those of "<!--".
const char* find_comment_close(const char* at, const char* end) {
  const char* const start = at;
  while (true) {
    at = scan::find(at, end, '>');
    if (at == end || (at - start >= 2 && at[-1] == '-' && at[-2] == '-')) return at;
    ++at;
  }
}

// From the '<' of "<!--": the '<' of the end tag that ends the script inside the comment, or null;
// then `at` is where plain script goes on.
const char* find_escaped_end(const char*& at, const char* end, std::string_view element) {
  const char* const close = find_comment_close(at + 2, end);
  bool doubled = false;  // inside an inner <script>
  for (at += 4;; ++at) {
    if (at >= close) break;
    at = scan::find(at, close, '<');
    if (at == close) break;
    if (doubled) {
      if (closes(at, end, "script")) doubled = false;
    } else if (closes(at, end, element)) {
      return at;
    } else if (names_tag(at + 1, end, "script")) {
      doubled = true;
    }
  }
  at = close;
  return nullptr;
}

const char* find_script_end(const char* at, const char* end, std::string_view element) {
  while (true) {
    at = scan::find(at, end, '<');
    if (at == end || closes(at, end, element)) return at;
    if (std::string_view(at, static_cast<std::size_t>(end - at)).starts_with("<!--")) {
      if (const char* found = find_escaped_end(at, end, element)) return found;
    } else {
      ++at;
    }
  }
}

}  // namespace

const char* find_raw_text_end(const char* at, const char* end, HtmlTextMode mode,
                              std::string_view element) {
  return mode == HtmlTextMode::script ? find_script_end(at, end, element)
                                      : find_plain_end(at, end, element);
}

}  // namespace trawl::web
