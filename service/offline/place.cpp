// Nothing is synced: after a power cut a file may be empty or old, and the next run, which compares
// contents, writes it anew.
#include "service/offline/place.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <system_error>
#include <utility>
#include <vector>

namespace trawl::service {
namespace {

namespace fs = std::filesystem;
using storage::FileHandle;

constexpr std::size_t step_bytes = 256 * 1024;

std::vector<char>& step_buffer() {
  thread_local std::vector<char> buffer(step_bytes);
  return buffer;
}

// Whether the file holds exactly these bytes.
bool holds(const fs::path& path, std::string_view bytes) {
  std::error_code error;
  if (!fs::is_regular_file(path, error) || fs::file_size(path, error) != bytes.size() || error)
    return false;
  const FileHandle file = FileHandle::open_for_reading(path);
  std::vector<char>& buffer = step_buffer();
  for (std::uint64_t offset = 0; offset < bytes.size();) {
    const std::size_t count = file.read_at(offset, buffer);
    if (count == 0 || std::string_view(buffer.data(), count) != bytes.substr(offset, count))
      return false;
    offset += count;
  }
  return true;
}

bool same_contents(const fs::path& one, const fs::path& other) {
  std::error_code error;
  if (!fs::is_regular_file(other, error) ||
      fs::file_size(one, error) != fs::file_size(other, error) || error)
    return false;
  const FileHandle left = FileHandle::open_for_reading(one);
  const FileHandle right = FileHandle::open_for_reading(other);
  std::vector<char> buffer(step_bytes);
  for (std::uint64_t offset = 0;;) {
    const std::size_t count = left.read_at(offset, step_buffer());
    if (right.read_at(offset, buffer) != count) return false;
    if (count == 0) return true;
    if (!std::equal(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(count),
                    step_buffer().begin()))
      return false;
    offset += count;
  }
}

}  // namespace

OfflinePlace::Writing::Writing(OfflinePlace& place, std::string name)
    : place_(place), name_(std::move(name)), temporary_(place.temporary()) {
  file_ = FileHandle::create(temporary_);
  if (!file_.is_open())
    throw Failure(Errc::io, fmt::format("{} is in the way", temporary_.string()));
}

OfflinePlace::Writing::Writing(Writing&& other) noexcept
    : place_(other.place_),
      name_(std::move(other.name_)),
      temporary_(std::exchange(other.temporary_, {})),
      file_(std::move(other.file_)),
      size_(other.size_) {}

OfflinePlace::Writing::~Writing() {
  std::error_code error;
  if (!temporary_.empty()) fs::remove(temporary_, error);
}

bool OfflinePlace::Writing::write(std::string_view bytes) {
  file_.write_at(size_, bytes);
  size_ += bytes.size();
  return true;
}

bool OfflinePlace::Writing::finish() {
  file_.close();
  if (same_contents(temporary_, place_.folder_ / name_)) return false;
  place_.move_in(temporary_, name_);
  temporary_.clear();
  return true;
}

bool OfflinePlace::put(const std::string& name, std::string_view bytes) {
  if (holds(folder_ / name, bytes)) return false;
  Writing writing = begin(name);
  writing.write(bytes);
  return writing.finish();
}

Result<bool> OfflinePlace::link(const std::string& name, const std::string& file) {
  std::error_code error;
  const fs::path source = folder_ / file;
  if (!fs::is_regular_file(source, error))
    return fail(Errc::io, fmt::format("{} is gone", source.string()));
  if (fs::equivalent(source, folder_ / name, error)) return false;
  const fs::path second = temporary();
  fs::create_hard_link(source, second, error);
  if (!error) {
    move_in(second, name);
    return true;
  }
  // Not every file system has links, and some have few.
  Writing writing = begin(name);
  const FileHandle reading = FileHandle::open_for_reading(source);
  for (std::uint64_t offset = 0;;) {
    const std::size_t count = reading.read_at(offset, step_buffer());
    if (count == 0) break;
    writing.write({step_buffer().data(), count});
    offset += count;
  }
  return writing.finish();
}

fs::path OfflinePlace::temporary() {
  const fs::path folder = folder_ / "tmp";
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) storage::throw_system_error(error.value(), "create the folder", folder);
  while (true) {
    fs::path path = folder / fmt::format("offline-{}.part", next_temporary_++);
    if (!fs::exists(path, error)) return path;
  }
}

void OfflinePlace::move_in(const fs::path& temporary, const std::string& name) {
  const fs::path target = folder_ / name;
  std::error_code error;
  fs::create_directories(target.parent_path(), error);
  if (error) storage::throw_system_error(error.value(), "create the folder", target.parent_path());
  storage::rename_file(temporary, target);
}

}  // namespace trawl::service
