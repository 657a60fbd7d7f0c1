#pragma once
// PlaceShares: who gets a place when there are fewer than are wanted. Pure: SharedPlaces has the
// lock and the tasks. A free place goes to the member that has the fewest for its weight, and
// within a member to whoever has waited longest; what one doesn't use the others have. No place is
// taken away: a newcomer gets those that are given back until it has its share. O(members).

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <optional>

namespace trawl::coro {

struct Share {
  int weight = 1;               // against that of others, at least 1
  std::size_t most = SIZE_MAX;  // at once, however many are free
};

class PlaceShares {
 public:
  using Member = std::uint32_t;
  using Ticket = std::uint64_t;  // of one who waits; named by the caller, each once

  explicit PlaceShares(std::size_t total) : total_(total) {}

  Member add(const Share& share);
  void change(Member member, const Share& share);
  void remove(Member member);  // precondition: it has no place and nobody waits
  void set_total(std::size_t total) { total_ = total; }  // below what is taken: until given back

  // True: it has a place. Precondition: next() gives none.
  bool acquire(Member member);
  void wait(Member member, Ticket ticket);
  void leave(Member member, Ticket ticket);  // precondition: it waits
  void release(Member member);

  // One who waited and has a place now. To be called after each change until there is none.
  std::optional<Ticket> next();

  std::size_t taken() const { return taken_; }
  std::size_t taken_by(Member member) const { return members_.at(member).taken; }
  std::size_t waiting(Member member) const { return members_.at(member).waiting.size(); }

 private:
  struct State {
    Share share;
    std::size_t taken = 0;
    std::uint64_t last_turn = 0;
    std::list<Ticket> waiting;
  };
  static bool comes_first(const State& a, const State& b);
  bool has_room(const State& state) const;
  void take(State& state);

  std::size_t total_;
  std::size_t taken_ = 0;
  std::uint64_t turns_ = 0;
  Member last_member_ = 0;
  std::map<Member, State> members_;  // as many as there are jobs, or shards of one
};

}  // namespace trawl::coro
