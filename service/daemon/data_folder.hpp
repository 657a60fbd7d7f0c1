#pragma once
// DataFolder: the daemon's own folder, held by one process at a time.
//
//   .lock      held while the daemon runs
//   daemon.db  the states of the jobs (ledger.hpp)
//   jobs/      submitted jobs, NAME.toml
//   out/NAME   output folders of jobs that name none
//   .removed/  output folders on their way out
//
// Blocking; one thread at a time.

#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace trawl::service {

class DataFolder {
 public:
  // Creates what is missing. Throws Failure{in_use} when another daemon holds it, Failure{io,
  // disk_full}.
  explicit DataFolder(const std::filesystem::path& path);
  ~DataFolder();
  DataFolder(const DataFolder&) = delete;
  DataFolder& operator=(const DataFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }  // absolute, without links
  std::filesystem::path ledger() const { return path_ / "daemon.db"; }
  std::filesystem::path output(std::string_view job) const { return path_ / "out" / job; }
  std::filesystem::path job_file(std::string_view name) const;

  // A path that is no submitted job's business, wherever it is: empty ones are none.
  void reserve(std::filesystem::path path);
  // Whether a path of a submitted job stays inside, apart from what is the daemon's own: links and
  // ".." are followed first. Relative ones begin here.
  bool contains(const std::filesystem::path& path) const;
  // Whether a folder is that of the submitted jobs or of their outputs, or within one of them.
  // Relative ones begin at the working directory.
  bool holds(const std::filesystem::path& path) const;
  // The same for its output, which goes with it: neither all of out/ nor another job's folder
  // there.
  bool may_be_output(const std::filesystem::path& path, std::string_view job) const;
  std::filesystem::path absolute(const std::filesystem::path& path) const { return path_ / path; }

  // All or nothing, whatever happens while it is written; durable when it returns.
  void put_job(std::string_view name, std::string_view toml) const;
  void remove_job(std::string_view name) const;
  std::vector<std::filesystem::path> job_files() const;  // by name
  // At once as far as anybody can see; what a crash leaves of it goes at the next start.
  void remove_output(const std::filesystem::path& path, std::error_code& error) const;

 private:
  std::vector<std::filesystem::path> inside(const std::filesystem::path& path) const;

  std::filesystem::path path_;
  std::vector<std::filesystem::path> reserved_;
  int lock_fd_ = -1;
};

// Whether two folders are one, or one is inside the other; links are followed. True also when that
// can't be found out.
bool overlap(const std::filesystem::path& one, const std::filesystem::path& other);

}  // namespace trawl::service
