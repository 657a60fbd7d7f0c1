// Shares are of what is taken at an instant, not of what was over time: a job that was idle has no
// claim on more than its share, and one that was busy owes nothing.
#include "core/coro/place_shares.hpp"

#include <algorithm>
#include <cassert>

namespace trawl::coro {

PlaceShares::Member PlaceShares::add(const Share& share) {
  members_.emplace(++last_member_, State{.share = share});
  return last_member_;
}

void PlaceShares::change(Member member, const Share& share) {
  members_.at(member).share = share;
}

void PlaceShares::remove(Member member) {
  [[maybe_unused]] const State& state = members_.at(member);
  assert(state.taken == 0 && state.waiting.empty());
  members_.erase(member);
}

bool PlaceShares::has_room(const State& state) const {
  return taken_ < total_ && state.taken < state.share.most;
}

void PlaceShares::take(State& state) {
  ++taken_;
  ++state.taken;
  state.last_turn = ++turns_;
}

bool PlaceShares::acquire(Member member) {
  State& state = members_.at(member);
  if (!has_room(state)) return false;
  take(state);
  return true;
}

void PlaceShares::wait(Member member, Ticket ticket) {
  members_.at(member).waiting.push_back(ticket);
}

void PlaceShares::leave(Member member, Ticket ticket) {
  members_.at(member).waiting.remove(ticket);
}

void PlaceShares::release(Member member) {
  State& state = members_.at(member);
  assert(state.taken > 0);
  --state.taken;
  --taken_;
}

// Among equals the one whose last turn is longest ago, so that a single place goes round.
bool PlaceShares::comes_first(const State& a, const State& b) {
  const auto weight = [](const State& state) {
    return static_cast<std::size_t>(std::max(state.share.weight, 1));
  };
  const std::size_t of_a = a.taken * weight(b);
  const std::size_t of_b = b.taken * weight(a);
  return of_a != of_b ? of_a < of_b : a.last_turn < b.last_turn;
}

std::optional<PlaceShares::Ticket> PlaceShares::next() {
  if (taken_ >= total_) return std::nullopt;
  State* first = nullptr;
  for (auto& [member, state] : members_)
    if (!state.waiting.empty() && has_room(state) &&
        (first == nullptr || comes_first(state, *first)))
      first = &state;
  if (first == nullptr) return std::nullopt;
  take(*first);
  const Ticket ticket = first->waiting.front();
  first->waiting.pop_front();
  return ticket;
}

}  // namespace trawl::coro
