#pragma once
// Short ways to load a job from text, shared by the tests of this folder.

#include "config/job.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace trawl::config {

// With a seed, which every job file needs.
inline Loaded<LoadedJob> load(std::string_view toml, const Overrides& overrides = {}) {
  std::string text{"seeds.urls = [\"https://a.example/\"]\n"};
  text += toml;
  return load_job_text(text, "docs.toml", overrides);
}

inline std::vector<std::string> messages(const Loaded<LoadedJob>& job) {
  std::vector<std::string> lines;
  if (!job)
    for (const ConfigError& error : job.error()) lines.push_back(format_error(error));
  return lines;
}

// The only error, or a text that says how many there were.
inline std::string message(const Loaded<LoadedJob>& job) {
  const auto lines = messages(job);
  return lines.size() == 1 ? lines.front() : std::to_string(lines.size()) + " errors";
}

inline Loaded<LoadedJob> load_with(std::vector<Override> options) {
  return load_job_without_file("job", {.environment = {}, .options = std::move(options)});
}

inline Loaded<LoadedJob> load_with_environment(std::map<std::string, std::string> environment) {
  return load_job_without_file("job", {.environment = std::move(environment), .options = {}});
}

}  // namespace trawl::config
