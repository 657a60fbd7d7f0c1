#pragma once
// Hosts that ask for https alone (HTTP Strict Transport Security, RFC 6797). Pure: time comes in
// with each call. Bounded: at most so many hosts; when they are too many, those that would be
// forgotten soonest go. One thread at a time.

#include "core/base/clock.hpp"
#include "core/web/url/url.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace trawl::web {

// What a Strict-Transport-Security field says.
struct HstsPolicy {
  Millis max_age{0};  // 0: the host is to be forgotten
  bool include_subdomains = false;
  bool operator==(const HstsPolicy&) const = default;
};

// RFC 6797 6.1. Absent when the field is not as the RFC has it: without a max-age, with a directive
// twice, with a value that is no number. Unknown directives are read over.
std::optional<HstsPolicy> parse_hsts(std::string_view field);

struct HstsHost {
  std::string host;  // a name in lower case, without a port and a dot at its end
  Wall expires{};
  bool include_subdomains = false;
  bool operator==(const HstsHost&) const = default;
};

struct HstsChange {
  HstsHost entry;  // removed: only its name counts
  bool removed = false;
};

class HstsHosts {
 public:
  explicit HstsHosts(std::size_t hosts_max) : hosts_max_(hosts_max) {}

  // The field of an answer that came over TLS without any error of its certificate. Ignored when
  // the URL is not https, or its host is an address (RFC 6797 8.1).
  void accept(const Url& url, std::string_view field, Wall now);
  // One of an earlier run.
  void restore(HstsHost host, Wall now);

  // The URL to ask instead, when the host of this http URL asks for https (RFC 6797 8.2, 8.3).
  std::optional<Url> secured(const Url& url, Wall now) const;

  std::size_t size() const { return hosts_.size(); }
  // What is to be stored, in order, since the last call. That a host's time was put off by little
  // is no change, so that not every answer of a host makes one.
  std::vector<HstsChange> take_changes() { return std::exchange(changes_, {}); }

 private:
  struct Entry {
    Wall expires{};
    Wall stored{};  // what the last change said of it
    bool include_subdomains = false;
  };

  bool is_known(std::string_view hostname, Wall now) const;
  void forget(const std::string& host);
  void make_room(Wall now);

  std::size_t hosts_max_;
  std::unordered_map<std::string, Entry> hosts_;
  std::vector<HstsChange> changes_;
};

}  // namespace trawl::web
