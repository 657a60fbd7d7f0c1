#pragma once
// Mirrors of one file, side by side: the first to answer with the file wins, and the others are
// given up. And when a mirror's host may be asked, over all shards.

#include "core/coro/event.hpp"
#include "core/crawl/download.hpp"
#include "core/web/url.hpp"

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trawl::crawl {

struct MirrorSource {
  std::string url;
  std::string host;            // key
  Millis gap{0};               // between two requests to it
  bool leased = false;         // its host's turn is the visit's own
  bool failed = false;         // not to be asked again in this visit
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

// When requests to the hosts of mirrors may start. A mirror's host has no queue that it was leased
// from, so its requests are kept apart here. Any thread.
class MirrorTurns {
 public:
  // now, and then the turn is taken; or the time to ask again. A turn that waits is nobody's, so
  // that who is cancelled while he waits leaves none behind. leased: the host's frontier gave the
  // turn.
  Mono take(const std::string& host, Mono now, Millis gap, bool leased = false);

 private:
  static constexpr std::size_t hosts_max = 10'000;

  std::mutex mutex_;
  std::map<std::string, Mono> next_;  // guarded by mutex_
};

}  // namespace trawl::crawl
