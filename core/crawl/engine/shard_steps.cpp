// crawl_one() is the table of contents of a URL's life; each step is a function of its own. A host
// is released as soon as its fetch has ended: reading and keeping the page don't hold it up.
#include "core/base/limits.hpp"
#include "core/base/log.hpp"
#include "core/base/note.hpp"
#include "core/base/units.hpp"
#include "core/crawl/engine/shard.hpp"
#include "core/crawl/job/rules_digest.hpp"
#include "core/crawl/job/url_text.hpp"
#include "core/crawl/pages/refetch.hpp"
#include "core/crawl/scope/follow.hpp"
#include "core/crawl/scope/location.hpp"
#include "core/crawl/state/retry_after.hpp"
#include "core/web/digest.hpp"
#include "core/web/url/host.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace trawl::crawl {
namespace {

constexpr std::uint64_t decoded_here_bytes_max = 1024 * 1024;
constexpr std::uint64_t packed_there_bytes_min = 32 * 1024;

// What takes the loop longer than a millisecond or so to read or to pack is a worker's work.
bool is_heavy(std::uint64_t body_bytes) {
  return body_bytes > limits::body_memory_bytes_max;
}

// Compression is the largest piece of work on a page, so the worker takes it from the loop while it
// has nothing else to do: a single fast host is worth two processors then. Small pages cost more to
// hand over than that.
bool is_packed_there(const OutputSpec& output, std::uint64_t body_bytes,
                     const coro::Worker& worker) {
  const bool compressed =
      output.bodies == BodyMode::warc && output.warc_compress != WarcCompression::none;
  return is_heavy(body_bytes) ||
         (compressed && body_bytes >= packed_there_bytes_min && worker.queued() == 0);
}

std::int64_t to_ms(Wall time) {
  return time.time_since_epoch().count();
}

// The page's links; those of a redirect are its target.
std::vector<web::Link> links_to_keep(Visit& visit) {
  const auto location = redirect_location(*visit.response);
  if (location.empty()) return std::move(visit.facts.links);
  const auto target = parse_location(location, visit.base());
  if (!target) return {};
  return {{.url = target->href(), .kind = web::LinkKind::redirect}};
}

// What the record says of a redirect's target: without a password that a server may have put there,
// and of what is no URL but its beginning.
std::string redirect_shown(const Visit& visit) {
  if (!visit.response) return visit.redirect_to;
  const auto location = redirect_location(*visit.response);
  if (location.empty()) return {};
  const bool too_long = location.size() > limits::location_bytes_max;
  const auto target = too_long ? fail(Errc::bad_url) : parse_location(location, visit.base());
  if (target) return without_userinfo(target->href());
  return printable(
      without_userinfo(std::string{location.substr(0, limits::location_shown_bytes_max)}));
}

void tell_fetch(const Visit& visit) {
  if (!visit.response || !spdlog::should_log(spdlog::level::debug)) return;
  log("fetch")->debug("{} {} {}", visit.response->status, human_bytes(visit.body->bytes()),
                      printable(visit.url.href()));
}

// Reads a page that is in memory, unless it turns out to be long: a few KiB of a coded body can be
// very many decoded, and this is the loop of all others, too.
bool read_here(const PageSource& source, PageFacts& facts) {
  const std::uint64_t bytes_max = source.decoded_bytes_max.value_or(UINT64_MAX);
  if (bytes_max <= decoded_here_bytes_max || http::content_coding(source.headers).empty()) {
    facts = read_page(source);
    return true;
  }
  PageSource bounded = source;
  bounded.decoded_bytes_max = decoded_here_bytes_max;
  facts = read_page(bounded);
  return !facts.truncated || facts.decoded_bytes < decoded_here_bytes_max;
}

// What its links hold in memory until they are committed, with what comes of those that are still
// to be followed.
std::size_t link_bytes(const Visit& visit) {
  constexpr std::size_t host_bytes = 32;
  const auto admitted = [](const std::string& url) {
    return sizeof(NewUrl) + sizeof(Published) + 2 * (url.capacity() + host_bytes);
  };
  std::size_t bytes = 0;
  for (const web::Link& link : visit.facts.links)
    bytes += sizeof(link) + link.url.capacity() + admitted(link.url);
  for (const NewUrl& found : visit.found) bytes += admitted(found.url);
  return bytes;
}

}  // namespace

