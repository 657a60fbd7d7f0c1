#pragma once
// What is known of a request once its head is there: refused, or a route and its arguments. Pure.

#include "service/control/message.hpp"
#include "service/control/routes.hpp"

#include <boost/beast/http/fields.hpp>
#include <boost/beast/http/message.hpp>

#include <optional>

namespace trawl::service::control {

struct Services;

struct Judged {
  std::optional<Reply> refusal;
  const Route* route = nullptr;  // unless refused
  Request request;               // without its body
};

using RequestHead = boost::beast::http::request_header<boost::beast::http::fields>;

// has_body: one is announced.
Judged judge_head(const Services& services, const RequestHead& head, bool has_body);

// What to answer to a head or body that couldn't be read; nothing when there is nobody to tell.
std::optional<Reply> judge_failure(const boost::system::error_code& error, bool timed_out);

}  // namespace trawl::service::control
