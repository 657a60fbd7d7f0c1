#pragma once
// Checks whole WARC files: framing, lengths, digests, one member a record.

#include "core/base/result.hpp"
#include "storage/warc/reader.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace trawl::storage {

struct WarcFault {
  std::uint64_t offset = 0;  // of the record
  std::string what;
};

struct WarcSummary {
  std::uint64_t bytes = 0;
  std::uint64_t records = 0;  // whole ones, faulty or not
  // By WARC-Type; those beyond 64, and names of more than 64 bytes, together as "other".
  std::map<std::string, std::uint64_t> types;
  std::vector<WarcFault> faults;  // the first warc_faults_max
  std::uint64_t fault_count = 0;
};

inline constexpr std::size_t warc_faults_max = 1000;

// Called for every whole record with its length in the file.
using WarcVisit = std::function<void(const WarcRecord&, std::uint64_t length)>;

// Goes on after a fault at the next place where a record begins. Constant memory, apart from 8
// bytes a record. Errors: the file can't be read.
Result<WarcSummary> verify_warc(const std::filesystem::path& file, const WarcVisit& visit = {});

}  // namespace trawl::storage
