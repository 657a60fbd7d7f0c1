// Read once at the start of a job: a file that changes under a crawl would make it fetch the same
// URL from two machines.
#include "core/http/dns/hosts_file.hpp"

#include "core/base/limits.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>

namespace trawl::http::dns {
namespace {

constexpr std::string_view blanks = " \t\r\f\v";

std::string_view take_word(std::string_view& line) {
  const auto begin = std::min(line.find_first_not_of(blanks), line.size());
  line.remove_prefix(begin);
  const auto word = line.substr(0, line.find_first_of(blanks));
  line.remove_prefix(word.size());
  return word;
}

std::string normal_name(std::string_view text) {
  if (text.ends_with('.')) text.remove_suffix(1);
  std::string name{text};
  for (char& c : name)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return name;
}

}  // namespace

HostsFile HostsFile::parse(std::string_view text) {
  HostsFile hosts;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    line = line.substr(0, line.find('#'));
    const auto address = IpAddress::parse(take_word(line));
    if (!address) continue;
    for (auto word = take_word(line); !word.empty(); word = take_word(line)) {
      auto& addresses = hosts.addresses_[normal_name(word)];
      if (addresses.size() < limits::dns_addresses_max &&
          std::ranges::find(addresses, *address) == addresses.end())
        addresses.push_back(*address);
    }
  }
  return hosts;
}

Result<std::shared_ptr<const HostsFile>> HostsFile::load(const std::string& setting) {
  if (setting == "off") return std::make_shared<const HostsFile>();
  const bool system = setting == "system";
  const std::string path = system ? "/etc/hosts" : setting;
  std::ifstream file{path, std::ios::binary};
  if (!file) {
    if (system) return std::make_shared<const HostsFile>();
    return fail(Errc::config,
                fmt::format("fetch.hosts_file: {} can't be read: {}", path, std::strerror(errno)));
  }
  std::string text;
  std::array<char, 16 * 1024> block;
  while (text.size() <= limits::hosts_file_bytes_max && file) {
    file.read(block.data(), block.size());
    text.append(block.data(), static_cast<std::size_t>(file.gcount()));
  }
  if (text.size() > limits::hosts_file_bytes_max)
    return fail(Errc::config, fmt::format("fetch.hosts_file: {} has more than {} bytes", path,
                                          limits::hosts_file_bytes_max));
  if (file.bad())
    return fail(Errc::config, fmt::format("fetch.hosts_file: {} can't be read", path));
  return std::make_shared<const HostsFile>(parse(text));
}

const std::vector<IpAddress>* HostsFile::find(std::string_view name) const {
  const auto found = addresses_.find(std::string{name});
  return found == addresses_.end() ? nullptr : &found->second;
}

}  // namespace trawl::http::dns
