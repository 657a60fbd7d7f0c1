// The reader's code is synchronous and may take its time; its thread sends through a channel by
// running a loop of its own for each piece that has to wait.
#include "service/control/body_reader.hpp"

#include "core/coro/loop.hpp"
#include "service/control/bounds.hpp"

#include <pthread.h>

#include <thread>
#include <utility>

namespace trawl::service::control {

// Owned by the reader, then by BodyThreads: the thread is joined before it goes.
struct BodyThreads::Reading {
  explicit Reading(ReadBody with)
      : pieces(bounds::body_pieces_queued_max), read(std::move(with)), thread([this] {
          pthread_setname_np(pthread_self(), "control-body");
          run();
          ended = true;
        }) {}
  ~Reading() {
    stop = true;
    pieces.close();
    thread.join();
  }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;

  void run() {
    coro::Loop waiting;
    const auto give = [&](std::string_view bytes) {
      std::string piece{bytes};
      return pieces.try_send(piece) || waiting.run(pieces.send(std::move(piece)));
    };
    try {
      if (const auto done = read(stop, give); !done) error = done.error();
    } catch (const Failure& failure) {
      error = failure.error();
    } catch (const std::exception& failure) {
      error = Error{Errc::internal, failure.what()};
    }
    pieces.close();
  }

  coro::Channel<std::string> pieces;
  ReadBody read;
  std::atomic<bool> stop = false;
  std::atomic<bool> ended = false;
  std::optional<Error> error;  // set before pieces is closed, read after
  std::thread thread;          // last: it uses the rest
};

ReadBody stored_body(std::filesystem::path folder, crawl::Record record) {
  return [folder = std::move(folder), record = std::move(record)](const std::atomic<bool>& stop,
                                                                  const BodyOutput& give) {
    return read_stored_body(folder, record, {.stop = &stop}, give);
  };
}

BodyThreads::BodyThreads() = default;

BodyThreads::~BodyThreads() = default;

void BodyThreads::leave(std::unique_ptr<Reading> reading) {
  reading->stop = true;
  reading->pieces.close();
  std::erase_if(left_, [](const auto& one) { return one->ended.load(); });
  left_.push_back(std::move(reading));
}

BodyReader::BodyReader(BodyThreads& threads, ReadBody read)
    : threads_(threads), reading_(std::make_unique<BodyThreads::Reading>(std::move(read))) {}

BodyReader::~BodyReader() {
  threads_.leave(std::move(reading_));
}

coro::Task<std::optional<std::string>> BodyReader::next() {
  auto receiving = reading_->pieces.next();
  auto piece = co_await std::move(receiving);
  if (!piece && reading_->error) throw Failure(*reading_->error);
  co_return piece;
}

coro::AsyncGenerator<std::string> body_pieces(std::unique_ptr<BodyReader> reader,
                                              std::optional<std::string> first, coro::Permit) {
  for (std::optional<std::string> piece = std::move(first); piece;) {
    co_yield std::move(*piece);
    auto reading = reader->next();
    piece = co_await std::move(reading);
  }
}

}  // namespace trawl::service::control
