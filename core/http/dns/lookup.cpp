// IPv4 is what most servers have, so addresses of IPv6 alone wait for it through one lost packet;
// the other way round RFC 8305 3 has 50 ms.
#include "core/http/dns/lookup.hpp"

#include "core/base/limits.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace trawl::http::dns {
namespace {

using std::chrono::seconds;

constexpr Millis first_wait{1000};
constexpr Millis wait_for_v6{50};
constexpr Millis wait_for_v4{1500};
constexpr seconds ttl_min{limits::dns_ttl_s_min};
constexpr seconds ttl_max{limits::dns_ttl_s_max};
constexpr seconds negative_ttl_max{limits::dns_negative_ttl_s_max};
constexpr seconds partial_ttl_max{60};  // the other family may be had then
constexpr seconds failure_ttl{1};       // RFC 9520 3.2: at least a second

Millis clamped(std::uint32_t ttl_s, seconds min, seconds max) {
  return std::clamp(seconds{ttl_s}, min, max);
}

}  // namespace

std::vector<IpAddress> by_turns(std::span<const IpAddress> addresses) {
  std::vector<IpAddress> v6, v4, turns;
  for (const IpAddress& address : addresses) (address.is_v4() ? v4 : v6).push_back(address);
  for (std::size_t i = 0; i < std::max(v6.size(), v4.size()); ++i) {
    if (i < v6.size()) turns.push_back(v6[i]);
    if (i < v4.size()) turns.push_back(v4[i]);
  }
  if (turns.size() > limits::dns_addresses_max) turns.resize(limits::dns_addresses_max);
  return turns;
}

Lookup::Lookup(std::string name, const std::vector<std::string>& servers, std::size_t first)
    : name_(std::move(name)),
      servers_(servers),
      first_(first),
      legs_{Leg{.type = RecordType::a}, Leg{.type = RecordType::aaaa}} {
  for (Leg& leg : legs_) {
    leg.name = name_;
    leg.failures.resize(servers_.size());
  }
}

std::vector<Query> Lookup::take_queries(Mono now) {
  std::vector<Query> queries;
  for (Leg& leg : legs_) {
    if (leg.ended() || !std::exchange(leg.to_send, false)) continue;
    leg.due = now + first_wait * (1 << leg.turn / servers_.size());
    queries.push_back({.server = server_of(leg.turn), .name = leg.name, .type = leg.type});
  }
  return queries;
}

void Lookup::on_answer(const Query& query, Answer answer, Mono now) {
  Leg& leg = leg_of(query.type);
  if (leg.ended() || query.name != leg.name) return;  // late, and no longer of interest
  if (answer.kind == Answer::Kind::failed) return fail(leg, query.server, answer.detail);
  if (!answered_by_) answered_by_ = query.server;
  if (answer.kind == Answer::Kind::alias) return follow_alias(leg, std::move(answer));
  leg.ttl_s = std::min(leg.ttl_s, answer.ttl_s);
  leg.state = State::answered;
  leg.answer = std::move(answer);
  if (leg.has_addresses() && !partial_until_)
    partial_until_ = now + (leg.type == RecordType::a ? wait_for_v6 : wait_for_v4);
}

void Lookup::follow_alias(Leg& leg, Answer answer) {
  leg.aliases += answer.aliases;
  leg.ttl_s = std::min(leg.ttl_s, answer.ttl_s);
  leg.name = std::move(answer.alias);
  leg.to_send = true;
  const bool askable = !leg.name.empty() && !leg.name.contains('\\');
  if (leg.aliases <= limits::dns_aliases_max && askable) return;
  leg.state = State::failed;
  leg.why = askable ? "too many aliases (CNAME), or a loop of them" : "an alias of no host's name";
}

void Lookup::on_failure(std::size_t server, const std::string& why) {
  for (Leg& leg : legs_)
    if (!leg.ended()) fail(leg, server, why);
}

