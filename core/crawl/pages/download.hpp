#pragma once
// Download: one transfer of a visit's body on its way to disk. A visit has one, or, with mirrors,
// several side by side and one after the other.

#include "core/coro/event.hpp"
#include "core/crawl/state/kept_part.hpp"
#include "core/crawl/state/record.hpp"
#include "core/http/message/body_sink.hpp"
#include "core/http/message/message.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace trawl::crawl {

// A part that is there to be continued: its file has exactly its bytes, the digest's state is that
// after them. Contenders share it; the one that appends takes the state.
struct ReadyPart {
  KeptPart part;
  std::shared_ptr<web::Hasher> hasher;
};

// What is known of a body while it arrives, and how much of it would survive a crash. Shared by the
// sink's callbacks and by the task that saves it, which a cancelled visit doesn't wait for.
struct PartSaver {
  explicit PartSaver(const coro::Executor& executor) : idle(executor) {}

  UrlId id;
  std::filesystem::path path;    // of the body's file
  std::optional<KeptPart> part;  // with the bytes that are saved; absent: can't be continued
  Mono next{};                   // when to save again
  bool begun = false;            // at least once: the file is spared
  bool saving = false;
  bool saved = false;            // the store has it
  bool closed = false;           // the transfer is over: what follows is the visit's own business
  std::optional<Error> no_room;  // a save failed for want of it: what is in the file is unknown
  coro::Event idle;
};

struct Download {
  std::string url;
  std::optional<ReadyPart> part;
  bool same_server = true;  // the one that the part came from
  std::unique_ptr<http::SpoolSink> sink;
  std::shared_ptr<PartSaver> saver;  // absent where no part is ever kept
  std::optional<Result<http::Response>> answer;
};

// Asked with an answer's status and what it means to the part; says what it means after all.
using OnAnswer = std::function<http::Continuation(int, http::Continuation)>;

// Cuts the file to the part's bytes and digests them, a step at a time.
class PartFile {
 public:
  // Absent when there is no such file, or a shorter one.
  static std::optional<PartFile> open(
      const std::filesystem::path& path, std::uint64_t bytes,
      web::Hasher::Algorithm algorithm = web::Hasher::Algorithm::sha256);
  PartFile(PartFile&& other) noexcept;
  PartFile& operator=(PartFile&&) = delete;
  ~PartFile();

  // At most so many bytes more; true when all are digested. Throws Failure{io}.
  bool digest(std::uint64_t bytes_max);
  web::Hasher take_hasher() { return std::move(hasher_); }

 private:
  PartFile(int fd, std::uint64_t bytes, web::Hasher::Algorithm algorithm)
      : fd_(fd), bytes_(bytes), hasher_(algorithm) {}

  int fd_;
  std::uint64_t bytes_;
  std::uint64_t done_ = 0;
  web::Hasher hasher_;
};

// fdatasync of a file that others have open. Throws Failure{io, disk_full}.
void sync_part(const std::filesystem::path& path);

// Removes the files of parts that nobody refers to.
void remove_other_parts(const std::filesystem::path& tmp_dir, std::vector<std::string> wanted);

}  // namespace trawl::crawl
