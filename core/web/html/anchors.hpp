#pragma once
// Where in a page a URL's fragment can lead (HTML standard, section 7.4.6.4: the indicated part of
// the document).

#include <functional>
#include <string>
#include <string_view>

namespace trawl::web {

// Calls visit(name) for the id of each element and the name of each <a>, in document order,
// references decoded; the view holds until visit() returns. html: UTF-8. Elements inside of a
// template are none. Linear, no recursion, any bytes are a page.
void each_anchor(std::string_view html, bool xhtml,
                 const std::function<void(std::string_view)>& visit);

// The part of a fragment (without "#") that names an anchor: what is before ":~:" is; the rest is
// for the browser alone. Empty: it leads to the page's top, as "top" does in any case, whatever
// anchors there are. Of routes of an application ("/…", "!…") nothing is known: empty too.
std::string_view anchor_of(std::string_view fragment);

// The names that an anchor leads to, the stronger one first: as it is written, and with %XX
// decoded.
struct AnchorNames {
  std::string_view written;
  std::string decoded;
};
AnchorNames anchor_names(std::string_view anchor);

}  // namespace trawl::web
