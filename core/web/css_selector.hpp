#pragma once
// A CSS selector as the XPath 1.0 expression that finds the same elements: what finds nodes in a
// tree of libxml2's knows XPath alone.
//
// Selectors Level 4, of what can be said of a page that nobody looks at: types, *, #id, .class,
// [attributes] with all operators and the flag i, the four combinators, lists, and the
// pseudo-classes :first-child :last-child :only-child :nth-child() :nth-last-child()
// :first-of-type :last-of-type :only-of-type :nth-of-type() :nth-last-of-type() :not() :is()
// :where() :has() :empty :root and :any-link. Besides, as other crawlers have them: ::text for the
// text nodes of what was found, ::attr(name) for an attribute, and :contains("words").

#include "core/base/result.hpp"

#include <string>
#include <string_view>

namespace trawl::web {

// Begins with "//"; of a selector of at most 2,048 bytes. Errc::usage: what is wrong, and where.
Result<std::string> selector_as_xpath(std::string_view selector);

}  // namespace trawl::web