coro::Task<> Shard::crawl_one(Lease lease, coro::SharedPlaces::Place place, http::Pace pace) {
  struct InFlight {
    InFlight(Shard& of, std::int64_t id) : shard(of), host(id) { shard.frontier_.begin_visit(id); }
    ~InFlight() {
      shard.frontier_.end_visit(host);
      shard.end_in_flight();
    }
    Shard& shard;
    std::int64_t host;
  };
  const InFlight in_flight{*this, lease.host};
  const Committer::Expected expected{context_.committer};
  MemoryBudget::Share memory{context_.memory, MemoryUse::fetches, context_.memory.fetch_bytes()};
  auto url = web::Url::parse(lease.url.url);
  if (!url) throw Failure(Errc::damaged, "the store has a URL that is none: " + lease.url.url);
  Visit visit{std::move(lease), std::move(*url), context_.clock.now()};
  visit.pace = std::move(pace);
  visit.live = live_;
  visit.settings = &sites().of(web::host_key(visit.url));
  visit.is_outlink = is_outlink(visit);

  if (!take_host_place(visit)) co_return;
  visit.has_waited = robots_turns_.erase(visit.leased.url.id.seq) > 0;
  co_await recall(visit);
  co_await ask_robots(visit);
  if (put_off(visit) || yield_turn(visit)) {
    co_await keep_wait(visit);
    co_return;
  }
  co_await find_sitemaps(visit);
  if (put_off(visit) || yield_turn(visit)) {
    co_await keep_wait(visit);
    co_return;
  }
  if (!visit.decided()) co_await fetch(visit);
  if (was_broken_off(visit)) {
    co_await leave(visit);
    co_return;
  }
  visit.pace.end();
  if (visit.no_room) {
    put_back(visit);
    co_return;
  }
  const bool in_memory = visit.body && !visit.body->is_over_memory();
  memory.set(MemoryBudget::fetch_rest_bytes + (in_memory ? visit.body->memory().capacity() : 0));
  judge(visit);
  settle_part(visit);
  release(visit);
  LinkRoom::Share links{link_room_};
  if (visit.response && !visit.retry_in) {
    const std::size_t body_bytes = memory.bytes();
    if (wants_links(visit)) co_await links.enter();
    co_await read(visit, links);
    note_news(visit);
    links.set(link_bytes(visit));
    memory.set(body_bytes + links.bytes());
    co_await follow(visit);
    links.set(link_bytes(visit));
    memory.set(body_bytes + links.bytes());
    auto listing = list_sitemap(visit);
    if (!co_await std::move(listing)) co_return;
    note_cut_links(visit);
  }
  co_await keep(visit);
  place.release();
}

coro::Task<> Shard::ask_robots(Visit& visit) {
  if (refuse_to_repeat(visit) || ask_for_canonical(visit) || ask_for_https(visit)) co_return;
  visit.attempts = visit.leased.url.attempts + 1;
  const bool has_mirrors = visit.leased.url.has_mirrors();
  if (visit.leased.access == HostAccess::given_up && !has_mirrors) {
    give_up(visit);
    co_return;
  }
  const auto& pages_max = visit.settings->limits.pages_per_host;
  if (pages_max && !visit.leased.url.fetched_before &&
      is_full(hosts_[visit.leased.host], *pages_max)) {
    visit.exclude(Errc::limit, "limits.pages_per_host");
    co_return;
  }
  if (auto rule = context_.admission.left_out(visit.url, visit.leased.url)) {
    visit.exclude(Errc::scope, std::move(*rule));
    co_return;
  }
  ask_patterns(visit);
  if (visit.excluded || has_mirrors) co_return;  // each of them is asked for its own
  auto asking = robots_.check(visit.url, visit.leased_at, visit.has_waited);
  visit.robots = co_await std::move(asking);
  visit.error = visit.robots.error;
  if (!visit.robots.allowed) visit.exclude(Errc::robots, visit.robots.rule);
}

// A sitemap may be as long as the protocol has it, whatever pages may be.
std::uint64_t Shard::body_bytes_max(const Visit& visit) const {
  const std::uint64_t pages = visit.settings->fetch.max_body_bytes.value_or(UINT64_MAX);
  return visit.leased.url.is_sitemap() ? std::max<std::uint64_t>(pages, limits::sitemap_bytes_max)
                                       : pages;
}

