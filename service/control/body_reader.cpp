// The reader's code is synchronous and may take its time; its thread sends through a channel by
// running a loop of its own for each piece that has to wait.
#include "service/control/body_reader.hpp"

#include "core/coro/loop.hpp"
#include "service/control/bounds.hpp"
#include "service/stored_body.hpp"

#include <pthread.h>

#include <utility>

namespace trawl::service::control {

BodyReader::BodyReader(std::filesystem::path folder, crawl::Record record)
    : pieces_(bounds::body_pieces_queued_max),
      thread_([this, folder = std::move(folder), record = std::move(record)] {
        pthread_setname_np(pthread_self(), "control-body");
        read(folder, record);
      }) {}

BodyReader::~BodyReader() {
  pieces_.close();
  thread_.join();
}

void BodyReader::read(const std::filesystem::path& folder, const crawl::Record& record) {
  coro::Loop waiting;
  const auto give = [&](std::string_view bytes) {
    std::string piece{bytes};
    return pieces_.try_send(piece) || waiting.run(pieces_.send(std::move(piece)));
  };
  try {
    if (const auto done = read_stored_body(folder, record, {}, give); !done) error_ = done.error();
  } catch (const Failure& failure) {
    error_ = failure.error();
  } catch (const std::exception& failure) {
    error_ = Error{Errc::internal, failure.what()};
  }
  pieces_.close();
}

coro::Task<std::optional<std::string>> BodyReader::next() {
  auto receiving = pieces_.next();
  auto piece = co_await std::move(receiving);
  if (!piece && error_) throw Failure(*error_);
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
