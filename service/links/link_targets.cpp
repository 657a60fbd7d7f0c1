// A fingerprint and a few bytes a URL: so the links of millions of pages are told apart without a
// query for each.
#include "service/links/link_targets.hpp"

#include "core/web/digest.hpp"

#include <utility>

namespace trawl::service {
namespace {

constexpr int redirects_max = 20;

int knowledge(crawl::UrlState state) {
  switch (state) {
    case crawl::UrlState::fetched:
      return 3;
    case crawl::UrlState::failed:
      return 2;
    case crawl::UrlState::queued:
      return 1;
    case crawl::UrlState::excluded:
      break;
  }
  return 0;
}

std::string canonical_of(std::string_view url, const web::CanonicalRules& rules) {
  const auto parsed = web::Url::parse(url);
  if (!parsed) return {};
  const auto canonical = web::canonicalise(*parsed, rules);
  return canonical ? std::string{canonical->href()} : std::string{};
}

}  // namespace

bool is_broken(const LinkEnd& end) {
  const bool astray = end.error == Errc::redirect_loop || end.error == Errc::redirect_bad ||
                      end.error == Errc::too_many_redirects;
  return end.state == crawl::UrlState::failed || (end.status && *end.status >= 400) || astray;
}

void LinkTargets::add(const crawl::Record& record, const web::CanonicalRules& rules) {
  const crawl::Outcome& outcome = record.outcome;
  Target target{.state = outcome.state};
  if (outcome.status) target.status = static_cast<std::uint16_t>(*outcome.status);
  if (outcome.error)
    target.error = static_cast<std::uint8_t>(static_cast<unsigned>(*outcome.error) + 1);
  if (auto place = canonical_of(outcome.redirect_to, rules); !place.empty()) {
    target.redirect = web::fingerprint(place);
    places_.try_emplace(target.redirect, std::move(place));
  }
  target.fragment = outcome.redirect_to.contains('#');
  const auto [found, added] = targets_.try_emplace(web::fingerprint(record.url), target);
  if (!added && knowledge(target.state) > knowledge(found->second.state)) found->second = target;
}

template <class Visit>
void LinkTargets::each_hop(std::uint64_t url, const Visit& visit) const {
  for (int hops = 0; hops <= redirects_max; ++hops) {
    const auto found = targets_.find(url);
    const Target* target = found == targets_.end() ? nullptr : &found->second;
    if (!visit(url, target) || target == nullptr || target->redirect == 0 || target->error != 0)
      return;
    url = target->redirect;
  }
}

std::optional<LinkEnd> LinkTargets::end_of(std::uint64_t url) const {
  std::optional<LinkEnd> end;
  std::uint64_t last = url;  // also where nobody knows what is there
  each_hop(url, [&end, &last](std::uint64_t hop, const Target* target) {
    if (target == nullptr) {
      if (end) last = hop;
      return false;
    }
    last = hop;
    LinkEnd here{.state = target->state,
                 .redirects = end ? end->redirects + 1 : 0,
                 .url = hop,
                 .fragment = target->fragment || (end && end->fragment)};
    if (target->status != 0) here.status = target->status;
    if (target->error != 0) here.error = static_cast<Errc>(target->error - 1);
    end = here;
    return true;
  });
  if (end && last != url)
    if (const auto place = places_.find(last); place != places_.end()) end->place = place->second;
  if (end && end->redirects == redirects_max) end->error = Errc::redirect_loop;
  return end;
}

bool LinkTargets::leads_to(std::uint64_t url, std::uint64_t other) const {
  bool found = false;
  each_hop(url, [&found, other](std::uint64_t hop, const Target*) {
    found = hop == other;
    return !found;
  });
  return found;
}

}  // namespace trawl::service
