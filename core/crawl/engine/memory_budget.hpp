#pragma once
// MemoryBudget: what the parts of a job hold in memory, against limits.memory. Each part reports
// its own figure; together with what the program needs in any case they are to stay within the
// limit: near it caches shrink, and where the next fetch might not fit, it waits for another to
// end. One fetch a shard always may run, so that every job ends. Any thread.

#include "core/http/message/body_sink.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace trawl::crawl {

enum class MemoryUse : std::uint8_t {
  program,     // what it needs in any case: code, database, buffers
  known_urls,  // the seen filter
  windows,     // hosts and queued URLs of the frontiers
  fetches,     // bodies, from their first byte until they are committed
  caches,      // robots.txt, links that were seen lately
};
inline constexpr std::size_t memory_uses = 5;

class MemoryBudget {
 public:
  // What a fetch needs besides the body in memory: connection, request and answer.
  static constexpr std::size_t fetch_rest_bytes = 32 * 1024;
  static constexpr std::size_t fetch_unwritten_bytes = http::SpoolSink::beyond_memory_bytes_max;

  // One part's figure; 0 again at its end. One thread.
  class Share {
   public:
    Share(MemoryBudget& budget, MemoryUse use, std::size_t bytes = 0) : budget_(budget), use_(use) {
      set(bytes);
    }
    ~Share() { set(0); }
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;

    void set(std::size_t bytes) {
      budget_.change(use_, static_cast<std::int64_t>(bytes) - static_cast<std::int64_t>(bytes_));
      bytes_ = bytes;
    }
    std::size_t bytes() const { return bytes_; }

   private:
    MemoryBudget& budget_;
    MemoryUse use_;
    std::size_t bytes_ = 0;
  };

  // True for the first who asks: what is to be said of it is said once.
  bool tell_once() { return !told_.exchange(true); }

  // bytes_max: absent for no limit. fetches: how many there may be at once.
  MemoryBudget(std::optional<std::uint64_t> bytes_max, std::size_t fetches);

  // How much of a body stays in memory; what is longer goes to a file. The more fetches there may
  // be at once, the less: so that they all fit, as far as that goes.
  std::size_t body_bytes() const { return body_bytes_; }
  // What a fetch is counted with until it is known how much came of it: a body that goes to a file
  // may have to wait for the disk.
  std::size_t fetch_bytes() const { return fetch_rest_bytes + fetch_unwritten_bytes + body_bytes_; }

  std::optional<std::uint64_t> bytes_max() const { return bytes_max_; }
  std::uint64_t used() const { return static_cast<std::uint64_t>(used_.load()); }
  std::uint64_t used(MemoryUse use) const;

  // Whether caches are to give back what they can.
  bool is_tight() const;
  // Whether a shard with so many URLs between lease and commit may begin another fetch.
  bool may_fetch(std::size_t in_flight) const;

  // A part's bound: 1/parts of the limit, at most `most`, which also holds without a limit.
  std::size_t part(std::size_t parts, std::size_t most) const;

 private:
  void change(MemoryUse use, std::int64_t bytes);

  const std::optional<std::uint64_t> bytes_max_;
  std::atomic<bool> told_ = false;
  const std::size_t body_bytes_;
  std::atomic<std::int64_t> used_ = 0;
  std::array<std::atomic<std::int64_t>, memory_uses> uses_{};
};

}  // namespace trawl::crawl
