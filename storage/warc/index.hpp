#pragma once
// The index of a WARC file: what a replay tool looks up, one entry a capture.

#include "core/base/result.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace trawl::storage {

// The fields of a CDXJ line as pywb and warcio write them; absent ones are empty.
struct CdxEntry {
  std::string key;        // web::surt_key
  std::string timestamp;  // YYYYMMDDhhmmss
  std::string url;
  std::string mime;    // of the payload; "warc/revisit" for revisits
  std::string status;  // HTTP's
  std::string digest;  // of the payload, without the name of its algorithm
  std::uint64_t length = 0;
  std::uint64_t offset = 0;
};

// False: no more is wanted.
using CdxVisit = std::function<bool(const CdxEntry&)>;
using DamageVisit = std::function<void(const Error&)>;

// Visits responses, revisits, resources and metadata of other kinds than application/warc-fields,
// in the order of the file, in constant memory. Damage is told, also where a record can't be read
// by its offset because it is no member of its own, and indexing goes on at the next record that
// can be found. end: nothing at or behind this offset is looked at, and a record that goes on
// behind it is damage. Errors: Errc::io.
Result<> index_warc(const std::filesystem::path& file, const CdxVisit& visit,
                    const DamageVisit& on_damage, std::uint64_t end = UINT64_MAX);

}  // namespace trawl::storage
