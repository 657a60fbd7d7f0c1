// The names are part of the record format, so they are written out and never derived.
#include "core/base/error.hpp"

#include <array>
#include <utility>

namespace trawl {
namespace {

constexpr auto names = std::to_array<std::pair<Errc, std::string_view>>({
    {Errc::dns, "dns"},
    {Errc::dns_timeout, "dns_timeout"},
    {Errc::connect_refused, "connect_refused"},
    {Errc::connect_timeout, "connect_timeout"},
    {Errc::tls, "tls"},
    {Errc::tls_cert, "tls_cert"},
    {Errc::first_byte_timeout, "first_byte_timeout"},
    {Errc::total_timeout, "total_timeout"},
    {Errc::too_slow, "too_slow"},
    {Errc::reset, "reset"},
    {Errc::protocol, "protocol"},
    {Errc::header_too_large, "header_too_large"},
    {Errc::body_truncated, "body_truncated"},
    {Errc::decode, "decode"},
    {Errc::checksum, "checksum"},
    {Errc::too_many_redirects, "too_many_redirects"},
    {Errc::redirect_loop, "redirect_loop"},
    {Errc::sitemap, "sitemap"},
    {Errc::redirect_bad, "redirect_bad"},
    {Errc::proxy, "proxy"},
    {Errc::bad_url, "bad_url"},
    {Errc::private_address, "private_address"},
    {Errc::robots, "robots"},
    {Errc::robots_unreachable, "robots_unreachable"},
    {Errc::scope, "scope"},
    {Errc::depth, "depth"},
    {Errc::limit, "limit"},
    {Errc::trap, "trap"},
    {Errc::unavailable, "unavailable"},
    {Errc::forgotten, "forgotten"},
    {Errc::meta_robots, "meta_robots"},
    {Errc::hsts, "hsts"},
    {Errc::cancelled, "cancelled"},
    {Errc::usage, "usage"},
    {Errc::config, "config"},
    {Errc::io, "io"},
    {Errc::disk_full, "disk_full"},
    {Errc::in_use, "in_use"},
    {Errc::damaged, "damaged"},
    {Errc::not_found, "not_found"},
    {Errc::limit_exceeded, "limit_exceeded"},
    {Errc::internal, "internal"},
});

}  // namespace

std::string_view to_string(Errc code) {
  for (const auto& [value, name] : names)
    if (value == code) return name;
  return "internal";
}

std::optional<Errc> errc_from_string(std::string_view name) {
  for (const auto& [value, text] : names)
    if (text == name) return value;
  return std::nullopt;
}

std::string Error::message() const {
  std::string text{to_string(code)};
  if (!detail.empty()) text.append(": ").append(detail);
  return text;
}

}  // namespace trawl
