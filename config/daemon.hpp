#pragma once
// The daemon's own configuration, trawl.toml: TOML into DaemonSpec, in the way of the job files
// (config/job.hpp): defaults < file < environment (TRAWL_DATA_DIR, TRAWL_LOG__LEVEL) < flags, every
// error at its place and all at once. The keys themselves are in daemon_keys.cpp, one entry each.

#include "config/job.hpp"
#include "core/base/clock.hpp"
#include "core/base/log.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trawl::config {

// What the control API listens on.
struct ListenAddress {
  std::string host;  // an IP address
  std::uint16_t port = 0;

  bool is_loopback() const;
  std::string to_string() const;  // "[::1]:8090"
  bool operator==(const ListenAddress&) const = default;
};

struct DaemonSpec {
  ListenAddress listen{"127.0.0.1", 8090};
  std::vector<std::string> hosts;  // names that the API is asked by, besides addresses
  std::string jobs_dir = "jobs";
  std::string data_dir = "data";
  int concurrency = 1024;
  int jobs_at_once = 16;
  std::optional<std::uint64_t> bandwidth;  // bytes a second
  std::optional<std::uint64_t> memory_bytes;
  std::string token_file;
  Millis grace{30'000};
  std::vector<std::string> allow_private_networks;  // CIDRs
  std::string log_file;                             // empty: standard error
  std::optional<LogFormat> log_format;              // absent: as the command line says
  std::optional<spdlog::level::level_enum> log_level;
};

struct LoadedDaemon {
  DaemonSpec spec;
  std::string token;  // empty: none is asked for
  std::map<std::string, Origin, std::less<>> origins;

  Origin origin(std::string_view key) const;
};

// file: may be missing when it is only the default; its path must be empty then. The token is the
// first line of token_file, or TRAWL_TOKEN, which goes before it. To listen on more than loopback
// without a token is an error.
Loaded<LoadedDaemon> load_daemon(const std::filesystem::path& file, const Overrides& overrides);
Loaded<LoadedDaemon> load_daemon_text(std::string_view toml, const std::string& file,
                                      const Overrides& overrides);

// The first line of a token's file. Errors: Errc::io, why it can't be read; Errc::config for what
// is no token.
Result<std::string> read_token(const std::string& file);

// The variables that no key of the daemon is meant by: those that jobs read.
std::map<std::string, std::string> job_environment(
    const std::map<std::string, std::string>& environment);

// A line for each key that differs: "concurrency: 16 → 32". restart: for keys that only hold from
// the next start on.
struct DaemonChange {
  std::string text;
  bool restart = false;
};
std::vector<DaemonChange> changes_between(const DaemonSpec& old_spec, const DaemonSpec& new_spec);

// The new values of the keys that a reload applies, and the running ones of all others.
DaemonSpec live_changes(const DaemonSpec& running, const DaemonSpec& loaded);

}  // namespace trawl::config
