#pragma once
// A stored body as a stream: read and decoded on a thread of its own, which waits while the client
// does. Loop thread only.

#include "core/base/result.hpp"
#include "core/coro/channel.hpp"
#include "core/coro/generator.hpp"
#include "core/coro/semaphore.hpp"
#include "core/coro/task.hpp"
#include "core/crawl/record.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <thread>

namespace trawl::service::control {

class BodyReader {
 public:
  BodyReader(std::filesystem::path folder, crawl::Record record);
  ~BodyReader();  // ends the thread at its next piece
  BodyReader(const BodyReader&) = delete;
  BodyReader& operator=(const BodyReader&) = delete;

  // The next piece, or nothing at the end. Throws Failure when it can't be read (on).
  coro::Task<std::optional<std::string>> next();

 private:
  void read(const std::filesystem::path& folder, const crawl::Record& record);

  coro::Channel<std::string> pieces_;
  std::optional<Error> error_;  // set before pieces_ is closed, read after
  std::thread thread_;
};

// first: what next() gave already.
coro::AsyncGenerator<std::string> body_pieces(std::unique_ptr<BodyReader> reader,
                                              std::optional<std::string> first,
                                              coro::Permit permit);

}  // namespace trawl::service::control
