// Where a page leads: its links and its redirect, as URLs for the queue.
#include "core/base/limits.hpp"
#include "core/base/log.hpp"
#include "core/base/note.hpp"
#include "core/coro/time.hpp"
#include "core/crawl/engine/shard.hpp"
#include "core/crawl/job/url_text.hpp"
#include "core/crawl/scope/follow.hpp"
#include "core/crawl/scope/location.hpp"
#include "core/web/digest.hpp"
#include "core/web/url/host.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace trawl::crawl {
namespace {

constexpr std::size_t links_in_a_row = 500;  // then others have their turn
// A link that was refused may be of something that another page shows.
constexpr std::uint64_t shown_mark = 0x9e3779b97f4a7c15;

}  // namespace

// What is needed to show a page of the scope is taken from anywhere, and so is what its style
// sheets need. A page that is itself from elsewhere, as an error page in an image's place, has
// none. A seed is in the scope whatever its patterns say.
bool Shard::shows_from_anywhere(const Visit& visit) const {
  if (context_.job.scope.requisites != RequisiteScope::any) return false;
  const QueuedUrl& from = visit.leased.url;
  return visit.facts.content_type == "text/css" ||
         (from.is_seed() && from.redirect_chain.empty()) ||
         context_.admission.has_page(visit.url, visit.leased.url.depth);
}

// A sitemap is wherever the site keeps it.
bool Shard::is_outlink(const Visit& visit) const {
  return !visit.leased.url.is_sitemap() && context_.admission.is_outlink(visit.url);
}

coro::Task<> Shard::follow(Visit& visit) {
  if (const auto location = redirect_location(*visit.response); !location.empty()) {
    auto following = follow_redirect(visit, location);
    co_await std::move(following);
    co_return;
  }
  if (context_.job.mode == JobMode::fetch) co_return;
  const std::uint64_t widenings = context_.admission.widenings();
  const bool is_wider = std::exchange(widenings_, widenings) != widenings;
  if (is_wider || recent_links_.size() > recent_links_max_) recent_links_.clear();
  // What is refused for its depth here may be admitted from a page that is nearer to a seed.
  const int depth = visit.leased.url.depth;
  const std::uint64_t refused = depth >= depth_max_ ? ~static_cast<std::uint64_t>(depth) : 0;
  const bool shows = shows_from_anywhere(visit);
  visit.is_outlink = is_outlink(visit);  // now that it counts
  std::size_t nofollowed = 0, seen = 0;
  for (const web::Link& link : visit.facts.links) {
    if (++seen % links_in_a_row == 0) {
      auto yielding = coro::yield_now();
      co_await std::move(yielding);
    }
    if (!is_followed(link, visit.facts.robots.nofollow, context_.job.robots)) {
      if (is_followed(link.kind)) ++nofollowed;
      continue;
    }
    if (!is_followed(link, visit.response->status, context_.job.scope)) continue;
    const std::string_view text = std::string_view{link.url}.substr(0, link.url.find('#'));
    const bool shown = shows && is_shown(link);
    if (visit.is_outlink && !shown) continue;
    const std::uint64_t print = web::fingerprint(text) ^ refused;
    if (!recent_links_.insert(shown ? print ^ shown_mark : print).second) continue;
    const auto url = web::Url::parse(text);
    if (!url) continue;
    const UrlId via = visit.leased.url.id;
    auto found = shown ? context_.admission.found_requisite(*url, depth + 1, via)
                       : context_.admission.found(*url, depth + 1, via);
    if (!found) continue;
    refuse_found(visit, *found);
    visit.found.push_back(std::move(*found));
  }
  if (nofollowed > 0)
    log("crawl")->debug("{}: {} links not followed: nofollow", printable(visit.url.href()),
                        nofollowed);
  if (!context_.job.output.warc_links) visit.facts.links = {};
}

// RFC 6797 8.3: what a browser would not ask over plain text is a record of its own, and the https
// URL takes its place with all that the job asked of it.
bool Shard::ask_for_https(Visit& visit) {
  if (context_.security == nullptr) return false;
  const auto secured = context_.security->secured(visit.url, context_.clock.wall());
  if (!secured) return false;
  visit.exclude(Errc::hsts, fmt::format("{} asks for https alone", visit.url.hostname()));
  visit.redirect_to = secured->href();
  go_to(visit, *secured, visit.leased.url.request);
  return true;
}

// By other settings of [urls] it was another URL: the form that it has now takes its place.
bool Shard::ask_for_canonical(Visit& visit) {
  const QueuedUrl& from = visit.leased.url;
  if (context_.job.mode == JobMode::fetch || from.is_sitemap() || from.request) return false;
  const auto canonical = context_.admission.canonical(visit.url);
  if (canonical && canonical->href() == from.url) return false;
  if (!canonical) {
    visit.exclude(Errc::scope, canonical.error().detail);
    return true;
  }
  visit.exclude(Errc::scope, fmt::format("by [urls] it is {:.300}", canonical->href()));
  if (auto found = in_its_place(from, *canonical)) {
    if (found->priority == 0) found->priority = priority_of(from.id.seq);
    visit.found.push_back(std::move(*found));
  }
  return true;
}

