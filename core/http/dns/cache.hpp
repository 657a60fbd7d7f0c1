#pragma once
// DnsCache: what was learned of names, for as long as it may be believed, bounded in bytes; what
// was used longest ago goes first. Time comes in.

#include "core/base/clock.hpp"
#include "core/http/dns/resolution.hpp"

#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

namespace trawl::http::dns {

class DnsCache {
 public:
  explicit DnsCache(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  // Null when nothing is known, or no more. Counts as use.
  ResolutionPtr find(std::string_view name, Mono now);
  void keep(std::string name, ResolutionPtr resolution, Mono expires);
  // Of a name that is known, one of the same size; its time stays as it is.
  void replace(std::string_view name, ResolutionPtr resolution);

  std::size_t names() const { return entries_.size(); }
  std::size_t bytes() const { return bytes_; }  // about

 private:
  struct Entry {
    std::string name;
    ResolutionPtr resolution;
    Mono expires;
    std::size_t bytes;
  };
  using Entries = std::list<Entry>;  // the last used first

  void drop(Entries::iterator entry);

  std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  Entries entries_;
  std::unordered_map<std::string_view, Entries::iterator> by_name_;  // views into entries_
};

}  // namespace trawl::http::dns
