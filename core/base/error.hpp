#pragma once
// Every failure that a user can see has one code here, and one stable name in records and logs.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace trawl {

enum class Errc : std::uint8_t {
  // Network outcomes: recorded on the URL, some are retried.
  dns,                 // the name has no address, or no name server answered
  dns_timeout,         // name resolution took longer than timeout_dns
  connect_refused,     // nobody listens at the address, or it can't be reached
  connect_timeout,     // the connection was not made within timeout_connect
  tls,                 // the TLS handshake failed
  tls_cert,            // the server's certificate is not valid for it
  first_byte_timeout,  // connected, but no answer began within timeout_first_byte
  total_timeout,       // the fetch was not done within timeout_total
  too_slow,            // slower than min_speed for too long
  reset,               // the peer closed or reset the connection before a complete answer
  protocol,            // the answer is not HTTP as the RFCs have it
  header_too_large,    // more header bytes or lines than trawl keeps
  body_truncated,      // the body ended before its announced length
  decode,              // the content coding is damaged or unknown
  checksum,            // the body is not the one whose checksum the list names
  too_many_redirects,  // more hops than max_redirects
  redirect_loop,       // a redirect to a URL of the same chain
  sitemap,             // a sitemap is damaged or none; what could be read of it was used
  redirect_bad,        // the Location can't be followed: no URL, or another scheme
  proxy,               // the proxy refused or failed
  unavailable,         // a status that passes (503, 429), over which the page of before is kept
  // Decisions not to fetch: recorded as excluded.
  bad_url,             // not a URL that can be fetched
  private_address,     // the address is loopback, private or otherwise not public
  robots,              // robots.txt disallows it
  robots_unreachable,  // robots.txt could not be had, so nothing on the host is fetched
  scope,               // outside the job's scope
  depth,               // deeper than max_depth
  limit,               // a limit of the job was reached
  trap,                // looks like an endless space of generated pages
  meta_robots,         // a meta robots or X-Robots-Tag asked not to
  forgotten,           // it was taken out of the crawl by trawl forget
  hsts,                // its host asks for https alone, so it isn't asked over plain text
  cancelled,           // the job was cancelled before it was done
  // Environment and program.
  usage,           // the command line is wrong
  config,          // the configuration is not valid
  io,              // a file operation failed
  disk_full,       // no space left on the device
  in_use,          // another process holds the output folder
  damaged,         // stored state is damaged or of a newer version
  not_found,       // no such URL, record or file
  limit_exceeded,  // a bound of the program was exceeded by an input
  internal,        // a bug of trawl's
};

// The stable snake_case name that users see.
std::string_view to_string(Errc code);

// The code with that name, if there is one.
std::optional<Errc> errc_from_string(std::string_view name);

struct Error {
  Errc code = Errc::internal;
  std::string detail;  // one sentence: what, where and what to do; never shown to scripts as a code

  std::string message() const;  // "code: detail"
  bool operator==(const Error&) const = default;
};

}  // namespace trawl
