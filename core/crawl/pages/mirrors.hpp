#pragma once
// Mirrors of one file, side by side: the first to answer with the file wins, and the others are
// given up.

#include "core/coro/event.hpp"
#include "core/crawl/pages/download.hpp"
#include "core/web/url/url.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace trawl::crawl {

// What is known of a mirror's robots.txt. Nothing: there are no rules to be had.
enum class RobotsSay : std::uint8_t { unasked, nothing, allowed, forbidden };

struct MirrorSource {
  std::string url;
  std::string host;       // key
  Millis crawl_delay{0};  // of its robots.txt
  bool in_turn = false;   // the visit's lease is its turn; over with its first request
  RobotsSay robots = RobotsSay::unasked;
  bool failed = false;         // not to be asked again in this visit
  bool too_far = false;        // its turn: nothing was asked
  std::optional<Error> error;  // why
  std::unique_ptr<Download> download;
};

// One race. The flag is raised by the first good answer, inside a callback of the transfer.
struct MirrorRace {
  explicit MirrorRace(const coro::Executor& executor) : decided(executor), never(executor) {}

  coro::Event decided;
  coro::Event never;
  std::optional<std::size_t> winner;

  // An answer of a contender. Good: the file, or the rest of it.
  http::Continuation on_answer(std::size_t contender, int status, http::Continuation meaning);
};

// Of errors of several mirrors the one that says most about another attempt: one that passes by
// itself, if there is any.
const Error* telling_error(const std::vector<MirrorSource>& sources);

}  // namespace trawl::crawl
