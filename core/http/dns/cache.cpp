// An expired entry is dropped when it is met; the bound sees to those that never are.
#include "core/http/dns/cache.hpp"

namespace trawl::http::dns {
namespace {

constexpr std::size_t entry_overhead_bytes = 240;  // list and map nodes, the shared resolution

std::size_t size_of(std::string_view name, const Resolution& resolution) {
  return entry_overhead_bytes + name.size() + resolution.addresses.size() * sizeof(IpAddress) +
         (resolution.error ? resolution.error->detail.size() : 0);
}

}  // namespace

ResolutionPtr DnsCache::find(std::string_view name, Mono now) {
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) return nullptr;
  const auto entry = found->second;
  if (entry->expires <= now) {
    drop(entry);
    return nullptr;
  }
  entries_.splice(entries_.begin(), entries_, entry);
  return entry->resolution;
}

void DnsCache::keep(std::string name, ResolutionPtr resolution, Mono expires) {
  if (const auto found = by_name_.find(name); found != by_name_.end()) drop(found->second);
  const std::size_t bytes = size_of(name, *resolution);
  entries_.push_front({std::move(name), std::move(resolution), expires, bytes});
  by_name_.emplace(entries_.front().name, entries_.begin());
  bytes_ += bytes;
  while (bytes_ > bytes_max_ && !entries_.empty()) drop(std::prev(entries_.end()));
}

void DnsCache::replace(std::string_view name, ResolutionPtr resolution) {
  const auto found = by_name_.find(name);
  if (found != by_name_.end()) found->second->resolution = std::move(resolution);
}

void DnsCache::drop(Entries::iterator entry) {
  bytes_ -= entry->bytes;
  by_name_.erase(entry->name);
  entries_.erase(entry);
}

}  // namespace trawl::http::dns
