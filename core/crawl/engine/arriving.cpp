// What was kept of an earlier answer is a part of the body, and was received another time.
#include "core/crawl/engine/arriving.hpp"

#include <utility>

namespace trawl::crawl {

std::uint64_t ArrivingBody::note(const http::SpoolSink::Written& written) {
  if (!begun_) {
    begun_ = true;
    last_ = {.bytes = written.kept, .expected = written.expected};
    ++all_.bodies_;
    if (last_.expected == 0) ++all_.unannounced_;
    all_.bytes_ += last_.bytes;
    all_.expected_bytes_ += last_.expected;
  }
  if (written.bytes <= last_.bytes) return 0;
  const std::uint64_t before = std::exchange(last_.bytes, written.bytes);
  all_.bytes_ += written.bytes - before;
  return written.bytes - before;
}

ArrivingBody::~ArrivingBody() {
  if (!begun_) return;
  --all_.bodies_;
  if (last_.expected == 0) --all_.unannounced_;
  all_.bytes_ -= last_.bytes;
  all_.expected_bytes_ -= last_.expected;
}

}  // namespace trawl::crawl