// Whether this was the last attempt; before the release, since a retry goes back with it.
void Shard::judge(Visit& visit) {
  if (visit.error && visit.error->code == Errc::private_address && !visit.needs_host)
    visit.excluded = true;
  if (visit.excluded || visit.given_up) return;
  const FetchSpec& spec = visit.settings->fetch;
  const int advances = visit.leased.url.advances + (visit.advanced ? 1 : 0);
  // What went on is tried again however often that was needed; of earlier runs that isn't known.
  const int counted =
      visit.advanced && spec.attempts > 1 ? 1 : std::max(visit.attempts - advances, 1);
  const bool repeatable = is_idempotent(visit.leased.url.method());
  // That a name does not exist is an answer; that nobody could say is not.
  const bool missing =
      visit.error && visit.error->code == Errc::dns && session_.is_missing(visit.url.hostname());
  if (visit.part_refused || visit.needs_host) {  // nothing was wrong but what we asked, or whom
    visit.attempts = visit.leased.url.attempts;
    visit.retry_in = visit.robots.crowded ? RobotsGate::crowded_wait : Millis{0};
  } else if (missing) {
    visit.retry_in = retry_.next(spec, counted, RetryClass::once);
  } else if (visit.error) {
    if (repeatable || !may_have_acted(visit.error->code))
      visit.retry_in = retry_.next(spec, counted, visit.error->code);
  } else if (repeatable || !may_have_acted(visit.response->status)) {
    visit.retry_in = retry_.next(spec, counted, visit.response->status);
    if (!visit.retry_in && counted < spec.attempts && is_asked_for_again(visit))
      visit.retry_in = Millis{0};
  }
  if (!visit.retry_in) return;
  context_.control.count_retry();
  QueuedUrl again = visit.leased.url;
  again.attempts = visit.attempts;
  again.advances = advances;
  again.needs_host = visit.needs_host;
  frontier_.retry(std::move(again), context_.clock.now() + *visit.retry_in);
}

coro::Task<> Shard::read(Visit& visit, LinkRoom::Share& links) {
  const bool in_file = visit.body->is_over_memory();
  if (in_file) {
    auto taking = visit.body->take_file();
    visit.body_file = co_await std::move(taking);
  }
  PageSource source = page_source(visit);
  if (context_.archive != nullptr && !in_file && !visit.body->is_coded())
    source.block_head = context_.archive->block_head(*visit.response, visit.body->bytes());
  if (in_file || is_heavy(visit.body->bytes()) || !read_here(source, visit.facts)) {
    if (source.want_links) co_await links.enter_unknown();
    auto reading = context_.cpu.run([&source] { return read_page(source); });
    visit.facts = co_await std::move(reading);
  }
  if (visit.facts.decode_error && !visit.error) visit.error = visit.facts.decode_error;
  if (!visit.error) visit.error = unasked(*visit.response, visit.conditional);
  visit.block_head = std::move(source.block_head);
  if (visit.body->is_coded() && visit.response->status == 200)
    compare_checksum(visit, source.more_digest ? visit.facts.more_digest : visit.facts.sha256);
}

bool Shard::wants_links(const Visit& visit) const {
  return !visit.leased.url.is_sitemap() &&
         (context_.job.mode == JobMode::crawl || context_.job.output.warc_links);
}

PageSource Shard::page_source(const Visit& visit) const {
  const auto& request = visit.leased.url.request;
  const bool other_digest = request && !request->checksum.empty() &&
                            request->checksum.algorithm != web::Hasher::Algorithm::sha256;
  return {.url = visit.base(),
          .headers = visit.response->headers,
          .body = visit.body->memory(),
          .body_file = visit.body_file,
          .known_sha256 = visit.body->known_sha256(),
          .more_digest = other_digest ? std::optional{request->checksum.algorithm} : std::nullopt,
          .decoded_bytes_max = body_bytes_max(visit),
          .want_links = wants_links(visit),
          .want_repeats = context_.job.output.warc_links,
          .want_words = visit.looked_at,
          .robots_token = robots_token_};
}

bool Shard::keeps_type(std::string_view content_type) const {
  return kept_types_.takes(content_type);
}

// output.types; without what leads to a page that is kept nobody would find it in the archive.
bool Shard::keeps_body(const Visit& visit) const {
  if (visit.body->is_unwanted()) return false;
  if (!redirect_location(*visit.response).empty()) return true;
  const bool unchanged = visit.response->status == 304 && visit.earlier;
  return keeps_type(unchanged ? visit.earlier->content_type : visit.facts.content_type);
}