void Lookup::fail(Leg& leg, std::size_t server, const std::string& why) {
  leg.failures[server] = fmt::format("{} from {}", why, servers_[server]);
  if (server == server_of(leg.turn)) next_server(leg, false);
}

void Lookup::on_time(Mono now) {
  for (Leg& leg : legs_)
    if (!leg.ended() && !leg.to_send && leg.due <= now) next_server(leg, true);
}

// Those that failed are not asked again; those that were silent are, in the next round.
void Lookup::next_server(Leg& leg, bool timed_out) {
  slow_ = slow_ || timed_out;
  const std::size_t turns_max = servers_.size() * limits::dns_rounds_max;
  for (std::size_t turn = leg.turn + 1; turn <= leg.turn + servers_.size(); ++turn) {
    if (!leg.failures[server_of(turn)].empty() || turn >= turns_max) continue;
    leg.turn = turn;
    leg.to_send = true;
    return;
  }
  leg.state = timed_out ? State::timed_out : State::failed;
  leg.why = leg.failures[server_of(leg.turn)];
}

Mono Lookup::deadline() const {
  Mono at = partial_until_.value_or(Mono::max());
  for (const Leg& leg : legs_)
    if (!leg.ended() && !leg.to_send) at = std::min(at, leg.due);
  return at;
}

bool Lookup::done(Mono now) const {
  const Leg& v4 = legs_[0];
  if (std::ranges::all_of(legs_, &Leg::ended)) return true;
  // No name for A is no name at all (RFC 8020); some servers say so for AAAA alone, wrongly.
  if (v4.is_missing() && v4.answer.kind == Answer::Kind::no_name) return true;
  return partial_until_ && *partial_until_ <= now;
}

Lookup::Outcome Lookup::take_outcome() {
  if (std::ranges::any_of(legs_, &Leg::has_addresses)) return found();
  const Leg& v4 = legs_[0];
  if (v4.is_missing() && (legs_[1].is_missing() || v4.answer.kind == Answer::Kind::no_name))
    return missing();
  return failed();
}

Lookup::Outcome Lookup::found() const {
  std::vector<IpAddress> addresses;
  std::uint32_t ttl_s = 0x7FFFFFFF;
  bool whole = true;
  for (const Leg& leg : legs_) {
    addresses.insert(addresses.end(), leg.answer.addresses.begin(), leg.answer.addresses.end());
    if (leg.has_addresses()) ttl_s = std::min(ttl_s, leg.ttl_s);
    whole = whole && leg.state == State::answered;
  }
  return {.resolution = {.addresses = by_turns(addresses)},
          .ttl = clamped(ttl_s, ttl_min, whole ? ttl_max : partial_ttl_max)};
}

Lookup::Outcome Lookup::missing() const {
  const Leg& v4 = legs_[0];
  const bool no_name = v4.answer.kind == Answer::Kind::no_name;
  const std::uint32_t ttl_s = no_name ? v4.ttl_s : std::min(v4.ttl_s, legs_[1].ttl_s);
  std::string detail = no_name ? fmt::format("there is no name {} (NXDOMAIN)", name_)
                               : fmt::format("{} has no address", name_);
  if (v4.name != name_) detail += fmt::format("; it is an alias of {}", v4.name);
  return {.resolution = {.error = Error{Errc::dns, std::move(detail)}, .missing = true},
          .ttl = clamped(ttl_s, failure_ttl, negative_ttl_max)};
}

// What the A leg met, unless only the other met with trouble.
Lookup::Outcome Lookup::failed() const {
  const Leg& leg = legs_[0].is_missing() ? legs_[1] : legs_[0];
  Error error{Errc::dns, fmt::format("{}: {}", name_, leg.why)};
  if (leg.state != State::failed)
    error = {Errc::dns_timeout,
             fmt::format("no answer about {} from {}", name_, fmt::join(servers_, ", "))};
  return {.resolution = {.error = std::move(error)}, .ttl = failure_ttl};
}

}  // namespace trawl::http::dns
