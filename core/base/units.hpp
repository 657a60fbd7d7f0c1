#pragma once
// Durations and sizes as people write them: "250ms", "2s", "5m", "24h"; "512KiB", "1GiB", "10MB".

#include "core/base/clock.hpp"
#include "core/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace trawl {

// Units: ms, s, m, h, d; a plain "0" is allowed; fractions too ("1.5s"). Errors: Errc::config.
Result<Millis> parse_duration(std::string_view text);

// Units: B, KB/MB/GB/TB (powers of 1000), KiB/MiB/GiB/TiB (powers of 1024), and K/M/G/T for these,
// as curl and wget have them. Errors: Errc::config.
Result<std::uint64_t> parse_bytes(std::string_view text);

std::string format_duration(Millis duration);   // the shortest exact form: "1500ms", "2s", "5m"
std::string format_bytes(std::uint64_t bytes);  // exact: "512MiB", "1000B"
std::string human_bytes(std::uint64_t bytes);   // rounded for reading: "1.4 MB"
std::string human_duration(Millis duration);    // "1 m 04 s", "230 ms"

}  // namespace trawl
