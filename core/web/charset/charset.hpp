#pragma once
// The parts of finding out a page's encoding (content.hpp has the whole).

#include <string_view>

namespace trawl::web {

// The canonical name for a label of the Encoding standard (section 4.2), white space around it
// ignored; empty when there is none. Static storage.
std::string_view encoding_name(std::string_view label);

// The encoding that a byte order mark says; empty without one.
std::string_view bom_charset(std::string_view body);

// The encoding that a page's beginning declares in <meta> or an XML declaration (HTML standard,
// section 13.2.3.2: prescan a byte stream); empty when it declares none. Linear.
std::string_view prescan_charset(std::string_view head);

// The encoding that a page is said to have: byte order mark, header, declaration in its first 1024
// bytes; empty when nobody says.
std::string_view declared_charset(std::string_view body, std::string_view header_charset);

// The encoding of a page that declares none and is no UTF-8: what it declares further down, else
// windows-1252.
std::string_view late_charset(std::string_view body);

// True for UTF-8 that may be cut off inside its last character.
bool is_utf8_but_for_its_end(std::string_view body);

}  // namespace trawl::web
