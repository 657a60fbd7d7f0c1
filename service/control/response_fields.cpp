// Nothing of this interface is to be framed, sniffed, cached by others or read by other sites.
#include "service/control/response_fields.hpp"

#include <chrono>
#include <ctime>
#include <string>

namespace trawl::service::control {
namespace {

namespace http = boost::beast::http;

constexpr std::string_view data_policy = "default-src 'none'; frame-ancestors 'none'";
constexpr std::string_view page_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

// RFC 9110, section 5.6.7; made once a second.
const std::string& http_date() {
  thread_local std::time_t made = 0;
  thread_local std::string text;
  const std::time_t now = std::time(nullptr);
  if (now == made) return text;
  made = now;
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  char buffer[64];
  const std::size_t size =
      std::strftime(buffer, sizeof buffer, "%a, %d %b %Y %H:%M:%S GMT", &parts);
  text.assign(buffer, size);
  return text;
}

}  // namespace

void set_fields(http::fields& fields, const Reply& reply) {
  const auto set = [&](http::field name, std::string_view value) {
    fields.set(name, {value.data(), value.size()});
  };
  set(http::field::server, "trawl");
  set(http::field::date, http_date());
  if (!reply.content_type.empty()) set(http::field::content_type, reply.content_type);
  set(http::field::cache_control, reply.is_page ? "no-cache" : "no-store");
  const std::string_view policy = !reply.policy.empty() ? std::string_view{reply.policy}
                                  : reply.is_page       ? page_policy
                                                        : data_policy;
  fields.set("Content-Security-Policy", {policy.data(), policy.size()});
  fields.set("X-Content-Type-Options", "nosniff");
  fields.set("X-Frame-Options", reply.policy.empty() ? "DENY" : "SAMEORIGIN");
  fields.set("Referrer-Policy", "no-referrer");
  fields.set("Cross-Origin-Resource-Policy", "same-origin");
  fields.set("Cross-Origin-Opener-Policy", "same-origin");
  for (const auto& [name, value] : reply.fields) fields.set(name, value);
}

}  // namespace trawl::service::control
