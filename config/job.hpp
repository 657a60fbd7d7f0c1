#pragma once
// The job file: TOML into crawl::JobSpec. Values come from four layers, each over the one before:
// defaults < file < environment (TRAWL_A__B) < --set and flags. Whatever is wrong is collected, so
// that one run shows every error. The keys themselves are in keys_*.cpp, one entry each.

#include "core/crawl/job/job.hpp"

#include <expected>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace trawl::config {

inline constexpr std::size_t job_file_bytes_max = 1 << 20;
inline constexpr std::size_t errors_shown_max = 100;

// Where a value comes from: a place in a file, or the name of an option, flag or variable.
struct Origin {
  std::string source = "default";  // file, "--set", "TRAWL_FETCH__HTTP", "--depth", "default"
  int line = 0;                    // from 1; 0 when the source is not a file
  int column = 0;

  std::string text() const;  // "docs.toml:3:7", "--set"
};

// One error, as format_error() shows it. line and column are 0 where there is no position, key is
// empty where no single key is meant.
struct ConfigError {
  std::string file;  // or the name of the option, flag or variable
  int line = 0;
  int column = 0;
  std::string key;
  std::string message;

  bool operator==(const ConfigError&) const = default;
};

// `--set key=value` and flags that stand for a key. The value is read as TOML where that gives what
// the key takes, else as a plain string: `12`, `"12"`, `off` and `["a", "b"]` all work.
struct Override {
  std::string key;
  std::string value;
  std::string source = "--set";  // the flag's name for other flags
  bool literal = false;          // never TOML: for flags whose value is any text, such as a path

  bool operator==(const Override&) const = default;
};

struct Overrides {
  std::map<std::string, std::string> environment;  // TRAWL_* variables; others are ignored
  std::vector<Override> options;                   // in order, the last one wins
};

struct LoadedJob {
  crawl::JobSpec spec;
  std::map<std::string, Origin, std::less<>> origins;  // by key path; absent: the default

  Origin origin(std::string_view key) const;
};

template <class T>
using Loaded = std::expected<T, std::vector<ConfigError>>;

// Reads and validates a job file of at most job_file_bytes_max. The job's default name is the
// file's, without ".toml". Errors are in file order, then environment, then options, then rules
// between keys; past errors_shown_max they are only counted.
Loaded<LoadedJob> load_job(const std::filesystem::path& file, const Overrides& overrides);

// The same for TOML that is already in memory; `file` is only a name for messages and origins.
Loaded<LoadedJob> load_job_text(std::string_view toml, const std::string& file,
                                const Overrides& overrides);

// A job's name made of a file's or a host's: "-" for what no name may have; never empty.
std::string job_name_from(std::string_view text);

// A job made of defaults and overrides (`trawl crawl URL`). Characters that a job's name can't have
// become "-". Seeds may be absent: the caller adds them.
Loaded<LoadedJob> load_job_without_file(std::string_view name, const Overrides& overrides);

// The TRAWL_* variables of an environment block (main's third argument, or ::environ).
std::map<std::string, std::string> trawl_environment(const char* const* block);

// "key=value" of --set. Without "=" or with an empty key: an error.
std::expected<Override, ConfigError> parse_set(std::string_view argument);

// FILE:LINE:COL: key fetch.timeout_total: expected a duration like "2s", found 5 (integer)
std::string format_error(const ConfigError& error);

// The merged job as TOML, every key, with its value's origin as a comment. It loads back to the
// same job, except that secrets (header values, passwords in URLs) are "***".
std::string print_job(const LoadedJob& job);

// A TOML basic string and a list of them, for callers that make Override values.
std::string toml_string(std::string_view text);

// A finite number as TOML writes one with a fraction or an exponent.
std::string toml_float(double number);
std::string toml_list(std::span<const std::string> texts);

}  // namespace trawl::config
