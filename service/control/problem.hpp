#pragma once
// Errors as application/problem+json (RFC 9457).

#include "service/control/message.hpp"
#include "service/daemon/jobs.hpp"

#include <string_view>

namespace trawl::service::control {

// The reason phrase of a status: "Not Found".
std::string_view title_of(unsigned status);

// detail: a sentence that says what to do. The member `code` tells programs what is wrong, here
// by the status alone.
Reply problem(unsigned status, std::string_view detail);

// With what a refusal's status asks for besides: Retry-After with 503.
Reply problem(const Refused& refused);

// Of a query or body that can't be read: 400, or 404 for what isn't there.
Reply problem(const Error& error);

}  // namespace trawl::service::control
