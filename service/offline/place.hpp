#pragma once
// Puts files into DIR/offline so that a name never stands for half a file: written in DIR/tmp,
// renamed when whole, and left alone when the same bytes are there already.

#include "core/base/result.hpp"
#include "storage/files/file_handle.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace trawl::service {

class OfflinePlace {
 public:
  explicit OfflinePlace(std::filesystem::path folder) : folder_(std::move(folder)) {}

  // A file that is written piece by piece; removed again unless finished.
  class Writing {
   public:
    Writing(OfflinePlace& place, std::string name);
    ~Writing();
    Writing(Writing&& other) noexcept;
    Writing& operator=(Writing&&) = delete;
    bool write(std::string_view bytes);  // true
    bool finish();                       // false when the same file was there

   private:
    OfflinePlace& place_;
    std::string name_;
    std::filesystem::path temporary_;  // empty once finished
    storage::FileHandle file_;
    std::uint64_t size_ = 0;
  };

  // name: relative to the folder. All throw Failure{disk_full, io}.
  Writing begin(const std::string& name) { return {*this, name}; }
  // False when the same bytes were there.
  bool put(const std::string& name, std::string_view bytes);
  // The same file under a second name, where the file system can; else a copy. False when it was
  // there. Errors: io, when there is no such file.
  Result<bool> link(const std::string& name, const std::string& file);

 private:
  std::filesystem::path temporary();
  void move_in(const std::filesystem::path& temporary, const std::string& name);

  std::filesystem::path folder_;
  std::uint64_t next_temporary_ = 0;
};

}  // namespace trawl::service
