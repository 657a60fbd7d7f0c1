#pragma once
// HTTP heads as they stand in a WARC block: HTTP/1.1 text that agrees with the body kept beside it.

#include "core/http/message/message.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace trawl::storage {

// The head of an answer whose body, transfer-decoded, has body_bytes. Transfer-Encoding and a
// Content-Length that does not hold are renamed X-Archive-Orig-…, a right Content-Length is added,
// HTTP/2 and 3 are written as HTTP/1.1. Ends with an empty line.
std::string archived_response_head(const http::Response& response, std::uint64_t body_bytes);

// The same for what was sent.
std::string archived_request_head(std::string_view head);

}  // namespace trawl::storage