// A seed stays one, and what one redirected to has been that, too. What is a seed no more is a
// link.
std::optional<NewUrl> Shard::in_its_place(const QueuedUrl& from, const web::Url& url) {
  Admission& admission = context_.admission;
  if (admission.is_former_seed(from)) {
    auto link = admission.found(url, std::max(from.depth, 1), from.id);
    return link && !link->excluded ? std::move(link) : std::nullopt;
  }
  if (from.is_seed() && from.redirect_chain.empty()) {
    auto seed = admission.seed(url.href());
    return seed ? std::optional{std::move(*seed)} : std::nullopt;
  }
  auto found = from.sitemap ? admission.listed({.loc = url.href()}, from)
                            : admission.found(url, from.depth, from.id);
  if (found) found->redirect_chain = from.redirect_chain;
  return found;
}

coro::Task<> Shard::follow_redirect(Visit& visit, std::string_view location) {
  const QueuedUrl& from = visit.leased.url;
  if (location.size() > limits::location_bytes_max) {
    visit.error = Error{Errc::redirect_bad, fmt::format("a Location of {} bytes", location.size())};
    co_return;
  }
  const auto target = parse_location(location, visit.base());
  const auto canonical = target && target->is_http() ? context_.admission.canonical(*target)
                                                     : fail(Errc::bad_url, "not followed");
  if (!canonical) {
    visit.error = Error{Errc::redirect_bad,
                        fmt::format("Location: {:.200}", without_userinfo(std::string{location}))};
    co_return;
  }
  if (std::ranges::count_if(visit.response->headers, [](const auto& field) {
        return http::same_name(field.first, "location");
      }) > 1)
    add_note(visit.facts.note, "two_locations");
  const bool same_origin = canonical->origin() == visit.base().origin();
  auto request = from.request
                     ? request_after_redirect(*from.request, visit.response->status, same_origin)
                     : nullptr;
  auto going_back = go_back_to(visit, *canonical, request);
  if (!co_await std::move(going_back)) go_to(visit, *canonical, std::move(request));
}

// A page that sends its visitor to another one for a cookie, and is sent back to from there: with
// the cookie it is asked for once more. True: it will be.
coro::Task<bool> Shard::go_back_to(Visit& visit, const web::Url& target,
                                   const SharedRequest& request) {
  const QueuedUrl& from = visit.leased.url;
  if (context_.cookies == nullptr) co_return false;
  context_.cookies->note_redirected(from.fingerprint(), visit.cookies_sent);
  const auto print = request_fingerprint(target.href(), request.get());
  const bool leads_back =
      std::ranges::find(from.redirect_chain, print) != from.redirect_chain.end();
  const bool has_own = request && !http::find_header(request->headers, "cookie").empty();
  if (!leads_back || has_own || !has_room_for_hop(visit) ||
      !context_.cookies->has_changed_for(print, target, context_.clock.wall()))
    co_return false;
  auto looking = context_.committer.redirecting(from.id, print);
  auto again = co_await std::move(looking);
  if (!again || again->attempts >= sites().of(web::host_key(target)).fetch.attempts)
    co_return false;
  again->redirect_chain = from.redirect_chain;
  again->redirect_chain.push_back(from.fingerprint());
  visit.again = std::move(again);
  co_return true;
}

bool Shard::has_room_for_hop(const Visit& visit) {
  return std::cmp_less(visit.leased.url.redirect_chain.size(), visit.settings->fetch.max_redirects);
}

// The target's turn comes when any URL's does; a chain of them has an end. The chain of what is a
// seed no more is one of before: it redirects as a link does.
void Shard::go_to(Visit& visit, const web::Url& target, SharedRequest request) {
  const QueuedUrl& from = visit.leased.url;
  const bool former = context_.admission.is_former_seed(from);
  auto chain = former ? std::vector<std::uint64_t>{} : from.redirect_chain;
  const bool has_room = std::cmp_less(chain.size(), visit.settings->fetch.max_redirects);
  chain.push_back(from.fingerprint());
  const auto target_print = request_fingerprint(target.href(), request.get());
  if (std::ranges::find(chain, target_print) != chain.end()) {
    visit.error = Error{Errc::redirect_loop, "back to " + target.href()};
    return;
  }
  if (!has_room) {
    visit.error = Error{Errc::too_many_redirects,
                        fmt::format("more than {} hops", visit.settings->fetch.max_redirects)};
    return;
  }
  // What a sitemap lists may redirect anywhere.
  if (from.depth == 0 && !former && context_.admission.defines_scope(from.sitemap) &&
      (from.sitemap || context_.admission.takes_hop(target))) {
    context_.admission.widen(target);
    visit.widened = context_.admission.take_widened();
  }
  auto found = redirect_target(from, target, former ? std::max(from.depth, 1) : from.depth);
  if (!found) return;
  // What it leads to is as urgent as what was asked for.
  if (found->priority == 0) found->priority = priority_of(from.id.seq);
  found->redirect_chain = std::move(chain);
  found->request = std::move(request);
  visit.found.push_back(std::move(*found));
}

// The next hop is to its sitemap, or is a sitemap, as the one before.
std::optional<NewUrl> Shard::redirect_target(const QueuedUrl& from, const web::Url& url,
                                             int depth) const {
  if (from.is_sitemap()) return context_.admission.sitemap(url, *from.sitemap, from.id);
  if (from.sitemap) return context_.admission.listed({.loc = url.href()}, from);
  auto found = context_.admission.found(url, depth, from.id);
  if (!found || !found->excluded || context_.job.scope.requisites != RequisiteScope::any)
    return found;
  // What a page shows may be elsewhere by now.
  const auto here = web::Url::parse(from.url);
  if (here && context_.admission.is_outlink(*here) && !context_.admission.is_outlink(url))
    return found;
  const bool shown = here && !context_.admission.has_page(*here, depth);
  return shown ? context_.admission.found_requisite(url, depth, from.id) : found;
}

}  // namespace trawl::crawl
