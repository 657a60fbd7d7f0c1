// Words that users see in the output of commands: they stay as they are.
#include "core/crawl/pages/page_change.hpp"

namespace trawl::crawl {

std::string_view to_string(PageChange change) {
  switch (change) {
    case PageChange::gone:
      return "gone";
    case PageChange::failed:
      return "failed";
    case PageChange::excluded:
      return "excluded";
    case PageChange::fresh:
      return "new";
    case PageChange::changed:
      break;
  }
  return "changed";
}

}  // namespace trawl::crawl
