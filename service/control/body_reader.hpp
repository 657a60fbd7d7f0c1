#pragma once
// A stored body as a stream: read and decoded on a thread of its own, which waits while the client
// does. Loop thread only.

#include "core/base/result.hpp"
#include "core/coro/channel.hpp"
#include "core/coro/generator.hpp"
#include "core/coro/semaphore.hpp"
#include "core/coro/task.hpp"
#include "core/crawl/state/record.hpp"
#include "service/records/stored_body.hpp"

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace trawl::service::control {

// Gives a body out; stop: nobody wants it any more.
using ReadBody = std::function<Result<>(const std::atomic<bool>& stop, const BodyOutput& give)>;
ReadBody stored_body(std::filesystem::path folder, crawl::Record record);

// The threads of readers that were left before their end. A thread ends at its next piece or at the
// next record of a search, which the loop can't wait for; so they are joined once they have ended.
class BodyThreads {
 public:
  BodyThreads();
  ~BodyThreads();  // waits for them
  BodyThreads(const BodyThreads&) = delete;
  BodyThreads& operator=(const BodyThreads&) = delete;

 private:
  friend class BodyReader;
  struct Reading;
  void leave(std::unique_ptr<Reading> reading);

  std::vector<std::unique_ptr<Reading>> left_;
};

class BodyReader {
 public:
  BodyReader(BodyThreads& threads, ReadBody read);
  ~BodyReader();  // never waits
  BodyReader(const BodyReader&) = delete;
  BodyReader& operator=(const BodyReader&) = delete;

  // The next piece, or nothing at the end. Throws Failure when it can't be read (on).
  coro::Task<std::optional<std::string>> next();

 private:
  BodyThreads& threads_;
  std::unique_ptr<BodyThreads::Reading> reading_;
};

// first: what next() gave already.
coro::AsyncGenerator<std::string> body_pieces(std::unique_ptr<BodyReader> reader,
                                              std::optional<std::string> first,
                                              coro::Permit permit);

}  // namespace trawl::service::control
