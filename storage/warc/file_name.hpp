#pragma once
// Names of WARC files: JOB-YYYYMMDDhhmmss-SERIAL.warc[.gz|.zst].

#include "core/base/clock.hpp"
#include "core/crawl/job.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace trawl::storage {

inline constexpr std::string_view warc_folder_name = "warc/";  // in an output folder

std::string warc_file_name(std::string_view job, Wall time, std::uint64_t serial,
                           crawl::WarcCompression compression);

// The serial of such a name; nothing for files that are not named like ours.
std::optional<std::uint64_t> warc_serial(std::string_view name);

}  // namespace trawl::storage
