#pragma once
// HostsFile: names whose addresses the machine's owner has written down, as in /etc/hosts
// (hosts(5)).

#include "core/base/result.hpp"
#include "core/http/address/ip_address.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace trawl::http::dns {

class HostsFile {
 public:
  // Lines that can't be read are passed over, as the C library does.
  static HostsFile parse(std::string_view text);
  // "system" (/etc/hosts, be it there or not), "off" or a path. Errors: Errc::config.
  static Result<std::shared_ptr<const HostsFile>> load(const std::string& setting);

  // Null when the name is not in it. name: in lower case, without the dot at the end.
  const std::vector<IpAddress>* find(std::string_view name) const;
  std::size_t names() const { return addresses_.size(); }

 private:
  std::unordered_map<std::string, std::vector<IpAddress>> addresses_;
};

}  // namespace trawl::http::dns
