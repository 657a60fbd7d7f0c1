// Sequence numbers are page x hosts + host, so that they rise with a host's pages and the model's
// store needs no table: what is queued behind a number are the pages after it that were found.
#include "tests/sim/simulation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace trawl::sim {
namespace {

using crawl::HostBreaker;
using crawl::HostHealth;
using crawl::Lease;

constexpr std::uint32_t publish_ms_max = 80;
constexpr std::uint32_t read_ms_max = 40;
constexpr std::uint32_t samples_each = 8;

std::uint64_t weight_of(std::uint32_t page) {
  return (page + 1) * 0x9e3779b97f4a7c15ULL ^ (page * 0xff51afd7ed558ccdULL >> 7);
}

crawl::BucketLimits limits_of(const crawl::PolitenessSpec& politeness) {
  return {.delay = politeness.delay,
          .pause_max = politeness.delay_max,
          .per_host = politeness.per_host,
          .per_domain = politeness.per_domain,
          .per_ip = politeness.per_ip};
}

}  // namespace

Simulation::Simulation(const SimSpec& spec)
    : spec_(spec),
      web_(spec.web),
      random_(spec.web.seed),
      retry_(fetch_, spec.web.seed),
      frontier_(1, spec.window_urls, politeness_.delay, spec.memory_urls),
      hosts_(web_.hosts()) {
  frontier_.share(buckets_, limits_of(politeness_), [] {});
  fetches_.resize(spec.at_once);
  for (std::uint32_t i = spec.at_once; i-- > 0;) free_.push_back(i);
}

void Simulation::broken(const std::string& what) const {
  throw Broken(fmt::format("seed {}, {} hosts, {} URLs, after {} ms: {}", spec_.web.seed,
                           spec_.web.hosts, spec_.web.urls,
                           std::chrono::duration_cast<Millis>(now_ - Mono{}).count(), what));
}

SimReport Simulation::run() {
  const std::uint32_t first = spec_.begin_with == 0 ? web_.hosts() : spec_.begin_with;
  while (known_hosts_ < std::min(first, web_.hosts())) discover_host();
  for (;;) {
    lease_all();
    Mono next = events_.empty() ? Mono::max() : events_.top().at;
    if (in_flight_ < spec_.at_once) next = std::min(next, wake_);
    if (next == Mono::max()) {
      if (known_hosts_ == web_.hosts()) break;
      discover_host();
      continue;
    }
    now_ = std::max(now_, next);
    while (!events_.empty() && events_.top().at <= now_) {
      const Event event = events_.top();
      events_.pop();
      happen(event);
    }
  }
  for (std::uint32_t i = 0; i < web_.hosts(); ++i)
    if (hosts_[i].ended != hosts_[i].found || hosts_[i].balance != 0)
      broken(fmt::format("host {} has {} URLs, {} came to their end", i, hosts_[i].found,
                         hosts_[i].ended));
  report_.urls = known_urls_;
  report_.lasted = std::chrono::duration_cast<Millis>(now_ - Mono{});
  return report_;
}

crawl::QueuedUrl Simulation::url_of(std::uint32_t host, std::uint32_t page) const {
  crawl::QueuedUrl url;
  url.id = {host + 1, std::int64_t{page} * web_.hosts() + host + 1};
  url.url = fmt::format("http://h{}.test/section/page-{}.html", host, page);
  return url;
}

std::uint32_t Simulation::page_of(std::int64_t seq) const {
  return static_cast<std::uint32_t>((seq - 1) / web_.hosts());
}

void Simulation::plan(Millis in, What what, std::uint32_t host, std::uint32_t page,
                      std::uint32_t count) {
  events_.push({now_ + in, ++order_, what, host, page, count});
}

void Simulation::discover_host() {
  find_pages(known_hosts_++, 1 + pick(3));
}

void Simulation::find_pages(std::uint32_t number, std::uint32_t pages) {
  HostState& host = hosts_[number];
  // What a commit publishes arrives together, but may be overtaken by what the next one does.
  const Millis delay{pick(publish_ms_max)};
  for (; pages > 0 && host.found < web_.pages(number); --pages) {
    const std::uint32_t page = host.found++;
    host.balance += weight_of(page);
    ++host.on_the_way;
    ++known_urls_;
    plan(delay, What::pushed, number, page, 1);
  }
}

