// Everything here ends up in a header, a file name, a socket decision or a terminal, so each text
// is held to the narrowest form that its destination takes.
#include "config/check.hpp"

#include "core/base/log.hpp"
#include "core/crawl/job/list_line.hpp"
#include "core/crawl/job/url_pattern.hpp"
#include "core/http/dns/server_address.hpp"
#include "core/http/message/credentials.hpp"
#include "core/web/headers/type_filter.hpp"
#include "core/web/url/url.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <span>

namespace trawl::config {
namespace {

constexpr std::size_t name_bytes_max = 64;
constexpr std::int64_t pattern_memory_bytes_max = 8 << 20;

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_printable_ascii(char c) {
  return c >= ' ' && c <= '~';
}

struct Network {
  std::array<std::uint8_t, 16> bytes{};
  int family = AF_INET;
  int prefix_bits = 0;

  int address_bits() const { return family == AF_INET ? 32 : 128; }
};

std::optional<Network> parse_network(const std::string& text) {
  Network network;
  const auto slash = text.find('/');
  const std::string address = text.substr(0, slash);
  network.family = address.find(':') == std::string::npos ? AF_INET : AF_INET6;
  if (inet_pton(network.family, address.c_str(), network.bytes.data()) != 1) return std::nullopt;
  network.prefix_bits = network.address_bits();
  if (slash == std::string::npos) return network;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data() + slash + 1, end, network.prefix_bits);
  if (error != std::errc{} || rest != end || network.prefix_bits < 0 ||
      network.prefix_bits > network.address_bits())
    return std::nullopt;
  return network;
}

// Clears the bits after the prefix; false when there were none to clear.
bool clear_host_bits(Network& network) {
  bool cleared = false;
  for (int bit = network.prefix_bits; bit < network.address_bits(); ++bit) {
    auto& byte = network.bytes[static_cast<std::size_t>(bit / 8)];
    const auto mask = static_cast<std::uint8_t>(0x80U >> (bit % 8));
    cleared = cleared || (byte & mask) != 0;
    byte = static_cast<std::uint8_t>(byte & ~mask);
  }
  return cleared;
}

std::string format_network(const Network& network) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(network.family, network.bytes.data(), text.data(), text.size());
  return fmt::format("{}/{}", text.data(), network.prefix_bits);
}

// The first {word} that is not one of ours.
std::string_view unknown_placeholder(std::string_view text) {
  for (auto open = text.find('{'); open != std::string_view::npos;
       open = text.find('{', open + 1)) {
    const auto close = text.find('}', open);
    if (close == std::string_view::npos) break;
    const std::string_view word = text.substr(open, close + 1 - open);
    if (word != "{version}" && word != "{contact}") return word;
  }
  return {};
}

}  // namespace

std::string check_text(std::string& text) {
  if (printable(text, text.size()) != text) return "a text in UTF-8 without control characters";
  return {};
}

std::string check_not_empty(std::string& text) {
  return text.empty() ? "a text that is not empty" : check_text(text);
}

std::string check_name(std::string& text) {
  const auto allowed = [](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '_'; };
  if (text.empty() || text.size() > name_bytes_max || !std::ranges::all_of(text, allowed))
    return fmt::format("1 to {} letters, digits, \"-\" and \"_\"", name_bytes_max);
  return {};
}

std::string check_user_agent(std::string& text) {
  if (text.empty() || text.front() == ' ' || text.back() == ' ' ||
      !std::ranges::all_of(text, is_printable_ascii))
    return "a User-Agent of printable ASCII characters";
  if (const auto word = unknown_placeholder(text); !word.empty())
    return fmt::format("only the placeholders {{version}} and {{contact}}, not {}", word);
  return {};
}

std::string check_contact(std::string& text) {
  if (!std::ranges::all_of(text, is_printable_ascii) || text.find('{') != std::string::npos)
    return "a URL or mail address in printable ASCII characters";
  return {};
}

std::string check_seed_url(std::string& text) {
  const std::string start = lower_ascii(std::string_view{text}.substr(0, 8));
  const bool http = start.starts_with("http:") || start.starts_with("https:");
  if (!http || !check_text(text).empty()) return "a URL that begins with http:// or https://";
  if (const auto url = web::Url::parse(text); !url)
    return "a URL that can be fetched (" + url.error().detail + ")";
  return {};
}

