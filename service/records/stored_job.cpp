// Settings are stored as the text that `check --print` shows, because that format is kept readable
// for later versions anyway, and says where each value came from.
#include "service/records/stored_job.hpp"

#include "config/job.hpp"
#include "storage/sqlite/url_facts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace trawl::service {

StoredJob read_stored_job(storage::Db& db) {
  StoredJob job;
  const auto settings = storage::stored_meta(db, job_settings_key);
  if (!settings || settings->empty()) {
    job.problem = "the folder does not hold the job's settings; the defaults are assumed";
    return job;
  }
  job.settings = *settings;
  auto loaded = config::load_job_text(*settings, "crawl.db", {});
  if (!loaded) {
    job.problem = fmt::format("the job's settings can't be read ({}); the defaults are assumed",
                              config::format_error(loaded.error().front()));
    return job;
  }
  job.spec = std::move(loaded->spec);
  return job;
}

std::string StoredJob::origin(std::string_view key) const {
  const std::size_t dot = key.find('.');
  const std::string section = fmt::format("[{}]", key.substr(0, dot));
  const std::string start = fmt::format("{} = ", key.substr(dot + 1));
  std::string_view rest = settings;
  bool inside = false;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.starts_with('[')) inside = line == section;
    const std::size_t comment = line.rfind("  # ");
    if (inside && line.starts_with(start) && comment != line.npos)
      return std::string{line.substr(comment + 4)};
  }
  return {};
}

}  // namespace trawl::service