void Simulation::lease_all() {
  wake_ = Mono::max();
  while (in_flight_ < spec_.at_once) {
    auto acquired = frontier_.acquire(now_);
    while (const auto request = frontier_.next_refill()) refill(*request);
    if (auto* lease = std::get_if<Lease>(&acquired)) {
      start(std::move(*lease));
      continue;
    }
    if (const auto* wake = std::get_if<Mono>(&acquired)) {
      if (*wake <= now_) broken("it names a time to wait for that has passed");
      wake_ = *wake;
    }
    if (spec_.check && refilling_ == 0) sample_hosts();
    break;
  }
  note_memory();
}

void Simulation::start(Lease lease) {
  const auto number = static_cast<std::uint32_t>(lease.host - 1);
  HostState& host = hosts_[number];
  if (host.in_flight) broken(fmt::format("host {} is asked twice at once", number));
  if (lease.access == crawl::HostAccess::given_up) {
    if (!host.health || !host.health->breaker().given_up(now_))
      broken(fmt::format("host {} is drained and not given up", number));
    host.balance -= weight_of(page_of(lease.url.id.seq));
    ++report_.given_up;
    if (lease.url.attempts > 0) --host.delayed, --delayed_;
    end_url(number, false);
    frontier_.release(lease.host, Mono::min());
    return;
  }
  if (now_ < host.next_allowed) broken(fmt::format("host {} is asked too soon", number));
  if (now_ < host.blocked_until) broken(fmt::format("host {} is asked behind its breaker", number));
  if (host.health && host.health->breaker().tripped()) ++report_.probes;
  note_start(host);
  if (lease.url.attempts > 0) --host.delayed, --delayed_;
  host.in_flight = true;
  ++in_flight_;
  if (host.knows_address && ++at_address_[web_.address(number)] > *politeness_.per_ip)
    broken(
        fmt::format("more than {} fetches at the address of host {}", *politeness_.per_ip, number));
  const std::uint32_t place = free_.back();
  free_.pop_back();
  fetches_[place] = {std::move(lease.url), web_.fetch(web_.host(number), now_, random_), now_,
                     host.knows_address};
  plan(fetches_[place].answer.took, What::fetched, number, 0, place);
}

