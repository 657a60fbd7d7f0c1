#pragma once
// Where a body goes while it arrives. accept() is called inside a libcurl callback, so it neither
// suspends nor throws; what it can't take it refuses, and the transfer pauses until flush() has
// made room.

#include "core/base/result.hpp"
#include "core/coro/file.hpp"
#include "core/coro/task.hpp"
#include "core/http/message/message.hpp"
#include "core/web/digest.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace trawl::http {

class BodySink {
 public:
  enum class Accepted : std::uint8_t {
    taken,
    full,  // nothing was taken: flush, then offer the bytes again
    stop,  // the bound is reached: what fitted was taken, the rest of the body is not wanted
  };

  virtual ~BodySink() = default;
  // The final answer's status and fields, before the first byte of the body.
  virtual void begin(int /*status*/, const Headers&) {}
  // Asked once, after begin(), when a body is to come: false ends the transfer, as stop would.
  virtual bool wants_body() { return true; }
  virtual Accepted accept(std::string_view bytes) = 0;
  virtual bool wants_flush() const { return false; }
  // Throws Failure{disk_full, io}.
  virtual coro::Task<> flush() { co_return; }
  virtual std::uint64_t bytes() const = 0;
};

// Counts and forgets.
class DiscardSink final : public BodySink {
 public:
  explicit DiscardSink(std::uint64_t bytes_max = UINT64_MAX) : bytes_max_(bytes_max) {}
  Accepted accept(std::string_view bytes) override;
  std::uint64_t bytes() const override { return bytes_; }

 private:
  std::uint64_t bytes_max_;
  std::uint64_t bytes_ = 0;
};

// Keeps the body in memory up to a bound.
class MemorySink final : public BodySink {
 public:
  explicit MemorySink(std::size_t bytes_max) : bytes_max_(bytes_max) {}
  Accepted accept(std::string_view bytes) override;
  std::uint64_t bytes() const override { return body_.size(); }
  const std::string& body() const { return body_; }

 private:
  std::size_t bytes_max_;
  std::string body_;
};

// What an answer means to a body of which the first part is there already.
enum class Continuation : std::uint8_t {
  append,   // its body is the rest
  anew,     // its body is the whole: the part is of no use any more
  refused,  // its body is not wanted, and the part is of no use
  other,    // an answer of its own; the part may be continued another time
};

// Keeps the body in memory while it is small, and streams it to a file when it is not. What goes to
// the file is digested on the way unless it is content-coded (then the digest is of the decoded
// bytes, later).
class SpoolSink final : public BodySink {
 public:
  // What it holds at most beyond Options::memory_bytes_max, when the disk is slower than the
  // network.
  static constexpr std::size_t beyond_memory_bytes_max = 48 * 1024;
  // Of an unwanted body at most so much is received.
  static constexpr std::size_t unwanted_bytes_max = 64 * 1024;

  // How much of a body is in its file.
  struct Written {
    std::uint64_t bytes = 0;
    std::uint64_t kept = 0;      // of them, those of an earlier answer
    std::uint64_t expected = 0;  // when it is whole; 0: nobody said
  };

  struct Options {
    std::uint64_t bytes_max = UINT64_MAX;
    std::size_t memory_bytes_max = 0;
    std::string file;             // its path; created when the memory bound is passed
    bool part_is_wanted = false;  // of a body that is announced to be over bytes_max

    // Called with the answer's status and fields. Without a part only a refusal counts.
    std::function<Continuation(int, const Headers&)> on_head = {};
    // Called with the same: whether the body is wanted at all. A short one that is not is received
    // and forgotten, which costs less than another connection.
    std::function<bool(int, const Headers&)> is_wanted = {};
    // Called on the loop when there are more bytes in the file, between callbacks of libcurl. Once
    // it said true the file stays, whatever becomes of the sink.
    std::function<bool(const Written&)> on_written = {};
    // The same of what has come, also while it is in memory: when the transfer pauses.
    std::function<void(const Written&)> on_paused = {};
  };
  // The first bytes of the body: a file with exactly so many, longer than memory_bytes_max, and
  // the digest's state after them, which the sink that appends takes.
  struct Part {
    std::string file;
    std::uint64_t bytes = 0;
    std::shared_ptr<web::Hasher> hasher;
  };
  SpoolSink(coro::Worker& worker, Options options, std::optional<Part> part = {});
  // Removes the file unless take_file() was called or on_written() spared it. A part's file stays.
  ~SpoolSink() override;

  void begin(int status, const Headers& headers) override;
  // Not when it was announced to be over the bound, unless a part will do.
  bool wants_body() override;
  Accepted accept(std::string_view bytes) override;
  bool wants_flush() const override;
  coro::Task<> flush() override;
  std::uint64_t bytes() const override { return bytes_; }

  bool truncated() const { return truncated_; }
  // Nothing of it was kept, because Options::is_wanted() said so.
  bool is_unwanted() const { return unwanted_; }
  bool in_file() const { return in_file_; }
  // The body is, or will be by take_file(), in the file.
  bool is_over_memory() const { return in_file_ || bytes_ > options_.memory_bytes_max; }
  // The body while it is in memory.
  std::string& memory() { return buffer_; }
  // Writes the rest and hands the file over. Again, it only says where the file is.
  coro::Task<std::string> take_file();
  bool is_coded() const { return coded_; }
  // SHA-256 in hex of the body; empty when it is content-coded. Of a body in a file after
  // take_file().
  const std::string& sha256_hex();
  // The same, but empty as well where it would have to be made of a body in memory.
  const std::string& known_sha256();
  // What the answer was to the part; absent while there is no answer, or no part.
  std::optional<Continuation> continuation() const { return continuation_; }
  // The digest's state, for a sink that continues this body. After take_file(), instead of
  // sha256_hex().
  std::optional<web::Hasher> release_hasher() { return std::exchange(hasher_, std::nullopt); }

 private:
  void make_room(std::size_t bytes, bool to_file);
  coro::Task<> write_buffer();

  coro::Worker& worker_;
  Options options_;
  std::optional<Part> part_;
  std::optional<Continuation> continuation_;
  std::string buffer_;                 // the whole body, or what the file lacks
  std::optional<web::Hasher> hasher_;  // of what is in the file
  std::uint64_t announced_bytes_ = 0;
  std::uint64_t bytes_ = 0;
  Written written_;                // in the file
  std::size_t writing_bytes_ = 0;  // on their way to the file
  std::string sha256_;
  bool coded_ = false;
  bool truncated_ = false;
  bool unwanted_ = false;
  std::size_t forgotten_bytes_ = 0;
  bool spared_ = false;
  bool taken_ = false;
  bool in_file_ = false;
};

}  // namespace trawl::http
