#pragma once
// PageChange: what became of a page between two looks at it.

#include <cstdint>
#include <string_view>

namespace trawl::crawl {

// Each over those behind it.
enum class PageChange : std::uint8_t {
  gone,      // 404 or 410 where a page was (has_page()); or nothing leads there any more
  failed,    // the last attempt brought no answer that could take the place of the one before
  excluded,  // likewise, for it was not asked for at all: robots.txt, a limit, the scope
  fresh,     // the first answer, whatever it is
  changed,   // another status, body or redirect than before
};
std::string_view to_string(PageChange change);  // "new" for fresh

}  // namespace trawl::crawl
