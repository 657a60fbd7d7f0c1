#pragma once
// RequestSpec: what is asked of a URL where that is more than a plain GET: from a list's JSON line,
// and on over redirects. A plain GET has none, so that hundreds of millions of URLs cost nothing.

#include "core/crawl/job/checksum.hpp"
#include "core/http/message/message.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace trawl::crawl {

struct RequestSpec {
  std::string method = "GET";
  http::Headers headers;
  std::string body;
  Checksum checksum;                 // that the body has to have
  std::vector<std::string> mirrors;  // further URLs of the same file, canonical
  // An earlier run sent it and did not live to see the answer.
  bool sent = false;

  bool operator==(const RequestSpec&) const = default;
};

// Shared by a URL's queue entry and its visit; null for a plain GET.
using SharedRequest = std::shared_ptr<const RequestSpec>;

// Null when the request is a plain GET after all.
SharedRequest share(RequestSpec request);

// What tells requests of one URL apart: their method and body. 0 for a GET without a body, whatever
// its fields: two GETs of one URL are one record.
std::uint64_t identity_of(const RequestSpec& request);
// Of a URL with its request (null: a plain GET): by it a job knows what it has seen.
std::uint64_t request_fingerprint(std::string_view url, const RequestSpec* request);

// RFC 9110 9.2.2: sent twice, it does what it does once.
bool is_idempotent(std::string_view method);

// What is asked of a redirect's target (RFC 9110 15.4): 303 makes any method but HEAD a GET, 301
// and 302 make POST one, 307 and 308 change nothing. To another origin go neither credentials nor
// cookies. What the body has to be goes along; mirrors don't, since a redirect chooses one place.
SharedRequest request_after_redirect(const RequestSpec& request, int status, bool same_origin);

// Whether the server can have acted on a request that came to nothing, so that sending it again
// might do twice what was asked once. Answers that say "not now" are no action (RFC 9110 15.5.9,
// RFC 8470 5.2, RFC 6585 4, RFC 9110 15.6.4).
bool may_have_acted(Errc error);
bool may_have_acted(int status);

}  // namespace trawl::crawl