std::unique_ptr<Prepared> Shard::prepare_archive(Visit& visit) const {
  if (context_.archive == nullptr || !visit.response || visit.retry_in) return nullptr;
  if (!keeps_body(visit)) return nullptr;
  const bool files = context_.job.output.bodies == BodyMode::files;
  const auto& request = visit.leased.url.request;
  const bool has_file = visit.response->status == 200 && visit.leased.url.method() != "HEAD" &&
                        !(visit.error && visit.error->code == Errc::checksum) &&
                        !visit.response->broken && (!visit.earlier || brings_page(visit));
  const bool is_nothing = visit.body->truncated() && visit.body->bytes() == 0;
  if (files && (!has_file || is_nothing)) return nullptr;
  Exchange exchange{
      .url = files || visit.served_by.empty() ? visit.url.href() : visit.served_by,
      .body_sha256 = visit.body->is_coded() ? "" : visit.facts.sha256,
      .block_head = std::move(visit.block_head),
      .block_sha256 = std::move(visit.facts.block_sha256),
      .body_file = std::exchange(visit.body_file, {}),
      .body_bytes = visit.body->bytes(),
      .truncated = std::string{truncated_reason(*visit.response, visit.body->truncated())}};
  if (context_.job.output.warc_links) exchange.links = links_to_keep(visit);
  if (visit.conditional && visit.response->status == 304)
    exchange.unchanged = visit.earlier->archive;
  else if (visit.earlier && visit.earlier->digest == "sha256:" + visit.facts.sha256)
    exchange.same_before = visit.earlier->archive;
  exchange.content_encoding = http::content_coding(visit.response->headers);
  if (exchange.body_file.empty()) exchange.body = std::move(visit.body->memory());
  if (request && identity_of(*request) != 0) {
    exchange.method = request->method;
    exchange.variant = fmt::format("{:016x}", identity_of(*request));
    exchange.request_body = request->body;
  }
  exchange.response = std::move(*visit.response);
  return context_.archive->prepare(std::move(exchange));
}

void Shard::report_error(const Visit& visit) {
  context_.control.count_error(visit.error->code);
  const bool seed = visit.leased.url.is_seed() || visit.leased.url.is_sitemap();
  if (seed && visit.error->code != Errc::hsts && context_.control.begin_seed_report())
    log("crawl")->warn("{}: {}", printable(visit.url.href()), printable(visit.error->message()));
  else
    log("crawl")->debug("{}: {}", printable(visit.url.href()), printable(visit.error->message()));
}

coro::Task<> Shard::keep(Visit& visit) {
  Commit commit;
  commit.update = UrlUpdate{.id = visit.leased.url.id, .outcome = make_outcome(visit)};
  metrics_.note(visit, commit.update->outcome.state);
  if (visit.retry_in) commit.update->due_ms = to_ms(context_.clock.wall() + *visit.retry_in);
  if (!is_idempotent(visit.leased.url.method())) commit.update->request_sent = false;
  if (visit.part || visit.part_stored) commit.part = PartUpdate{visit.leased.url.id, visit.part};
  // Of an answer that took no kept page's place.
  if (commit.update->outcome.revisit == Revisit::none || !visit.response)
    if (auto target = redirect_shown(visit); !target.empty())
      commit.update->outcome.redirect_to = std::move(target);
  commit.update->history = history_after(visit, commit.update->outcome);
  tell_fetch(visit);
  if (visit.error && !visit.retry_in) report_error(visit);
  if (visit.body && is_packed_there(context_.job.output, visit.body->bytes(), context_.cpu)) {
    auto preparing = context_.cpu.run([this, &visit] { return prepare_archive(visit); });
    commit.archived = co_await std::move(preparing);
  } else {
    commit.archived = prepare_archive(visit);
  }
  commit.admitted = std::move(visit.found);
  commit.again = std::move(visit.again);
  commit.host = host_to_keep(visit);
  if (visit.widened) {  // a run that doesn't come to it leaves it to the next one
    context_.control.note_wider();
    commit.meta = {{rules_key, ""}};
  }
  if (!visit.shape.empty()) commit.patterns = patterns_.take_changed(visit.leased.host);
  auto committing = context_.committer.commit(std::move(commit));
  auto published = co_await std::move(committing);
  note_led_on(visit, published);
  if (!published.empty()) co_await publish_(std::move(published));
  if (context_.committer.urls_queued() == 0) context_.control.on_queue_empty();
}

}  // namespace trawl::crawl
