#pragma once
// Lookup: the course of asking for one name: which server is asked for which record and when to
// give up on it. Decides, sends nothing: told of answers and of time, it says what to ask next.
// A and AAAA are asked for side by side; servers in turn, round after round, each round waiting
// twice as long. An answer that comes after its question was asked again still counts.

#include "core/base/clock.hpp"
#include "core/http/dns/answer.hpp"
#include "core/http/dns/resolution.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace trawl::http::dns {

struct Query {
  std::size_t server = 0;
  std::string name;
  RecordType type = RecordType::a;
};

class Lookup {
 public:
  // servers: names of the servers for messages, at least one; first: the one to begin with.
  Lookup(std::string name, const std::vector<std::string>& servers, std::size_t first);

  // What is to be asked now: at the start, and after each of the calls below.
  std::vector<Query> take_queries(Mono now);
  void on_answer(const Query& query, Answer answer, Mono now);
  // The server can't be reached, which is true of all questions that are out to it.
  void on_failure(std::size_t server, const std::string& why);
  void on_time(Mono now);

  // When to call on_time().
  Mono deadline() const;
  bool done(Mono now) const;
  // A server has let its time pass.
  bool is_slow() const { return slow_; }
  // The server whose answer was the first to be of use.
  std::optional<std::size_t> answered_by() const { return answered_by_; }

  // When done(): what came of it, and for how long that may be believed.
  struct Outcome {
    Resolution resolution;
    Millis ttl{0};
  };
  Outcome take_outcome();

 private:
  enum class State : std::uint8_t { asking, answered, failed, timed_out };
  struct Leg {
    RecordType type;
    State state = State::asking;
    std::string name;  // the alias that is asked for now
    std::size_t aliases = 0;
    std::uint32_t ttl_s = 0x7FFFFFFF;
    std::size_t turn = 0;  // counts questions to servers in order, all rounds together
    bool to_send = true;
    Mono due{};                         // of the question that is out
    std::vector<std::string> failures;  // by server; empty: it hasn't failed
    std::string why;                    // failed
    Answer answer;                      // answered

    bool ended() const { return state != State::asking; }
    bool has_addresses() const { return !answer.addresses.empty(); }
    bool is_missing() const { return state == State::answered && !has_addresses(); }
  };

  std::size_t server_of(std::size_t turn) const { return (first_ + turn) % servers_.size(); }
  Leg& leg_of(RecordType type) { return legs_[type == RecordType::a ? 0 : 1]; }
  void follow_alias(Leg& leg, Answer answer);
  void fail(Leg& leg, std::size_t server, const std::string& why);
  void next_server(Leg& leg, bool timed_out);
  Outcome found() const;
  Outcome missing() const;
  Outcome failed() const;

  std::string name_;
  std::vector<std::string> servers_;
  std::size_t first_;
  std::array<Leg, 2> legs_;            // A, AAAA
  std::optional<Mono> partial_until_;  // one family has addresses: how long the other is waited for
  std::optional<std::size_t> answered_by_;
  bool slow_ = false;
};

}  // namespace trawl::http::dns
