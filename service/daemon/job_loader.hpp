#pragma once
// JobLoader: the jobs of a daemon from their files: with the changes that were made over the API,
// an output folder where none is named, and, for submitted ones, the bounds of what strangers may
// ask for.

#include "config/daemon.hpp"
#include "config/job.hpp"
#include "service/daemon/data_folder.hpp"

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace trawl::service {

struct JobSource {
  std::filesystem::path file;
  bool submitted = false;
  std::string name = {};  // of a submitted job; else the file says

  bool operator==(const JobSource&) const = default;
};

class JobLoader {
 public:
  JobLoader(const DataFolder& data, std::map<std::string, std::string> environment,
            std::vector<std::string> allowed_networks)
      : data_(data),
        environment_(std::move(environment)),
        allowed_networks_(
            std::make_shared<const std::vector<std::string>>(std::move(allowed_networks))) {}

  // Reads the file.
  config::Loaded<config::LoadedJob> load(const JobSource& source,
                                         const std::vector<config::Override>& patches) const;
  config::Loaded<config::LoadedJob> load_text(std::string_view toml, const JobSource& source,
                                              const std::vector<config::Override>& patches) const;

  // What a submitted job asks for and may not have; empty when all is well.
  std::vector<config::ConfigError> forbidden(const config::LoadedJob& job) const;
  void check_networks(const config::LoadedJob& job, std::string_view key,
                      const std::vector<std::string>& networks,
                      std::vector<config::ConfigError>& errors) const;

  // Any thread, also while another one loads.
  void set_allowed_networks(std::vector<std::string> networks) {
    auto shared = std::make_shared<const std::vector<std::string>>(std::move(networks));
    const std::lock_guard lock{mutex_};
    allowed_networks_ = std::move(shared);
  }

 private:
  void check_servers(const config::LoadedJob& job, std::vector<config::ConfigError>& errors) const;
  std::shared_ptr<const std::vector<std::string>> allowed_networks() const {
    const std::lock_guard lock{mutex_};
    return allowed_networks_;
  }
  config::Overrides overrides(const JobSource& source,
                              const std::vector<config::Override>& patches) const;
  config::Loaded<config::LoadedJob> finish(config::Loaded<config::LoadedJob> loaded,
                                           const JobSource& source) const;

  const DataFolder& data_;
  std::map<std::string, std::string> environment_;
  mutable std::mutex mutex_;
  std::shared_ptr<const std::vector<std::string>> allowed_networks_;  // guarded by mutex_
};

// What the job names and this process can't read, as errors at the keys' places. Relative paths
// begin in the working folder.
std::vector<config::ConfigError> unreadable_files(const config::LoadedJob& job);

// Whether an error is one of forbidden().
bool is_forbidden(const config::ConfigError& error);

// Keys of a job that name files or folders; a test holds it against the table of keys.
std::vector<std::string_view> path_keys();

}  // namespace trawl::service
