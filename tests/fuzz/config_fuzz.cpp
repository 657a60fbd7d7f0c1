// Any bytes as a job file, and any text as a --set value: an answer or errors with positions, never
// a crash; and a job that loads is printed as a job that loads to the same.
#include "config/job.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

void expect(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trawl::config;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  Overrides overrides;
  if (const auto option = parse_set(text.substr(0, text.find('\n'))))
    overrides.options.push_back(*option);
  for (const Overrides& layer : {Overrides{}, overrides}) {
    const auto job = load_job_text(text, "fuzz.toml", layer);
    if (!job) {
      expect(!job.error().empty());
      for (const ConfigError& error : job.error()) expect(!format_error(error).empty());
      continue;
    }
    const std::string printed = print_job(*job);
    const auto again = load_job_text(printed, "fuzz.toml", {});
    expect(again.has_value());
    expect(again->spec.name == job->spec.name);
    expect(again->spec.politeness.delay == job->spec.politeness.delay);
    expect(again->spec.fetch.timeouts.total == job->spec.fetch.timeouts.total);
    expect(again->spec.fetch.max_body_bytes == job->spec.fetch.max_body_bytes);
    expect(again->spec.scope.exclude == job->spec.scope.exclude);
  }
  return 0;
}
