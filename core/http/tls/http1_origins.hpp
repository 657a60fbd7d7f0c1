#pragma once
// Http1Origins: the https origins whose TLS chose HTTP/1.1. They are asked for that alone from then
// on: offered HTTP/2, libcurl 7.88 sends a request over an HTTP/1.1 connection that is in use as
// soon as it believes that the host multiplexes, be it for a status line that says "HTTP/2" or for
// another machine behind the same name. Then each of two fetches gets the other's answer.

#include <boost/unordered/unordered_flat_set.hpp>

#include <cstddef>
#include <functional>
#include <string_view>

namespace trawl::http {

class Http1Origins {
 public:
  // authority: "example.org:8443", as in the URL.
  void add(std::string_view authority) {
    if (hashes_.size() >= origins_max) hashes_.clear();  // they are learnt anew
    hashes_.insert(hash(authority));
  }
  bool contains(std::string_view authority) const { return hashes_.contains(hash(authority)); }

 private:
  static constexpr std::size_t origins_max = 100'000;
  // One that is taken for another is asked for HTTP/1.1, which does no harm.
  static std::size_t hash(std::string_view authority) {
    return std::hash<std::string_view>{}(authority);
  }

  boost::unordered_flat_set<std::size_t> hashes_;
};

}  // namespace trawl::http
