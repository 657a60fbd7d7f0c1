#pragma once
// ZipNum: a sorted CDXJ index as gzip members of 1,024 lines, or of fewer from 1 MiB on, and an
// index of these, so that a replay tool finds a URL with two small reads (pywb's and WACZ's
// "cdxj-gzip-1.0").

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace trawl::service {

class ZipNum {
 public:
  // data: takes the compressed lines. file: the name of what it writes to.
  ZipNum(std::string file, std::function<void(std::string_view)> data);

  // With its line end; in the order of their bytes.
  void add(std::string_view line);
  // The index, a line a member; whatever is still to be written is.
  std::string finish();

 private:
  void end_member();

  std::string file_;
  std::function<void(std::string_view)> data_;
  std::string index_;
  std::string lines_, first_key_;  // of the member that is gathered
  std::size_t count_ = 0;
  std::uint64_t offset_ = 0;
};

}  // namespace trawl::service
