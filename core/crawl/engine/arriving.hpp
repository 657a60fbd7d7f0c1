#pragma once
// Bodies that are large or slowed down, while they arrive: what a user sees of a fetch that takes
// long.
// Loops write, any thread reads.

#include "core/http/message/body_sink.hpp"

#include <atomic>
#include <cstdint>

namespace trawl::crawl {

class ArrivingBodies {
 public:
  struct Sum {
    std::uint64_t bodies = 0;
    std::uint64_t unannounced = 0;     // of them, those whose length nobody said
    std::uint64_t bytes = 0;           // that have come
    std::uint64_t expected_bytes = 0;  // when the others are whole
  };
  Sum sum() const {
    return {.bodies = bodies_,
            .unannounced = unannounced_,
            .bytes = bytes_,
            .expected_bytes = expected_bytes_};
  }

 private:
  friend class ArrivingBody;
  std::atomic<std::uint64_t> bodies_ = 0;
  std::atomic<std::uint64_t> unannounced_ = 0;
  std::atomic<std::uint64_t> bytes_ = 0;
  std::atomic<std::uint64_t> expected_bytes_ = 0;
};

// One of them, for as long as this lives. Outlived by what it was made with.
class ArrivingBody {
 public:
  explicit ArrivingBody(ArrivingBodies& all) : all_(all) {}
  ~ArrivingBody();
  ArrivingBody(const ArrivingBody&) = delete;
  ArrivingBody& operator=(const ArrivingBody&) = delete;

  // Returns the bytes that were received since the last time; none when it is told of fewer.
  std::uint64_t note(const http::SpoolSink::Written& written);

 private:
  ArrivingBodies& all_;
  bool begun_ = false;
  http::SpoolSink::Written last_;
};

}  // namespace trawl::crawl
