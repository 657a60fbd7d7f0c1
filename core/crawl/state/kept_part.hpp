#pragma once
// KeptPart: the first bytes of a body that broke off, in a file of tmp/, and what is needed to ask
// for the rest (RFC 9110 14.2, 13.1.5). The decisions are pure; shard_transfer.cpp acts on them.

#include "core/base/clock.hpp"
#include "core/crawl/job/request_spec.hpp"
#include "core/http/message/body_sink.hpp"
#include "core/http/message/message.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace trawl::crawl {

struct KeptPart {
  std::string url;                     // that served it
  std::string file;                    // a name in tmp/
  std::uint64_t bytes = 0;             // of the file; those are durable
  std::optional<std::uint64_t> total;  // of the whole body, as far as it is known
  std::string validator;               // a strong ETag, else a Last-Modified that is strong
  http::Headers headers;               // of the 200 that it began with
  bool operator==(const KeptPart&) const = default;
};

// "part-": every file of tmp/ that outlives a run is named so.
inline constexpr std::string_view part_prefix = "part-";

// What a 200 promises about a continuation: url, total, validator and headers; absent when a body
// of it can't be continued: no strong validator, a content coding, or "Accept-Ranges: none".
std::optional<KeptPart> continuable(std::string_view url, int status, const http::Headers& headers,
                                    Wall now);

// The fields that ask for the rest. From another server than the one that served the part its
// validator means nothing, and the length (or the job's checksum) has to do.
http::Headers range_fields(const KeptPart& part, bool same_server);

// What an answer to them is. Between servers: known_whole says that the body's checksum will be
// checked; without it their lengths have to be known and equal.
http::Continuation judge_continuation(const KeptPart& part, bool same_server, bool known_whole,
                                      int status, const http::Headers& headers);

// Whether so much of the rest came that the attempt isn't counted, as one of a large file that goes
// on whenever it is continued; at most a hundred times, which is enough for every file.
bool is_advance(const KeptPart& part, std::uint64_t bytes_before, int advances);

// RFC 9110 15.3.7.3: a part and its rest are the 200 that it began with, with its whole length.
// False when more came than the range that was announced: then what there is is of no use.
bool restore_whole(const KeptPart& part, http::Response& response);

// The fields as lines, and back: as the store keeps them.
std::string to_lines(const http::Headers& headers);
http::Headers headers_from_lines(std::string_view lines);

}  // namespace trawl::crawl