std::string check_request(std::string& text) {
  const auto line = crawl::parse_list_line(text);
  return line ? std::string{} : "a request as a JSON object: " + line.error().detail;
}

std::string check_base_url(std::string& text) {
  if (text.empty()) return {};
  if (std::string wrong = check_seed_url(text); !wrong.empty()) return wrong;
  const auto url = web::Url::parse(text);
  const bool has_user = url && !(url->username().empty() && url->password().empty());
  return has_user ? "a URL without a user and a password" : "";
}

std::string check_type(std::string& text) {
  if (web::type_globs(text)) return {};
  if (text.size() > web::type_bytes_max)
    return fmt::format("a content type of at most {} bytes", web::type_bytes_max);
  return "a content type, as \"text/html\", \"image/*\" or \"pdf\"; names of URLs are what "
         "scope.include (--include) is for";
}

std::string check_pattern(std::string& text) {
  constexpr std::string_view marker = "re:";
  if (!text.starts_with(marker)) {
    if (std::string wrong = check_not_empty(text); !wrong.empty()) return wrong;
    const auto pattern = crawl::UrlPattern::create(text);
    if (pattern) return {};
    if (!std::ranges::all_of(text, is_printable_ascii))
      return fmt::format("a glob that matches URLs ({})", printable(pattern.error().detail, 300));
    return "a glob on the whole URL, which begins with \"http://\", \"https://\" or \"*\"";
  }
  if (!std::ranges::all_of(text, is_printable_ascii)) {
    if (std::string wrong = check_text(text); !wrong.empty()) return wrong;
    return "a regular expression in ASCII, as URLs are: other characters percent-encoded, as "
           "\"%C3%A9\" for \"\u00E9\"";
  }
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(pattern_memory_bytes_max);
  const RE2 pattern{text.substr(marker.size()), options};
  if (text.size() == marker.size()) return "a regular expression after \"re:\"";
  if (!pattern.ok())
    return fmt::format("a regular expression that RE2 takes ({})", printable(pattern.error(), 80));
  return check_text(text);
}

std::string check_param(std::string& text) {
  const auto allowed = [](char c) {
    return c != '&' && c != '=' && c != '#' && c != '?' && c != ' ';
  };
  if (text.empty() || !std::ranges::all_of(text, allowed) || !check_text(text).empty())
    return "a query parameter's name, with * for any characters";
  return {};
}

std::string check_network(std::string& text) {
  auto network = parse_network(text);
  if (!network) return "a network like \"10.0.0.0/8\" or \"fd00::/8\"";
  if (clear_host_bits(*network))
    return fmt::format("a network without host bits, \"{}\"", format_network(*network));
  text = format_network(*network);
  return {};
}

std::string check_name_server(std::string& text) {
  const auto server = http::dns::ServerAddress::parse(text);
  if (!server) return "the address of a name server like \"127.0.0.1:53\" or \"[::1]:53\"";
  text = server->to_string();
  return {};
}

bool is_token(std::string_view text) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  const auto allowed = [&](char c) {
    return is_letter(c) || is_digit(c) || marks.find(c) != std::string_view::npos;
  };
  return !text.empty() && std::ranges::all_of(text, allowed);
}

bool is_field_value(std::string_view text) {
  const auto allowed = [](char c) {
    return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F);
  };
  return std::ranges::all_of(text, allowed);
}

bool is_secret_header(std::string_view name) {
  return http::is_secret_header(name);
}

std::string lower_ascii(std::string_view text) {
  std::string lower{text};
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

std::string hide_password(std::string_view text) {
  // Browsers take "https:user:secret@host" and backslashes too, so no "//" is asked for.
  const auto scheme = text.find(':');
  const auto start = text.find_first_not_of("/\\", std::min(scheme, text.size()) + 1);
  if (scheme == std::string_view::npos || start >= text.size()) return std::string{text};
  const std::string_view authority = text.substr(start, text.find_first_of("/?#\\", start) - start);
  const auto at = authority.rfind('@');
  const auto colon = authority.find(':');
  if (at == std::string_view::npos || colon == std::string_view::npos || colon > at)
    return std::string{text};
  return fmt::format("{}***{}", text.substr(0, start + colon + 1), text.substr(start + at));
}

}  // namespace trawl::config
