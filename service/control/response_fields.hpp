#pragma once
// The headers of every answer.

#include "service/control/message.hpp"

#include <boost/beast/http/fields.hpp>
#include <boost/beast/http/message.hpp>

namespace trawl::service::control {

// All but those of framing. The reply's own come last and win.
void set_fields(boost::beast::http::fields& fields, const Reply& reply);

}  // namespace trawl::service::control
