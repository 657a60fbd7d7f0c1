// Numbers only: a name server given by name would have to be looked up first.
#include "core/http/dns/server_address.hpp"

#include <fmt/format.h>

#include <charconv>
#include <optional>

namespace trawl::http::dns {
namespace {

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || stop != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

}  // namespace

Result<ServerAddress> ServerAddress::parse(std::string_view text) {
  std::string_view host = text;
  std::optional<std::uint16_t> port = 53;
  if (const auto bracket = text.find(']'); text.starts_with('[') && bracket != text.npos) {
    host = text.substr(1, bracket - 1);
    const auto rest = text.substr(bracket + 1);
    if (!rest.empty()) port = rest.starts_with(':') ? parse_port(rest.substr(1)) : std::nullopt;
    if (!host.contains(':')) port.reset();
  } else if (const auto colon = text.find(':');
             colon != text.npos && text.find(':', colon + 1) == text.npos) {
    host = text.substr(0, colon);
    port = parse_port(text.substr(colon + 1));
  }
  const auto address = IpAddress::parse(host);
  if (!address || !port)
    return fail(Errc::config,
                fmt::format("\"{}\" is not a name server such as 127.0.0.1:53 or [::1]:53", text));
  return ServerAddress{*address, *port};
}

std::string ServerAddress::to_string() const {
  return address.is_v4() ? fmt::format("{}:{}", address.to_string(), port)
                         : fmt::format("[{}]:{}", address.to_string(), port);
}

}  // namespace trawl::http::dns
