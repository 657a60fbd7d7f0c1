#pragma once
// File: a file whose operations run on a Worker, so that a slow disk never blocks a loop.
// Throws Failure{not_found, io, disk_full} with the path in the message; not_found of what is to be
// read alone.

#include "core/coro/generator.hpp"
#include "core/coro/task.hpp"
#include "core/coro/worker.hpp"

#include <concepts>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace trawl::coro {

class File {
 public:
  // write creates or empties; append creates or continues; extend continues what is there. To open
  // a pipe for reading waits for nobody who writes; wait_and_read() does.
  enum class Mode { read, write, append, extend };

  static Task<File> open(Worker& worker, std::filesystem::path path, Mode mode);
  // Descriptor 0 as it is: what was read of it stays read, and it may be a socket.
  static File standard_input(Worker& worker);

  File(File&& other) noexcept;
  File& operator=(File&&) = delete;
  ~File();  // closes without a word when close() was not called

  // At most max_bytes from the current position; empty at the end of the file.
  Task<std::string> read(std::size_t max_bytes);
  // The same of what may be a pipe or standard input, which can be silent for hours: waits for
  // bytes or the end, and that can be cancelled.
  Task<std::string> wait_and_read(std::size_t max_bytes);
  // All of it, at the current position (append mode: at the end). The bytes must live until then.
  Task<> write(std::string_view bytes);
  template <class Temporary>
    requires std::same_as<Temporary, std::string>
  Task<> write(Temporary&& bytes) = delete;  // it is gone before the task is awaited
  Task<> sync();                             // fdatasync
  Task<> truncate(std::uint64_t bytes);
  Task<std::uint64_t> size();
  Task<> close();  // reports what the destructor can't

  const std::filesystem::path& path() const { return path_; }

 private:
  File(Worker& worker, std::filesystem::path path, int fd)
      : worker_(&worker), path_(std::move(path)), fd_(fd) {}

  Worker* worker_;
  std::filesystem::path path_;
  int fd_;
};

// Opens, writes all of it and closes, so that between two calls no descriptor is held. The bytes
// must live until then.
Task<> write_to(Worker& worker, std::filesystem::path path, File::Mode mode,
                std::string_view bytes);

// The lines of a file without their ends ("\n" or "\r\n"), read as a stream; longer ones than
// max_line_bytes are cut there. "-" as path reads standard input.
AsyncGenerator<std::string> read_lines(Worker& worker, std::filesystem::path path,
                                       std::size_t max_line_bytes);

}  // namespace trawl::coro
