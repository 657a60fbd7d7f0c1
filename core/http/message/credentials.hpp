#pragma once
// Credentials: header fields that only certain servers get, such as Authorization. Each hop of a
// redirect is a request of its own, so what is for one server never reaches another.

#include "core/base/result.hpp"
#include "core/http/message/message.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trawl::http {

// Which servers are meant: "example.org" (http and https on their default ports),
// "example.org:8443" (both, on that port), "https://example.org" (that scheme alone).
class ServerPattern {
 public:
  // Errors: Errc::config.
  static Result<ServerPattern> parse(std::string_view text);

  // url: as web::Url serialises it.
  bool matches(std::string_view url) const;
  std::string_view host() const { return host_; }

 private:
  ServerPattern() = default;

  std::string scheme_;  // empty: both
  std::string host_;
  std::string port_;  // empty: the scheme's default
};

class Credentials {
 public:
  // Earlier ones win over later ones of the same name.
  void add(ServerPattern servers, std::string name, std::string value);
  bool empty() const { return entries_.empty(); }

  // Adds the fields for the request's server that it doesn't have itself.
  void apply(Request& request) const;

 private:
  struct Entry {
    ServerPattern servers;
    std::string name;
    std::string value;
  };
  std::vector<Entry> entries_;  // a job has a handful
};

// "Basic …" of RFC 7617.
std::string basic_authorization(std::string_view username, std::string_view password);

// Whether a field's value is a secret, by its name: not for logs, nor for every server.
bool is_secret_header(std::string_view name);

}  // namespace trawl::http
