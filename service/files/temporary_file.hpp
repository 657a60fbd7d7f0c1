#pragma once
// A file without a name, in TMPDIR: for what does not fit in memory and outlives nothing.

#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <string_view>

namespace trawl::service {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using TemporaryFile = std::unique_ptr<std::FILE, CloseFile>;

// Throws Failure{disk_full, io}.
TemporaryFile open_temporary_file();
// Throws the Failure for an errno: "can't write to a temporary file: No space left on device …".
[[noreturn]] void raise_temporary(int error, std::string_view doing);

// Text of any length that waits in such a file until it is wanted. Every call throws Failure.
class Spool {
 public:
  Spool() : file_(open_temporary_file()) {}

  void write(std::string_view bytes);
  std::uint64_t bytes() const { return bytes_; }
  // Gives out all of it in pieces.
  void read(const std::function<void(std::string_view)>& output);

 private:
  TemporaryFile file_;
  std::uint64_t bytes_ = 0;
};

}  // namespace trawl::service
