#pragma once
// Reads a body back from where a record says it is, in constant memory.

#include "core/base/result.hpp"
#include "core/crawl/record.hpp"
#include "storage/warc/reader.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace trawl::service {

struct BodyForm {
  bool head = false;  // the HTTP head before the body
  bool raw = false;   // content coding left as the server sent it
};

// Receives pieces in order; false stops the reading, which is no error.
using BodyOutput = std::function<bool(std::string_view)>;

// folder: the output folder. A body that was cut when it was fetched is given as far as it goes.
// Errors: not_found (the record has no body), usage (a form that is not kept in files/), damaged,
// decode, io; what could be read was delivered. Throws Failure{io} when a file in files/ can't be
// read, and what output throws.
Result<> read_stored_body(const std::filesystem::path& folder, const crawl::Record& record,
                          BodyForm form, const BodyOutput& output);

// How write_payload() gives a body out.
struct PayloadForm {
  bool raw = false;                              // content coding left as it is
  bool cut = false;                              // an end before the coding's end is no error
  std::uint64_t decoded_bytes_max = UINT64_MAX;  // what is beyond is left out
  std::string digest;                            // of the body as it was received; empty: not known
};

// What is left of the reader's record, which is a body that belongs to an HTTP head (empty: to
// none). Errors: damaged, decode.
Result<> write_payload(storage::WarcReader& reader, std::string_view head, const PayloadForm& form,
                       const BodyOutput& output);

}  // namespace trawl::service
