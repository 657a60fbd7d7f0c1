#pragma once
// Where a command writes to. Data goes to one Output (standard output), remarks to another
// (standard error); tests give it texts.

#include <cstddef>
#include <string>
#include <string_view>

namespace trawl::service::cli {

class Output {
 public:
  virtual ~Output() = default;

  // False when nobody reads any more (EPIPE): the command then ends quietly, as `| head` expects.
  // Throws Failure{disk_full, io}.
  bool write(std::string_view bytes) { return open_ = open_ && write_some(bytes); }
  // Writes out what is buffered. False as above.
  bool flush() { return open_ = open_ && flush_some(); }

 protected:
  virtual bool write_some(std::string_view bytes) = 0;
  virtual bool flush_some() = 0;

 private:
  bool open_ = true;
};

// A file descriptor behind a buffer; the caller flushes at the end. One thread at a time.
class DescriptorOutput final : public Output {
 public:
  // From then on a reader that goes away is no longer a deadly signal for the process.
  explicit DescriptorOutput(int fd);

 private:
  bool write_some(std::string_view bytes) override;
  bool flush_some() override;
  bool write_all(std::string_view bytes) const;

  int fd_;
  std::string buffer_;
};

class TextOutput final : public Output {
 public:
  std::string text;

 private:
  bool write_some(std::string_view bytes) override {
    text.append(bytes);
    return true;
  }
  bool flush_some() override { return true; }
};

}  // namespace trawl::service::cli
