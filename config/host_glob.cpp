// Hosts of URLs have one spelling, which a glob is held against, so a glob is brought into it. What
// can't be is refused with what to write, since it would be taken and never match.
#include "config/check.hpp"
#include "core/base/log.hpp"
#include "core/web/ascii.hpp"
#include "core/web/url/idna.hpp"
#include "core/web/url/url_host.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace trawl::config {
namespace {

using namespace std::string_view_literals;

constexpr const char* host_expected =
    "a host like \"example.org\", \"*.example.org\" or \"example.org:8080\"";
constexpr std::string_view wildcards = "*?";
constexpr std::size_t shown_bytes_max = 80;

bool is_wild(std::string_view text) {
  return text.find_first_of(wildcards) != text.npos;
}

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return (c & 0x80) == 0; });
}

// Of IPv6 the address with its brackets.
std::optional<std::string> address_in_brackets(std::string_view text) {
  std::string out;
  if (!web::append_host(out, fmt::format("[{}]", text), true)) return std::nullopt;
  return out;
}

std::string ipv6_expected(std::string_view found) {
  if (const auto address = address_in_brackets(found))
    return fmt::format("an IPv6 address in brackets, \"{}\"", *address);
  const auto colon = found.rfind(':');
  if (const auto address = address_in_brackets(found.substr(0, colon)))
    return fmt::format("an IPv6 address in brackets, \"{}{}\"", *address, found.substr(colon));
  return "an IPv6 address in brackets like \"[::1]\" or \"[::1]:8080\"";
}

// Of a name with wildcards: labels beyond ASCII are converted one by one.
std::string bring_labels_into_form(std::string& host) {
  std::string out;
  for (std::size_t begin = 0; begin <= host.size();) {
    const std::size_t end = std::min(host.find('.', begin), host.size());
    const std::string_view label = std::string_view{host}.substr(begin, end - begin);
    if (is_wild(label) && !is_ascii(label))
      return fmt::format(
          "whole labels of an internationalised name (or its xn-- form), and not \"{}\"",
          printable(label, shown_bytes_max));
    if (!label.empty() && !web::append_ascii_domain(out, label)) return host_expected;
    if (end < host.size()) out += '.';
    begin = end + 1;
  }
  host = std::move(out);
  return {};
}

std::string check_host_name(std::string& host) {
  if (is_wild(host)) {
    if (std::string wrong = bring_labels_into_form(host); !wrong.empty()) return wrong;
  } else {
    std::string out;
    if (host.empty() || !web::append_host(out, host, true)) return host_expected;
    host = std::move(out);
  }
  const bool sound = std::ranges::all_of(
      host, [](char c) { return web::ascii::is_alnum(c) || "-._*?"sv.contains(c); });
  return sound && !host.empty() ? "" : host_expected;
}

std::string check_port(std::string& port) {
  if (is_wild(port)) {
    const bool sound = std::ranges::all_of(
        port, [](char c) { return web::ascii::is_digit(c) || wildcards.contains(c); });
    return sound ? "" : host_expected;
  }
  std::uint16_t number = 0;
  const char* end = port.data() + port.size();
  const auto [rest, error] = std::from_chars(port.data(), end, number);
  if (error != std::errc{} || rest != end) return host_expected;
  port = fmt::format("{}", number);
  return {};
}

// "[::1]", "[::1]:8080".
std::string bring_address_into_form(std::string& text) {
  const auto close = text.find(']');
  if (close == text.npos) return ipv6_expected(std::string_view{text}.substr(1));
  auto address = address_in_brackets(std::string_view{text}.substr(1, close - 1));
  std::string port = text.substr(close + 1);
  if (!address || (!port.empty() && port.front() != ':')) return ipv6_expected({});
  if (!port.empty()) {
    port.erase(0, 1);
    if (std::string wrong = check_port(port); !wrong.empty()) return wrong;
    address->append(":").append(port);
  }
  text = std::move(*address);
  return {};
}

// "[fd00:*]", "[fd*", "*]:8080": the last bracket is where a port may begin, so that without one no
// colon can be the address's.
std::string check_address_glob(std::string& text) {
  const auto close = text.rfind(']');
  const auto colon = text.find(':', close == text.npos ? 0 : close);
  const bool sound = std::ranges::all_of(
      text, [](char c) { return web::ascii::is_alnum(c) || "-._*?:[]"sv.contains(c); });
  if (!sound || (close == text.npos && colon != text.npos)) return ipv6_expected({});
  std::string glob = web::ascii::lowered(text.substr(0, colon));
  if (colon != text.npos) {
    std::string port = text.substr(colon + 1);
    if (std::string wrong = check_port(port); !wrong.empty()) return wrong;
    glob.append(":").append(port);
  }
  text = std::move(glob);
  return {};
}

}  // namespace

std::string check_host_glob(std::string& text) {
  if (std::string wrong = check_text(text); !wrong.empty()) return wrong;
  const bool is_address = text.find_first_of("[]") != text.npos;
  if (is_address && is_wild(text)) return check_address_glob(text);
  if (text.starts_with('[')) return bring_address_into_form(text);
  const auto colon = text.find(':');
  if (colon != text.npos && text.find(':', colon + 1) != text.npos) return ipv6_expected(text);
  std::string host = text.substr(0, colon);
  if (std::string wrong = check_host_name(host); !wrong.empty()) return wrong;
  if (colon != text.npos) {
    std::string port = text.substr(colon + 1);
    if (std::string wrong = check_port(port); !wrong.empty()) return wrong;
    host.append(":").append(port);
  }
  text = std::move(host);
  return {};
}

}  // namespace trawl::config
