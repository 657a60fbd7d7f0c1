// A file that several servers have. Each of them passes robots.txt, the guard and its turn; whoever
// breaks off in mid-file is replaced by another, which goes on where it stopped if it can.
#include "core/base/log.hpp"
#include "core/coro/gather.hpp"
#include "core/coro/race.hpp"
#include "core/crawl/engine/shard.hpp"
#include "core/crawl/hosts/host_turn.hpp"
#include "core/crawl/hosts/politeness.hpp"
#include "core/crawl/hosts/retry.hpp"
#include "core/web/url/host.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace trawl::crawl {
namespace {

constexpr Millis turn_wait_max{60'000};  // for another server; the visit has a place meanwhile

// Ends when another contender has won.
coro::Task<> lose(MirrorRace& race, std::size_t contender) {
  auto waiting = race.decided.wait();
  co_await std::move(waiting);
  if (race.winner != contender) co_return;
  auto never = race.never.wait();
  co_await std::move(never);
}

bool refused_the_rest(const MirrorSource& source) {
  return source.download && source.download->sink->continuation() == http::Continuation::refused;
}

void serve_by(Visit& visit, const MirrorSource& source) {
  visit.served_by = source.url;
  if (auto url = web::Url::parse(source.url)) visit.served = std::move(*url);
}

// What the others answered is nothing to the health of the host that the visit has leased.
void note_own_answer(Visit& visit, const std::vector<MirrorSource>& sources) {
  const std::string& own = visit.leased.url.url;
  if (visit.served_by == own) return;
  const auto leased = std::ranges::find(sources, own, &MirrorSource::url);
  visit.told_by_other = true;
  if (leased == sources.end()) return;
  if (visit.robots.crowded) return;  // at another server's
  const bool asked = leased->robots == RobotsSay::allowed && !leased->too_far;
  if (asked || visit.robots.fetched) visit.own_error = asked ? leased->error : visit.robots.error;
}

// The leased URL's own server was not heard of, and may be another time: then what a mirror lacks
// says nothing.
bool may_have_it(const Visit& visit, const std::vector<MirrorSource>& sources) {
  const auto own = std::ranges::find(sources, visit.leased.url.url, &MirrorSource::url);
  return own != sources.end() && own->error && !own->too_far &&
         retry_class(own->error->code) == RetryClass::transient;
}

// The contender whose answer is kept when nobody has the file: one that leads to it, if there is
// any.
MirrorSource* best_answer(std::vector<MirrorSource>& sources) {
  MirrorSource* best = nullptr;
  for (MirrorSource& source : sources) {
    if (!source.download || !source.download->answer || !*source.download->answer) continue;
    if ((*source.download->answer)->status < 400) return &source;
    if (best == nullptr) best = &source;
  }
  return best;
}

}  // namespace

std::vector<MirrorSource> Shard::mirror_sources(const Visit& visit) const {
  const QueuedUrl& queued = visit.leased.url;
  const std::string own_host = web::host_key(visit.url);
  const bool own = visit.leased.access == HostAccess::turn;
  std::vector<MirrorSource> sources;
  if (own) sources.push_back({.url = queued.url, .host = own_host, .in_turn = true});
  for (const std::string& mirror : queued.request->mirrors) {
    auto url = web::Url::parse(mirror);
    if (!url) continue;
    if (context_.security != nullptr)
      if (auto secured = context_.security->secured(*url, context_.clock.wall()))
        url = std::move(*secured);
    std::string host = web::host_key(*url);
    if (own || host != own_host) sources.push_back({.url = url->href(), .host = std::move(host)});
  }
  return sources;
}

coro::Task<> Shard::fetch_from_mirrors(Visit& visit) {
  auto sources = mirror_sources(visit);
  auto taking = take_part(visit);
  auto part = co_await std::move(taking);
  bool served = false;
  try {
    auto asking = ask_mirrors(visit, sources, part);
    served = co_await std::move(asking);
  } catch (const Failure& failure) {
    if (failure.code() != Errc::disk_full) throw;
    std::uint64_t came = 0;
    for (const MirrorSource& source : sources)
      if (source.download && source.download->sink)
        came = std::max(came, source.download->sink->bytes());
    note_no_room(visit, failure.error(), came);
  }
  note_own_answer(visit, sources);
  if (!visit.no_room) {
    const bool lost = visit.error && visit.error->code == Errc::disk_full;
    if (!served && !lost) end_without(visit, sources);
    co_return;
  }
  // What the answer that was kept has saved comes last, and so takes the place of the rest.
  std::ranges::partition(sources, [](const MirrorSource& source) {
    return !source.download || !source.download->saver || !source.download->saver->saved;
  });
  for (MirrorSource& source : sources) {
    if (!source.download) continue;
    auto keeping = keep_for_later(visit, *source.download);
    co_await std::move(keeping);
  }
}

// None had the file. That all rules forbid it is a decision; and where the first host was not
// asked, it may have it. Of what was broken off nothing is known, nor of one that had no turn when
// the run was stopped.
void Shard::end_without(Visit& visit, const std::vector<MirrorSource>& sources) {
  const bool no_turn = std::ranges::any_of(sources, &MirrorSource::too_far);
  if (session_.is_broken_off() || (turns_.closed() && no_turn)) {
    visit.response.reset();
    visit.error = Error{Errc::cancelled, "the run was stopped"};
    return;
  }
  const bool forbidden = std::ranges::all_of(
      sources, [](const auto& source) { return source.robots == RobotsSay::forbidden; });
  const bool lacks = visit.response && visit.response->status >= 400;
  const bool too_far = std::ranges::any_of(sources, [&](const auto& source) {
    return source.too_far && source.url == visit.leased.url.url;
  });
  if (visit.leased.access == HostAccess::waits || too_far || visit.robots.crowded) {
    visit.needs_host = true;
  } else if (visit.leased.access == HostAccess::given_up && (forbidden || lacks)) {
    visit.response.reset();
    give_up(visit);
  } else if (forbidden) {
    visit.exclude(Errc::robots, visit.robots.rule);
  }
}

// Whether one of them had the file.
coro::Task<bool> Shard::ask_mirrors(Visit& visit, std::vector<MirrorSource>& sources,
                                    std::optional<ReadyPart>& part) {
  for (bool more = true; more;) {
    auto racing = race_mirrors(visit, sources, part);
    MirrorSource* winner = co_await std::move(racing);
    if (winner == nullptr) co_return false;
    auto settling = settle(visit, *winner->download);
    co_await std::move(settling);
    serve_by(visit, *winner);
    if (visit.body && visit.body->is_over_memory()) co_await visit.body->flush();
    auto checking = check_body(visit);
    co_await std::move(checking);
    if (!visit.error) co_return true;
    if (session_.is_broken_off()) co_return false;
    winner->failed = true;
    winner->error = visit.error;
    more = std::ranges::any_of(sources, [](const auto& source) { return !source.failed; });
    if (more) part = let_go(visit);
  }
  co_return false;
}

// The visit forgets the answer that broke off, and what came of it becomes the part for the next.
std::optional<ReadyPart> Shard::let_go(Visit& visit) {
  std::optional<ReadyPart> ready;
  if (visit.part && visit.part_is_body)
    if (auto hasher = visit.body->release_hasher())
      ready = {*visit.part, std::make_shared<web::Hasher>(std::move(*hasher))};
  if (!visit.body_file.empty()) {
    std::error_code ignored;
    std::filesystem::remove(std::exchange(visit.body_file, {}), ignored);
  }
  log("crawl")->info("{}: {}: {}; going on with another mirror", printable(visit.url.href()),
                     printable(visit.served_by), printable(visit.error->message()));
  visit.part.reset();
  visit.part_is_body = visit.part_refused = false;
  visit.response.reset();
  visit.error.reset();
  visit.body.reset();
  visit.served_by.clear();
  visit.served.reset();
  return ready;
}

// The one that answered with the file; null when none did, and then the visit has the answer or the
// error that there was.
coro::Task<MirrorSource*> Shard::race_mirrors(Visit& visit, std::vector<MirrorSource>& sources,
                                              std::optional<ReadyPart>& part) {
  MirrorRace race{loop_.executor()};
  std::vector<coro::Task<>> contenders;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    sources[i].download.reset();
    if (sources[i].failed) continue;
    sources[i].error.reset();
    sources[i].too_far = false;
    sources[i].download = make_download(visit, sources[i].url, part,
                                        [&race, i](int status, http::Continuation meaning) {
                                          return race.on_answer(i, status, meaning);
                                        });
    contenders.push_back(contend(visit, race, sources[i], i));
  }
  auto running = coro::gather(std::move(contenders));
  co_await std::move(running);
  for (MirrorSource& source : sources)
    if (source.download && source.download->answer && !*source.download->answer)
      source.error = source.download->answer->error();
  if (race.winner) co_return &sources[*race.winner];
  const bool anew = part && std::ranges::any_of(sources, refused_the_rest);
  for (MirrorSource& source : sources) {
    if (!source.download || refused_the_rest(source)) continue;
    source.failed = true;
  }
  if (anew) {
    remove_part(part->part);
    part.reset();
    auto again = race_mirrors(visit, sources, part);
    co_return co_await std::move(again);
  }
  MirrorSource* answered = best_answer(sources);
  const bool lacks = answered != nullptr && (*answered->download->answer)->status >= 400;
  if (answered != nullptr && !(lacks && may_have_it(visit, sources))) {
    auto settling = settle(visit, *answered->download);
    co_await std::move(settling);
    serve_by(visit, *answered);
    co_return nullptr;
  }
  if (part) visit.part = part->part;
  if (const Error* error = telling_error(sources)) visit.error = *error;
  co_return nullptr;
}