void Simulation::note_start(HostState& host) {
  ++report_.starts;
  if (host.ready_since < now_)
    report_.longest_ready = std::max(report_.longest_ready,
                                     std::chrono::duration_cast<Millis>(now_ - host.ready_since));
  host.ready_since = Mono::max();
  constexpr Millis minute{60'000};
  for (; now_ >= minute_ + minute; minute_ += minute) minute_starts_ = 0;
  ++minute_starts_;
  report_.starts_per_s_max = std::max(report_.starts_per_s_max, double(minute_starts_) / 60);
}

void Simulation::refill(const crawl::RefillRequest& request) {
  const auto number = static_cast<std::uint32_t>(request.host - 1);
  HostState& host = hosts_[number];
  if (host.refilling) broken(fmt::format("host {} has two refills at once", number));
  host.refilling = true;
  ++refilling_;
  ++report_.refills;
  const std::uint32_t first = request.after_seq < 0 ? 0 : page_of(request.after_seq) + 1;
  plan(Millis{pick(read_ms_max)}, What::read, number, first,
       static_cast<std::uint32_t>(request.max_urls));
}

void Simulation::happen(const Event& event) {
  HostState& host = hosts_[event.host];
  switch (event.what) {
    case What::fetched:
      finish(event.count);
      break;
    case What::pushed:
      --host.on_the_way;
      if (!host.in_flight) host.ready_since = std::min(host.ready_since, now_);
      frontier_.push(event.host + 1, web_.name(event.host), url_of(event.host, event.page));
      break;
    case What::read: {
      const std::uint32_t there = host.found - std::min(host.found, event.page);
      const std::uint32_t count = std::min(there, event.count);
      // The top bit: there is more.
      const std::uint32_t more = there > event.count ? 1U << 31 : 0;
      plan(Millis{pick(read_ms_max)}, What::refilled, event.host, event.page, count | more);
      break;
    }
    case What::refilled: {
      host.refilling = false;
      --refilling_;
      std::vector<crawl::QueuedUrl> urls;
      const std::uint32_t count = event.count & ~(1U << 31);
      for (std::uint32_t i = 0; i < count; ++i) urls.push_back(url_of(event.host, event.page + i));
      frontier_.refilled(event.host + 1, std::move(urls), event.count >> 31 != 0,
                         {now_, Wall{Millis{1}}});
      break;
    }
  }
}

void Simulation::finish(std::uint32_t place) {
  Fetch fetch = std::move(fetches_[place]);
  free_.push_back(place);
  const auto number = static_cast<std::uint32_t>(fetch.url.id.host - 1);
  HostState& host = hosts_[number];
  const ModelHost model = web_.host(number);
  HostHealth health = host.health ? *host.health : HostHealth{};
  if (model.crawl_delay) health.set_crawl_delay(*model.crawl_delay);
  const Mono open_before = health.breaker().open_until();
  const Answer& answer = fetch.answer;
  const Millis wait = health.on_fetch(
      politeness_, fetch_.host_breaker,
      {.response_time = answer.took, .status = answer.status, .retry_after = answer.retry_after},
      answer.error, fetch.started, now_);
  if (model.crawl_delay && wait < *model.crawl_delay) broken("a Crawl-delay is not kept");
  const int attempts = ++fetch.url.attempts;
  const auto again = answer.error ? retry_.next(attempts, answer.error->code)
                                  : retry_.next(attempts, *answer.status);
  const std::uint32_t page = page_of(fetch.url.id.seq);
  if (again) {
    ++report_.retries;
    ++host.delayed;
    ++delayed_;
    frontier_.retry(std::move(fetch.url), now_ + *again);
  }
  if (answer.status) frontier_.set_address(number + 1, web_.ip(number), now_);
  if (fetch.at_address) --at_address_[web_.address(number)];
  host.knows_address = host.knows_address || answer.status;
  obey_breaker(number, health.breaker(), open_before);
  host.health = health.record({now_, Wall{Millis{1}}}) == crawl::HealthRecord{}
                    ? nullptr
                    : std::make_unique<HostHealth>(health);
  host.in_flight = false;
  --in_flight_;
  host.next_allowed = now_ + wait;
  host.ready_since =
      host.found > host.ended + 1 ? std::max(host.next_allowed, host.blocked_until) : Mono::max();
  frontier_.release(number + 1, host.next_allowed, wait);
  if (again) return;
  host.balance -= weight_of(page);
  if (answer.status) find_pages(number, pick(4) == 0 ? 3 : 1);
  end_url(number, answer.status.has_value());
  if (known_hosts_ < web_.hosts()) discover_host();
}

void Simulation::end_url(std::uint32_t number, bool fetched) {
  HostState& host = hosts_[number];
  ++host.ended;
  ++(fetched ? report_.fetched : report_.failed);
  if (host.ended > host.found) broken(fmt::format("a URL of host {} came twice", number));
  if (host.ended == host.found) host.knows_address = false;  // it may be forgotten now
  if (2 * (report_.fetched + report_.failed) >= web_.urls() && report_.half_after == Millis{0})
    report_.half_after = std::chrono::duration_cast<Millis>(now_ - Mono{});
}

void Simulation::obey_breaker(std::uint32_t number, const HostBreaker& breaker, Mono before) {
  if (breaker.open_until() == before) return;
  HostState& host = hosts_[number];
  host.blocked_until = breaker.tripped() ? breaker.open_until() : Mono::min();
  if (!breaker.tripped())
    frontier_.unblock(number + 1);
  else if (breaker.given_up(now_))
    frontier_.drain(number + 1, breaker.open_until());
  else
    frontier_.block(number + 1, breaker.open_until());
}

// Nothing can go out, and there are places: no host that stands alone in the world may be ready.
void Simulation::sample_hosts() {
  for (std::uint32_t i = 0; i < samples_each; ++i) {
    const std::uint32_t number = pick(std::max(known_hosts_, 1U));
    const HostState& host = hosts_[number];
    const bool waits = host.in_flight || host.on_the_way > 0 || host.delayed > 0 ||
                       host.next_allowed > now_ || host.blocked_until > now_;
    if (waits || host.found == host.ended) continue;
    if (web_.domain(number) < web_.hosts() || web_.address(number) < web_.hosts()) continue;
    ++report_.samples;
    broken(fmt::format("host {} has {} URLs, may be asked, and is not", number,
                       host.found - host.ended));
  }
  report_.samples += samples_each;
}

void Simulation::note_memory() {
  const auto in_memory = frontier_.urls_in_memory();
  report_.urls_in_memory_max = std::max(report_.urls_in_memory_max, in_memory);
  report_.frontier_bytes_max = std::max(report_.frontier_bytes_max, frontier_.memory_bytes());
  report_.hosts_max = std::max(report_.hosts_max, frontier_.hosts_awake());
  // Retries, single URLs of hosts that starve, and those that others overtook come on top.
  const auto overtaken_max = spec_.memory_urls / 10 + publish_ms_max;
  if (in_memory > spec_.memory_urls + overtaken_max + spec_.at_once + delayed_ + 64)
    broken(fmt::format("{} URLs are in memory, {} of them delayed", in_memory, delayed_));
}

}  // namespace trawl::sim
