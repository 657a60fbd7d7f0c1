#pragma once
// `trawl warc extract`: one record of a WARC file, or a part of it.

#include "service/cli/output.hpp"
#include "service/run/exit_code.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace trawl::service::cli {

struct WarcExtractOptions {
  std::string file;
  std::optional<std::uint64_t> offset;
  std::string url;  // instead of an offset: the first capture of this URL
  bool headers = false;
  bool payload = false;
  bool raw = false;
};

// Without options the record as it is, decompressed; headers: the WARC header and the HTTP head;
// payload: the body, its transfer and content coding undone, that of a revisit from the record it
// refers to in the same folder; raw: nothing is undone. Throws Failure: usage, not_found, damaged,
// decode, io.
ExitCode run_warc_extract(const WarcExtractOptions& options, Output& out);

}  // namespace trawl::service::cli