coro::Task<> Shard::contend(Visit& visit, MirrorRace& race, MirrorSource& source,
                            std::size_t number) {
  auto fetching = fetch_in_turn(visit, source);
  auto losing = lose(race, number);
  auto racing = coro::race(std::move(fetching), std::move(losing));
  co_await std::move(racing);
}

// False: it may not be asked, or there are no rules to be had.
coro::Task<bool> Shard::ask_robots_of(Visit& visit, MirrorSource& source) {
  const auto url = web::Url::parse(source.url);
  const bool own = source.url == visit.leased.url.url;
  auto asking = robots_.check(*url, source.in_turn ? std::optional{visit.leased_at} : std::nullopt);
  auto robots = co_await std::move(asking);
  source.crawl_delay = robots.crawl_delay.value_or(Millis{0});
  source.too_far = robots.crowded && turns_.closed();
  if (robots.fetched) {
    source.in_turn = false;
    // Its Crawl-delay was not known when it was asked.
    const Mono now = context_.clock.now();
    const Politeness politeness{sites().of(source.host).politeness};
    const HostRest rest = politeness.rest_after({.crawl_delay = robots.crawl_delay});
    context_.buckets.note_end(bucket_keys(source.host), now, now + rest.wait, rest.asked);
  }
  if (robots.error) {
    source.robots = RobotsSay::nothing;
    source.error = robots.error;
  } else {
    source.robots = robots.allowed ? RobotsSay::allowed : RobotsSay::forbidden;
    if (!robots.allowed) source.error = Error{Errc::robots, robots.rule};
  }
  if (source.robots != RobotsSay::allowed)
    log("crawl")->debug("{}: this mirror is left out: {}", printable(source.url),
                        source.error->message());
  // What it says a second time says nothing new.
  if (own && (robots.fetched || !visit.robots.fetched)) visit.robots = std::move(robots);
  co_return source.robots == RobotsSay::allowed;
}

