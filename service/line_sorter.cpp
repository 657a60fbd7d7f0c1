// Sorted runs on disk and one merge of them all: an index of a hundred gigabytes of archives is a
// few dozen runs.
#include "service/line_sorter.hpp"

#include "core/base/result.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <queue>
#include <system_error>
#include <utility>

namespace trawl::service {
namespace {

constexpr std::size_t line_overhead_bytes = sizeof(std::string) + 16;

[[noreturn]] void raise(int error, std::string_view doing) {
  throw Failure(error == ENOSPC || error == EDQUOT ? Errc::disk_full : Errc::io,
                fmt::format("can't {} a temporary file to sort in: {} (TMPDIR chooses the folder)",
                            doing, std::generic_category().message(error)));
}

// glibc's tmpfile() knows no TMPDIR.
std::FILE* open_temporary() {
  const char* folder = std::getenv("TMPDIR");
  std::string name = fmt::format("{}/trawl-sort-XXXXXX", folder && *folder ? folder : "/tmp");
  const int fd = ::mkostemp(name.data(), O_CLOEXEC);
  if (fd < 0) raise(errno, "create");
  ::unlink(name.c_str());
  std::FILE* file = ::fdopen(fd, "w+");
  if (file == nullptr) {
    const int error = errno;
    ::close(fd);
    raise(error, "open");
  }
  return file;
}

}  // namespace

// One run of a merge, in memory or on disk.
class LineSorter::Source {
 public:
  explicit Source(std::vector<std::string> lines) : lines_(std::move(lines)) {}
  explicit Source(Run run) : run_(std::move(run)) { std::rewind(run_.get()); }

  // False at the end.
  bool next() {
    if (run_) return read();
    if (at_ == lines_.size()) return false;
    line = std::move(lines_[at_++]);
    return true;
  }

  std::string line;

 private:
  bool read() {
    line.clear();
    for (int c = std::getc(run_.get()); c != EOF; c = std::getc(run_.get())) {
      if (c == '\n') return true;
      line += char(c);
    }
    if (std::ferror(run_.get())) raise(errno, "read");
    return false;
  }

  std::vector<std::string> lines_;
  std::size_t at_ = 0;
  Run run_;
};

void LineSorter::add(std::string line) {
  memory_bytes_ += line.size() + line_overhead_bytes;
  lines_.push_back(std::move(line));
  if (memory_bytes_ >= memory_bytes_max_) spill();
}

void LineSorter::spill() {
  std::ranges::sort(lines_);
  Run run{open_temporary()};
  for (const std::string& line : lines_) {
    std::fwrite(line.data(), 1, line.size(), run.get());
    std::putc('\n', run.get());
  }
  if (std::fflush(run.get()) != 0 || std::ferror(run.get())) raise(errno, "write");
  runs_.push_back(std::move(run));
  lines_.clear();
  memory_bytes_ = 0;
}

void LineSorter::finish(const std::function<bool(std::string_view)>& output) {
  std::ranges::sort(lines_);
  std::vector<Source> sources;
  sources.emplace_back(std::exchange(lines_, {}));
  for (Run& run : runs_) sources.emplace_back(std::move(run));
  runs_.clear();
  const auto later = [&](std::size_t a, std::size_t b) {
    return sources[a].line > sources[b].line;
  };
  std::priority_queue<std::size_t, std::vector<std::size_t>, decltype(later)> heads{later};
  for (std::size_t i = 0; i < sources.size(); ++i)
    if (sources[i].next()) heads.push(i);
  std::string last;
  for (bool first = true; !heads.empty();) {
    const std::size_t source = heads.top();
    heads.pop();
    std::string line = std::move(sources[source].line);
    if (sources[source].next()) heads.push(source);
    if (!first && line == last) continue;
    first = false;
    last = line;
    if (!output(line += '\n')) return;
  }
}

}  // namespace trawl::service
