#pragma once
// Where a body goes while it arrives. accept() is called inside a libcurl callback, so it neither
// suspends nor throws; what it can't take it refuses, and the transfer pauses until flush() has
// made room.

#include "core/base/result.hpp"
#include "core/coro/file.hpp"
#include "core/coro/task.hpp"
#include "core/http/message.hpp"
#include "core/web/digest.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace trawl::http {

class BodySink {
 public:
  enum class Accepted : std::uint8_t {
    taken,
    full,  // nothing was taken: flush, then offer the bytes again
    stop,  // the bound is reached: what fitted was taken, the rest of the body is not wanted
  };

  virtual ~BodySink() = default;
  // The final answer's fields, before the first byte of the body.
  virtual void begin(const Headers&) {}
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

// Keeps the body in memory while it is small, and streams it to a file when it is not. Digests it
// on the way unless it is content-coded (then the digest is of the decoded bytes, later).
class SpoolSink final : public BodySink {
 public:
  struct Options {
    std::uint64_t bytes_max = UINT64_MAX;
    std::size_t memory_bytes_max = 0;
    std::filesystem::path file;   // created when the memory bound is passed
    bool part_is_wanted = false;  // of a body that is announced to be over bytes_max
  };
  SpoolSink(coro::Worker& worker, Options options);
  // Removes the file unless take_file() was called.
  ~SpoolSink() override;

  void begin(const Headers& headers) override;
  // Not when it was announced to be over the bound, unless a part will do.
  bool wants_body() override;
  Accepted accept(std::string_view bytes) override;
  bool wants_flush() const override;
  coro::Task<> flush() override;
  std::uint64_t bytes() const override { return bytes_; }

  bool truncated() const { return truncated_; }
  bool in_file() const { return file_.has_value(); }
  // The body while it is in memory.
  std::string& memory() { return buffer_; }
  // Writes the rest, closes the file and hands it over.
  coro::Task<std::filesystem::path> take_file();
  // SHA-256 in hex of the body; empty when it is content-coded. Once.
  std::string sha256_hex();

 private:
  coro::Task<> write_buffer();

  coro::Worker& worker_;
  Options options_;
  std::string buffer_;  // the whole body, or what the file lacks
  std::optional<coro::File> file_;
  std::optional<web::Hasher> hasher_;
  std::uint64_t announced_bytes_ = 0;
  std::uint64_t bytes_ = 0;
  std::size_t writing_bytes_ = 0;  // on their way to the file
  bool truncated_ = false;
  bool taken_ = false;
};

}  // namespace trawl::http