// The visit's lease is the turn of the first request to its own host; every other waits for one.
coro::Task<> Shard::fetch_in_turn(Visit& visit, MirrorSource& source) {
  auto asking = ask_robots_of(visit, source);
  if (!co_await std::move(asking)) co_return;
  const PolitenessSpec politeness = sites().of(source.host).politeness;
  const bool own = source.host == web::host_key(visit.url);
  BucketLimits limits = bucket_limits(politeness);
  limits.delay = Politeness{politeness}.set_wait({.crawl_delay = source.crawl_delay});
  HostTurn turn{loop_.executor(), context_.buckets, context_.clock, source.host, limits};
  auto taking = std::exchange(source.in_turn, false)
                    ? turn.use(visit.leased_at, &turns_)
                    : turn.take({.patience_for_place = own ? Millis{0} : HostTurn::patience,
                                 .wait_max = turn_wait_max,
                                 .gate = &turns_});
  if (!co_await std::move(taking)) {
    source.too_far = true;
    source.download->answer =
        fail(Errc::total_timeout, fmt::format("{} is to be left alone for longer", source.host));
    co_return;
  }
  const Mono begun = context_.clock.now();
  auto running = run_download(visit, *source.download);
  co_await std::move(running);
  const auto& answer = *source.download->answer;
  auto report =
      report_of(answer ? &*answer : nullptr,
                std::chrono::ceil<Millis>(context_.clock.now() - begun), context_.clock.wall());
  report.crawl_delay = source.crawl_delay;
  if (source.url == visit.leased.url.url) {
    visit.own_report.reset();
    if (answer) visit.own_report = report;
    visit.own_reported_at = context_.clock.now();
  }
  turn.give_back(politeness, report);
}

}  // namespace trawl::crawl
