// What is sent because of earlier fetches: cookies, and questions about the page that the record
// has.
#include "core/crawl/engine/cookies.hpp"
#include "core/crawl/engine/shard.hpp"
#include "core/crawl/pages/refetch.hpp"
#include "core/crawl/scope/location.hpp"

namespace trawl::crawl {

void Shard::add_state(Visit& visit, http::Request& request) const {
  // One that a list's line has is meant to be all.
  if (context_.cookies != nullptr && http::find_header(request.headers, "cookie").empty()) {
    auto field = context_.cookies->field_for(visit.url, context_.clock.wall());
    visit.cookies_sent = field;
    request.gives_back_cookie = !field.empty();
    if (!field.empty()) request.headers.emplace_back("Cookie", std::move(field));
  }
  visit.keeps_page = context_.job.fetch.keep_pages;
  const bool whole = request.method == "GET" && http::find_header(request.headers, "range").empty();
  if (!visit.earlier || !context_.job.fetch.conditional || !whole) return;
  const auto& kept = visit.earlier->archive;
  if (kept && context_.archive != nullptr && !context_.archive->has(*kept)) return;
  const auto& at = visit.earlier->fetched_at;
  if (at && context_.unread_links != nullptr && context_.unread_links->covers(*at)) return;
  const bool keeps = keeps_type(visit.earlier->content_type);
  auto fields = validators(*visit.earlier, keeps ? context_.job.output.bodies : BodyMode::none);
  visit.conditional = !fields.empty();
  request.headers.insert(request.headers.end(), std::move_iterator{fields.begin()},
                         std::move_iterator{fields.end()});
}

// A page that sets a cookie and redirects to itself, to see whether it comes back.
bool Shard::is_asked_for_again(const Visit& visit) const {
  if (context_.cookies == nullptr || visit.leased.url.has_mirrors()) return false;
  const auto location = redirect_location(*visit.response);
  const auto target = parse_location(location, visit.base());
  return !location.empty() && target &&
         target->without_fragment() == visit.url.without_fragment() &&
         context_.cookies->field_for(visit.url, context_.clock.wall()) != visit.cookies_sent;
}

void Shard::take_state(const Visit& visit) const {
  if (context_.security != nullptr)
    context_.security->on_answer(visit.url, visit.response->headers,
                                 visit.settings->fetch.tls_verify, context_.clock.wall());
  if (context_.cookies != nullptr)
    context_.cookies->on_answer(visit.url, visit.response->headers, context_.clock.wall());
}

}  // namespace trawl::crawl
