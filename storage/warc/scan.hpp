#pragma once
// The way on behind a damaged record.

#include "storage/files/file_handle.hpp"

#include <cstdint>
#include <optional>

namespace trawl::storage {

// The offset of the next bytes at or after `from` that look like a record's start; they may be no
// record all the same. Throws Failure{io}.
std::optional<std::uint64_t> find_record(const FileHandle& file, std::uint64_t from);

}  // namespace trawl::storage
