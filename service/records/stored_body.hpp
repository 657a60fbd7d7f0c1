#pragma once
// Reads a body back from where a record says it is, in constant memory.

#include "core/base/result.hpp"
#include "core/crawl/state/record.hpp"
#include "core/http/message/message.hpp"
#include "storage/warc/reader.hpp"

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace trawl::service {

// Whether a record has a page that can be read: one that is queued to be fetched again, or that the
// last attempt brought no page for, has the page of before.
bool has_stored_page(const crawl::Outcome& outcome);

// The HTTP head that read_stored_body() gives. Errors: damaged.
Result<http::Response> parse_stored_head(std::string_view head);

struct BodyForm {
  bool head = false;  // the HTTP head before the body
  bool raw = false;   // content coding left as the server sent it
  // Knows where records are that revisits refer to, by their id; null: they are looked for, by the
  // database and then in all WARC files, which may take long.
  const std::function<std::optional<crawl::ArchivePosition>(std::string_view id)>* originals =
      nullptr;
  // Set by another thread when nobody waits any more: a search through all WARC files ends then.
  const std::atomic<bool>* stop = nullptr;
};

// Receives pieces in order; false stops the reading, which is no error.
using BodyOutput = std::function<bool(std::string_view)>;

// folder: the output folder. A body that was cut when it was fetched is given as far as it goes.
// Errors: not_found (the record has no body), usage (a form that is not kept in files/), damaged,
// decode, io, cancelled (form.stop); what could be read was delivered. Throws Failure{io} when a
// file in files/ can't be read, and what output throws. The head of a body that was left out as the
// same as an earlier one comes before that one is looked for, which may take long.
Result<> read_stored_body(const std::filesystem::path& folder, const crawl::Record& record,
                          BodyForm form, const BodyOutput& output);

// How write_payload() gives a body out.
struct PayloadForm {
  std::string head;          // says the content coding; empty: there is none
  std::string framing_head;  // of the record with the body: says if it is chunked
  bool raw = false;          // both left as they are
  bool cut = false;          // an end before the coding's end is no error
  std::uint64_t decoded_bytes_max = UINT64_MAX;  // what is beyond is left out
  std::string digest;                            // of the body as it is kept; empty: not known
  bool all_codings = false;  // also one that is a file's own (http::content_coding())
};

// What is left of the reader's record, behind its HTTP head. Errors: damaged, decode.
Result<> write_payload(storage::WarcReader& reader, const PayloadForm& form,
                       const BodyOutput& output);

}  // namespace trawl::service
