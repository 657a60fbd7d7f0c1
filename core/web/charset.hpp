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

}  // namespace trawl::web
