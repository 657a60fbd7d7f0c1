#pragma once
// An open file with errors that name the file. Every failed call throws Failure: disk_full when
// there is no space or quota left, io otherwise.

#include "core/base/clock.hpp"
#include "core/base/result.hpp"

#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

namespace trawl::storage {

class FileHandle {
 public:
  FileHandle() = default;
  FileHandle(FileHandle&& other) noexcept;
  FileHandle& operator=(FileHandle&& other) noexcept;
  ~FileHandle() { close(); }

  static FileHandle open_for_reading(const std::filesystem::path& path);
  static FileHandle open_for_writing(const std::filesystem::path& path);
  // The file must be new; nullopt-like closed handle when the name is taken.
  static FileHandle create(const std::filesystem::path& path);
  static FileHandle open_directory(const std::filesystem::path& path);

  bool is_open() const { return fd_ >= 0; }
  void close();

  std::uint64_t size() const;
  // Reads until buffer is full or the file ends; returns the bytes read.
  std::size_t read_at(std::uint64_t offset, std::span<char> buffer) const;
  // Writes all of it, one piece after the other, in one call as far as the system takes it so.
  void write_at(std::uint64_t offset, std::span<const std::string_view> pieces);
  void write_at(std::uint64_t offset, std::string_view bytes) {
    write_at(offset, std::span(&bytes, 1));
  }
  void truncate(std::uint64_t bytes);
  // When its content was last changed, as listings show it; left where the file system can't.
  void set_modified(Wall time);
  Wall modified() const;
  void sync_data();        // fdatasync
  void sync_all();         // fsync: files and directories
  void sync_filesystem();  // syncfs: everything on the file's file system

 private:
  static FileHandle open(const std::filesystem::path& path, int flags);

  int fd_ = -1;
  std::filesystem::path path_;
};

// Throws the Failure for an errno: "can't write to /out/x: No space left on device".
[[noreturn]] void throw_system_error(int error, std::string_view doing,
                                     const std::filesystem::path& path);

void sync_directory(const std::filesystem::path& path);
void rename_file(const std::filesystem::path& from, const std::filesystem::path& to);
// No error when there is no such file.
void remove_file(const std::filesystem::path& path);

// Whether it is a file, and of that length at least. Never throws.
bool file_reaches(const std::filesystem::path& path, std::uint64_t bytes);

}  // namespace trawl::storage
