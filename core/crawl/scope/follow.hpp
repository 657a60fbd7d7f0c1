#pragma once
// Which links of a page become URLs of the crawl, before the scope is asked. See docs/scope.md.

#include "core/crawl/job/job.hpp"
#include "core/web/links/links.hpp"

namespace trawl::crawl {

// What a page needs to be shown: images, frames, style sheets, scripts.
constexpr bool is_requisite(web::LinkKind kind) {
  return kind == web::LinkKind::embed || kind == web::LinkKind::style ||
         kind == web::LinkKind::script;
}

// What scope.requisites is about: not frames, which are pages, and may be anybody's.
constexpr bool is_shown(const web::Link& link) {
  return is_requisite(link.kind) && link.tag != "iframe" && link.tag != "frame" &&
         link.tag != "object" && link.tag != "embed" && link.tag != "portal";
}

// Everything that is meant to be fetched with GET; not form actions, citations and the like.
constexpr bool is_followed(web::LinkKind kind) {
  return kind != web::LinkKind::other;
}

// The same for one link of a page under the job's robots.meta: rel=nofollow (and ugc, sponsored)
// and the page's meta robots nofollow hold for links, not for requisites.
constexpr bool is_followed(const web::Link& link, bool page_nofollow, const RobotsSpec& robots) {
  if (!is_followed(link.kind)) return false;
  const bool nofollow = robots.meta && (page_nofollow || link.nofollow);
  return !nofollow || is_requisite(link.kind);
}

// Likewise under the job's scope. status: of the page's answer.
constexpr bool is_followed(const web::Link& link, int status, const ScopeSpec& scope) {
  if (scope.requisites == RequisiteScope::none && is_shown(link)) return false;
  return status < 400 || scope.follow_errors || is_requisite(link.kind);
}

}  // namespace trawl::crawl
