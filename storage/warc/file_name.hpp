#pragma once
// Names of WARC files: JOB-YYYYMMDDhhmmss-SERIAL.warc[.gz|.zst].

#include "core/base/clock.hpp"
#include "core/crawl/job/job.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace trawl::storage {

inline constexpr std::string_view warc_folder_name = "warc/";  // in an output folder

std::string warc_file_name(std::string_view job, Wall time, std::uint64_t serial,
                           crawl::WarcCompression compression);

// A job's name as these names have it.
std::string warc_job(std::string_view job);

// "warc/NAME", a file right in that folder, as all of them are. The database that says so may come
// from elsewhere, so this is asked before the file is opened.
bool is_warc_name(std::string_view name);

struct WarcName {
  std::string_view job;  // into the name
  std::uint64_t serial = 0;
};
// Nothing for files that are not named like ours.
std::optional<WarcName> parse_warc_name(std::string_view name);
std::optional<std::uint64_t> warc_serial(std::string_view name);  // of such a name

// Beside a file of which nothing is committed yet is an empty one, with this behind the name.
inline constexpr std::string_view warc_note_suffix = ".uncommitted";

}  // namespace trawl::storage
