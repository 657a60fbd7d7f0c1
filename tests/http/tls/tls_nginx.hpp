#pragma once
// An nginx with a page on a plain port and on a TLS port, whose answers say which connection they
// came over and whether its TLS session was resumed.

#include "tests/http/client/client.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/nginx.hpp"
#include "tests/support/ports.hpp"

#include <fmt/format.h>

#include <set>

namespace trawl::http {

struct TlsNginx {
  support::Authority authority;
  support::TempDir dir;
  int tls_port = support::free_port();
  std::unique_ptr<support::Nginx> nginx;

  // protocol: "" or "http2"; more: lines for the server block.
  explicit TlsNginx(std::string_view protocol, std::string_view more = {}) {
    dir.write("www/page.html", "<p>hello</p>");
    const auto files = authority.issue();
    nginx = std::make_unique<support::Nginx>(
        dir.string() + "/www",
        fmt::format("listen 127.0.0.1:{} ssl {}; ssl_certificate {}; ssl_certificate_key {}; "
                    "add_header X-Connection $connection; add_header X-Reused $ssl_session_reused; "
                    "{}",
                    tls_port, protocol, files.certificate, files.key, more));
  }
  std::string url(std::string_view target = "/page.html") const {
    return fmt::format("https://127.0.0.1:{}{}", tls_port, target);
  }
  SessionOptions options(std::size_t concurrency = 8) const {
    auto options = loopback_options(concurrency);
    options.transport.ca_file = authority.ca_file();
    return options;
  }
  std::vector<Request> requests(std::size_t count) const {
    return std::vector<Request>(count, Request{.url = url()});
  }
};

inline std::set<std::string> values_of(std::string_view header, const std::vector<Fetched>& pages) {
  std::set<std::string> values;
  for (const auto& page : pages)
    values.emplace(page.response ? find_header(page.response->headers, header)
                                 : std::string_view{page.response.error().detail});
  return values;
}

}  // namespace trawl::http
