// The rules of RFC 9110 for methods: which may be repeated, and what a redirect makes of them.
#include "core/crawl/job/request_spec.hpp"

#include "core/http/message/credentials.hpp"
#include "core/web/ascii.hpp"
#include "core/web/digest.hpp"

#include <algorithm>
#include <array>

namespace trawl::crawl {
namespace {

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::ranges::any_of(names, [&](auto other) { return http::same_name(name, other); });
}

bool becomes_get(std::string_view method, int status) {
  if (status == 303) return method != "HEAD" && method != "GET";
  return (status == 301 || status == 302) && method == "POST";
}

}  // namespace

SharedRequest share(RequestSpec request) {
  if (request == RequestSpec{}) return nullptr;
  return std::make_shared<const RequestSpec>(std::move(request));
}

std::uint64_t identity_of(const RequestSpec& request) {
  if (request.method == "GET" && request.body.empty()) return 0;
  // A method has no line end in it.
  return web::fingerprint(request.method + '\n' + request.body);
}

std::uint64_t request_fingerprint(std::string_view url, const RequestSpec* request) {
  const std::uint64_t fingerprint = web::fingerprint(url);
  return request == nullptr ? fingerprint : fingerprint ^ identity_of(*request);
}

bool is_idempotent(std::string_view method) {
  constexpr auto methods = std::to_array<std::string_view>(
      {"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PROPFIND", "REPORT", "SEARCH", "QUERY"});
  return std::ranges::find(methods, method) != methods.end();
}

SharedRequest request_after_redirect(const RequestSpec& request, int status, bool same_origin) {
  RequestSpec next = request;
  next.mirrors.clear();
  next.sent = false;
  if (becomes_get(request.method, status)) {
    next.method = "GET";
    next.body.clear();
    std::erase_if(next.headers, [](const auto& field) {
      return is_one_of(field.first, {"content-type", "content-encoding", "content-language",
                                     "content-location", "digest", "content-digest"});
    });
  }
  if (!same_origin)
    std::erase_if(next.headers,
                  [](const auto& field) { return http::is_secret_header(field.first); });
  return share(std::move(next));
}

bool may_have_acted(Errc error) {
  switch (error) {
    case Errc::dns:
    case Errc::dns_timeout:
    case Errc::connect_refused:
    case Errc::connect_timeout:
    case Errc::tls:
    case Errc::tls_cert:
    case Errc::robots_unreachable:
      return false;
    default:
      return true;
  }
}

bool may_have_acted(int status) {
  return status != 408 && status != 425 && status != 429 && status != 503;
}

}  // namespace trawl::crawl
