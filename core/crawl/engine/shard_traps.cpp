// What a shard does against traps that the URL alone does not give away: it watches what the pages
// of a host bring, kind by kind, and asks before each fetch.
#include "core/base/limits.hpp"
#include "core/base/log.hpp"
#include "core/base/note.hpp"
#include "core/crawl/engine/shard.hpp"
#include "core/crawl/scope/url_shape.hpp"
#include "core/web/digest.hpp"
#include "core/web/percent.hpp"
#include "core/web/url/host.hpp"

#include <algorithm>

namespace trawl::crawl {
namespace {

// Each is looked for among all of the page's.
constexpr std::size_t own_words_max = 64;

std::vector<std::uint32_t> numbers_in(std::string_view text) {
  std::vector<std::uint32_t> numbers;
  constexpr std::string_view digits = "0123456789";
  for (auto at = text.find_first_of(digits);
       at != std::string_view::npos && numbers.size() < own_words_max;
       at = text.find_first_of(digits, at)) {
    const auto end = std::min(text.find_first_not_of(digits, at), text.size());
    numbers.push_back(web::TextWords::hash(text.substr(at, end - at)));
    at = end;
  }
  return numbers;
}

// A "not found" that says 200 often names what it didn't find.
std::vector<std::uint32_t> words_of(const web::Url& url) {
  std::string text;
  web::append_decoded(text, url.path_and_query());
  web::TextWords words;
  words.feed(text);
  auto own = words.take().words;
  own.resize(std::min(own.size(), own_words_max));
  return own;
}

}  // namespace

// What somebody asked for by name, or lists in a sitemap, is fetched in any case; so is what was
// fetched before.
void Shard::ask_patterns(Visit& visit) {
  const auto& budget = visit.settings->urls.pattern_budget;
  const QueuedUrl& url = visit.leased.url;
  if (!budget || context_.job.mode == JobMode::fetch || url.is_sitemap()) return;
  if (hosts_[visit.leased.host].pages < PatternBook::pages_unwatched(*budget)) return;
  visit.shape = url_shape(visit.url);
  const std::uint64_t fingerprint = web::fingerprint(url.url);
  visit.looked_at = patterns_.wants(visit.leased.host, visit.shape, fingerprint);
  if (url.is_seed() || url.sitemap || url.fetched_before) return;
  auto why = patterns_.refusal(visit.leased.host, visit.shape, fingerprint);
  if (why) visit.exclude(Errc::trap, std::move(*why));
}

// A link that would be refused when its turn comes need not stand in the queue until then. Another
// host's links are asked for when they are leased, by the shard that knows the host.
void Shard::refuse_found(const Visit& visit, NewUrl& found) {
  if (visit.shape.empty() || found.excluded || !patterns_.refuses_any(visit.leased.host)) return;
  if (found.host != web::host_key(visit.url)) return;
  const auto url = web::Url::parse(found.url);
  if (!url) return;
  auto why = patterns_.refusal(visit.leased.host, url_shape(*url), web::fingerprint(found.url));
  if (!why) return;
  found.excluded = Errc::trap;
  found.excluded_detail = std::move(*why);
}

// Other answers than 200 say nothing of what a kind of page brings.
void Shard::note_news(Visit& visit) {
  const auto& budget = visit.settings->urls.pattern_budget;
  if (!visit.looked_at || !budget || visit.error || visit.response->status != 200) return;
  if (visit.body->is_unwanted()) return;
  web::TextTokens& text = visit.facts.text;
  // "Page 12" of /page/12 is another page than that of /page/13.
  for (const std::uint32_t number : numbers_in(visit.url.path_and_query()))
    if (std::ranges::find(text.numbers, number) != text.numbers.end()) text.words.push_back(number);
  const std::string_view type = visit.facts.content_type;
  const PageNews news{.digest = web::fingerprint(visit.facts.sha256),
                      .is_text = type == "text/html" || type == "application/xhtml+xml",
                      .cut = text.cut || visit.facts.truncated || visit.body->truncated(),
                      .words = std::move(text.words),
                      .own_words = words_of(visit.url)};
  patterns_.note(visit.leased.host, visit.shape, news, *budget);
}

// Only what leads to more of its kind can be without an end; a list of pages that say the same has
// one.
void Shard::note_led_on(const Visit& visit, const std::vector<Published>& published) {
  if (!visit.looked_at) return;
  for (const auto& [host, url, again] : published) {
    if (again || url.id.host != visit.leased.host) continue;
    const auto parsed = web::Url::parse(url.url);
    if (parsed && patterns_.note_led_on(visit.leased.host, visit.shape, url_shape(*parsed))) return;
  }
}

// Said in the record, since what a page links to may be missing because of it.
void Shard::note_cut_links(Visit& visit) {
  if (!visit.facts.links_cut) return;
  add_note(visit.facts.note, "links_cut");
  if (context_.control.begin_seed_report())
    log("crawl")->warn("{}: only the first {} links are followed (note links_cut)",
                       printable(visit.url.href()), limits::links_per_page_max);
}

}  // namespace trawl::crawl
