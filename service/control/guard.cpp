// A page that a browser shows can send requests to 127.0.0.1, and can have its own name lead there.
// So the name is checked, and every header by which browsers tell where a request was made.
#include "service/control/guard.hpp"

#include <boost/asio/ip/address.hpp>
#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>

namespace trawl::service::control {
namespace {

struct Authority {
  std::string_view host;  // an IPv6 address without its brackets
  std::string_view port;
  bool bracketed = false;
};

bool is_port(std::string_view text) {
  return text.size() <= 5 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<Authority> split(std::string_view text) {
  Authority parts;
  std::string_view rest;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == text.npos) return std::nullopt;
    parts.host = text.substr(1, end - 1);
    parts.bracketed = true;
    rest = text.substr(end + 1);
  } else {
    const std::size_t colon = std::min(text.find(':'), text.size());
    parts.host = text.substr(0, colon);
    rest = text.substr(colon);
  }
  if (!rest.empty() && (rest[0] != ':' || !is_port(rest.substr(1)))) return std::nullopt;
  if (!rest.empty()) parts.port = rest.substr(1);
  if (parts.host.empty()) return std::nullopt;
  return parts;
}

bool equal_names(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return lower(x) == lower(y);
  });
}

}  // namespace

bool is_own_host(std::string_view host, std::span<const std::string> names) {
  const auto parts = split(host);
  if (!parts) return false;
  boost::system::error_code error;
  if (parts->bracketed) {
    boost::asio::ip::make_address_v6(std::string{parts->host}, error);
    return !error;
  }
  if (equal_names(parts->host, "localhost")) return true;
  boost::asio::ip::make_address_v4(std::string{parts->host}, error);
  if (!error) return true;
  return std::ranges::any_of(names,
                             [&](const auto& name) { return equal_names(name, parts->host); });
}

bool is_same_origin(std::string_view origin, std::string_view host) {
  std::string_view default_port = "80";
  if (origin.starts_with("http://")) {
    origin.remove_prefix(7);
  } else if (origin.starts_with("https://")) {
    origin.remove_prefix(8);
    default_port = "443";
  } else {
    return false;
  }
  const auto theirs = split(origin), ours = split(host);
  if (!theirs || !ours || theirs->bracketed != ours->bracketed) return false;
  const auto port = [&](const Authority& of) { return of.port.empty() ? default_port : of.port; };
  return equal_names(theirs->host, ours->host) && port(*theirs) == port(*ours);
}

bool has_token(std::string_view authorization, std::string_view token) {
  constexpr std::string_view scheme = "bearer";
  if (authorization.size() < scheme.size() + 1 ||
      !equal_names(authorization.substr(0, scheme.size()), scheme) ||
      authorization[scheme.size()] != ' ')
    return false;
  authorization.remove_prefix(scheme.size());
  while (authorization.starts_with(' ')) authorization.remove_prefix(1);
  // Of digests, so that not even the token's length can be measured.
  const auto digest = [](std::string_view text) {
    std::array<unsigned char, SHA256_DIGEST_LENGTH> bytes;
    SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), bytes.data());
    return bytes;
  };
  const auto theirs = digest(authorization), ours = digest(token);
  return CRYPTO_memcmp(theirs.data(), ours.data(), ours.size()) == 0;
}

GuardVerdict judge(const Claims& claims, std::span<const std::string> names,
                   std::string_view token) {
  if (!claims.host_missing && !is_own_host(claims.host, names)) return GuardVerdict::wrong_host;
  if (!claims.origin.empty() && !is_same_origin(claims.origin, claims.host))
    return GuardVerdict::foreign_page;
  const bool from_here = claims.fetch_site.empty() || claims.fetch_site == "same-origin" ||
                         claims.fetch_site == "none";
  if (!from_here && (claims.changes_state || !claims.is_page)) return GuardVerdict::foreign_page;
  if (!token.empty() && !has_token(claims.authorization, token)) return GuardVerdict::no_token;
  return GuardVerdict::pass;
}

}  // namespace trawl::service::control
