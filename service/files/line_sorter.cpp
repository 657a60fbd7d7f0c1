// Sorted runs on disk and one merge of them all: an index of a hundred gigabytes of archives is a
// few dozen runs.
#include "service/files/line_sorter.hpp"

#include <algorithm>
#include <cerrno>
#include <queue>
#include <utility>

namespace trawl::service {
namespace {

constexpr std::size_t line_overhead_bytes = sizeof(std::string) + 16;

}  // namespace

// One run of a merge, in memory or on disk.
class LineSorter::Source {
 public:
  explicit Source(std::vector<std::string> lines) : lines_(std::move(lines)) {}
  explicit Source(TemporaryFile run) : run_(std::move(run)) { std::rewind(run_.get()); }

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
    if (std::ferror(run_.get())) raise_temporary(errno, "read");
    return false;
  }

  std::vector<std::string> lines_;
  std::size_t at_ = 0;
  TemporaryFile run_;
};

void LineSorter::add(std::string line) {
  memory_bytes_ += line.size() + line_overhead_bytes;
  lines_.push_back(std::move(line));
  if (memory_bytes_ >= memory_bytes_max_) spill();
}

void LineSorter::spill() {
  std::ranges::sort(lines_);
  TemporaryFile run = open_temporary_file();
  for (const std::string& line : lines_) {
    std::fwrite(line.data(), 1, line.size(), run.get());
    std::putc('\n', run.get());
  }
  if (std::fflush(run.get()) != 0 || std::ferror(run.get())) raise_temporary(errno, "write to");
  runs_.push_back(std::move(run));
  lines_.clear();
  memory_bytes_ = 0;
}

void LineSorter::finish(const std::function<bool(std::string_view)>& output) {
  std::ranges::sort(lines_);
  std::vector<Source> sources;
  sources.emplace_back(std::exchange(lines_, {}));
  for (TemporaryFile& run : runs_) sources.emplace_back(std::move(run));
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
