#pragma once
// Where the text of title, textarea, style, script and their like ends.

#include "core/web/html/html_tokenizer.hpp"

#include <string_view>

namespace trawl::web {

// The '<' of the end tag of `element` that ends the text [at, end), or end. `mode` is rcdata,
// rawtext or script; a script also has the standard's escaped states. Linear.
const char* find_raw_text_end(const char* at, const char* end, HtmlTextMode mode,
                              std::string_view element);

}  // namespace trawl::web
