#pragma once
// Character references of HTML (HTML standard, sections 13.2.5.72 to 13.2.5.80).

#include <cstddef>
#include <string>
#include <string_view>

namespace trawl::web {

enum class ReferencePlace : bool { text, attribute };

// Decodes the reference at the start of `text`, which begins with '&', and appends it to `out`.
// Returns the bytes read; 0 when there is no reference, so that the '&' stands for itself.
// In an attribute a name without ';' before '=' or a letter or digit stays as it is.
std::size_t append_reference(std::string& out, std::string_view text, ReferencePlace place);

// Appends `raw` as the tokenizer would hand it on: references decoded, newlines normalised, NUL as
// U+FFFD. Linear.
void append_decoded(std::string& out, std::string_view raw, ReferencePlace place);

}  // namespace trawl::web
