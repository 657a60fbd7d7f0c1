#pragma once
// Who may ask. Against web pages in a browser of the same machine: the Host that is asked for must
// be ours (DNS rebinding), and what comes from a page must come from our own (CSRF). Against
// everybody else: the token. Pure, but for the comparison's time, which depends on lengths alone.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace trawl::service::control {

// What a request's head says of where it comes from; absent headers are empty.
struct Claims {
  bool host_missing = false;  // allowed to HTTP/1.0, which no browser speaks
  std::string_view host;      // name[:port]
  std::string_view origin;
  std::string_view fetch_site;  // Sec-Fetch-Site
  std::string_view authorization;
  bool changes_state = false;
  bool is_page = false;  // the dashboard's own files, which links elsewhere may lead to
};

enum class GuardVerdict : std::uint8_t { pass, wrong_host, foreign_page, no_token };

// "localhost", an address, or one of the names; any port.
bool is_own_host(std::string_view host, std::span<const std::string> names);
// The same scheme-less authority, default ports left out.
bool is_same_origin(std::string_view origin, std::string_view host);
// token: what is configured, not empty.
bool has_token(std::string_view authorization, std::string_view token);

// token empty or not asked for here: none is needed.
GuardVerdict judge(const Claims& claims, std::span<const std::string> names,
                   std::string_view token);

}  // namespace trawl::service::control
