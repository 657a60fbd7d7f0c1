#pragma once
// UrlSources: how many may still bring URLs to a run: its seeds, and those who push more. While
// there is one, an empty queue is not the end; after the end there can be no further one. Any
// thread.

#include <atomic>
#include <memory>
#include <utility>

namespace trawl::crawl {

class UrlSources {
 public:
  // False: the run has ended.
  bool open() {
    int open = open_.load();
    while (open >= 0)
      if (open_.compare_exchange_weak(open, open + 1)) return true;
    return false;
  }
  void close() { --open_; }
  // True: none is open, and from now on none can be.
  bool end() {
    int none = 0;
    return open_.compare_exchange_strong(none, ended) || none < 0;
  }

 private:
  static constexpr int ended = -1'000'000'000;
  std::atomic<int> open_ = 1;  // the seeds
};

// A source for the length of a scope.
class UrlSource {
 public:
  UrlSource() = default;
  explicit UrlSource(std::shared_ptr<UrlSources> sources) {
    if (sources->open()) sources_ = std::move(sources);
  }
  UrlSource(UrlSource&& other) noexcept : sources_(std::exchange(other.sources_, nullptr)) {}
  UrlSource& operator=(UrlSource&& other) noexcept {
    std::swap(sources_, other.sources_);
    return *this;
  }
  ~UrlSource() {
    if (sources_) sources_->close();
  }

  explicit operator bool() const { return sources_ != nullptr; }

 private:
  std::shared_ptr<UrlSources> sources_;
};

}  // namespace trawl::crawl
