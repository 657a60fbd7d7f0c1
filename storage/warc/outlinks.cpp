// Heritrix' names rather than our own, because that is what link analysis over archives reads.
#include "storage/warc/outlinks.hpp"

#include "core/web/digest.hpp"

#include <fmt/format.h>

#include <unordered_set>

namespace trawl::storage {
namespace {

char hop_of(web::LinkKind kind) {
  switch (kind) {
    case web::LinkKind::embed:
    case web::LinkKind::style:
    case web::LinkKind::script:
      return 'E';
    case web::LinkKind::redirect:
      return 'R';
    default:
      return 'L';
  }
}

// A style sheet's URLs stand in no element; a redirect's is that of its header.
std::string context_of(const web::Link& link) {
  if (!link.tag.empty() && link.tag != "css")
    return fmt::format("{}/@{}", link.tag, link.attribute);
  if (link.kind == web::LinkKind::redirect) return "Location:";
  return hop_of(link.kind) == 'E' ? "=EMBED_MISC" : "=NAVLINK_MISC";
}

}  // namespace

std::string outlink_fields(const std::vector<web::Link>& links) {
  std::string fields;
  std::unordered_set<std::uint64_t> written;
  for (const web::Link& link : links) {
    const std::string line =
        fmt::format("outlink: {} {} {}\r\n", link.url, hop_of(link.kind), context_of(link));
    if (written.insert(web::fingerprint(line)).second) fields += line;
  }
  return fields;
}

}  // namespace trawl::storage
