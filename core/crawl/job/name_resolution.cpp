// The hosts file is shared; each shard has a cache of its own, for the hosts that are its own.
#include "core/crawl/job/name_resolution.hpp"

#include "core/base/limits.hpp"

#include <fmt/format.h>

namespace trawl::crawl {

Result<http::dns::ResolverOptions> name_resolution(const FetchSpec& fetch, std::size_t shards) {
  http::dns::ResolverOptions options{.cache_bytes_max = limits::dns_cache_bytes_max / shards};
  auto hosts = http::dns::HostsFile::load(fetch.hosts_file);
  if (!hosts) return std::unexpected(std::move(hosts.error()));
  options.hosts = std::move(*hosts);
  if (fetch.resolver.size() > limits::dns_servers_max)
    return fail(Errc::config, fmt::format("fetch.resolver: {} name servers, of at most {}",
                                          fetch.resolver.size(), limits::dns_servers_max));
  for (const std::string& text : fetch.resolver) {
    auto server = http::dns::ServerAddress::parse(text);
    if (!server) return std::unexpected(std::move(server.error()));
    options.servers.push_back(*server);
  }
  return options;
}

}  // namespace trawl::crawl
