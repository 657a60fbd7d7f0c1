#pragma once
// What readers of a page see of its links.

#include "core/web/url/url.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace trawl::web {

struct LinkText {
  std::string url;   // as Link::url has it; empty: the reference is no URL
  std::string href;  // then, as it is written
  std::string text;  // of the element, with what stands in for images in it; as page_title() has it
};

// Of <a href> and <area href> that lead to http or https, or to nothing, in document order, at most
// limits::links_per_page_max. html: UTF-8, never copied. base: of the page, before its own <base>.
// An element that has no end tag ends with the next one. Queries are encoded as UTF-8, whatever the
// page was in. Linear; never fails.
std::vector<LinkText> link_texts(std::string_view html, bool xhtml, const Url& base);

}  // namespace trawl::web
