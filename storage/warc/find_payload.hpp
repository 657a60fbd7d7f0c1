#pragma once
// The record that an answer's body can be left out for, because the same stands there from before.

#include "core/base/result.hpp"
#include "storage/warc/payload_table.hpp"

#include <cstdint>
#include <filesystem>
#include <string_view>

namespace trawl::storage {

// The payload with that SHA-256 (hex) of the record at an offset, or of the one that it says it
// refers to, in a file beside it. It is read back to its end, so whoever leaves out a body for it
// relies on bytes that are there. Errors: Errc::not_found where there is another payload, a cut
// one, or none; what the reader gives.
Result<ArchivedPayload> find_payload(const std::filesystem::path& file, std::uint64_t offset,
                                     std::string_view sha256);

}  // namespace trawl::storage
