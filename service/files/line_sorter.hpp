#pragma once
// LineSorter: sorts any number of lines by their bytes in bounded memory; what does not fit waits
// in unnamed temporary files (in TMPDIR).

#include "service/files/temporary_file.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace trawl::service {

class LineSorter {
 public:
  explicit LineSorter(std::size_t memory_bytes_max = 64 << 20)
      : memory_bytes_max_(memory_bytes_max) {}

  // line: without its line end. Throws Failure{disk_full, io}.
  void add(std::string line);
  // Gives out all lines in order, equal ones once, each with its line end; false ends it. Once.
  void finish(const std::function<bool(std::string_view)>& output);

 private:
  class Source;

  void spill();

  const std::size_t memory_bytes_max_;
  std::size_t memory_bytes_ = 0;
  std::vector<std::string> lines_;
  std::vector<TemporaryFile> runs_;
};

}  // namespace trawl::service
