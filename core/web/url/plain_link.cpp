// One table look-up a byte decides whether a link is plain; then its URL is a piece of the base and
// the link itself, copied once.
#include "core/web/url/plain_link.hpp"

#include <array>
#include <cstdint>
#include <cstring>

namespace trawl::web {

using namespace std::string_view_literals;

namespace {

constexpr std::uint8_t in_host = 1;
constexpr std::uint8_t in_segment = 2;
constexpr std::uint8_t in_query = 4;
constexpr std::uint8_t in_fragment = 8;
constexpr std::uint8_t in_first_segment = 16;  // of a relative path: a colon may end a scheme

constexpr std::array<std::uint8_t, 256> make_classes() {
  std::array<std::uint8_t, 256> classes{};
  for (std::size_t i = 0x21; i < 0x7F; ++i)
    classes[i] = in_segment | in_first_segment | in_query | in_fragment;
  const auto remove = [&classes](std::string_view bytes, std::uint8_t bits) {
    for (const char c : bytes)
      classes[static_cast<unsigned char>(c)] &= static_cast<std::uint8_t>(~bits);
  };
  remove("\"<>", 0xFF);
  remove("/\\?#^`{}", in_segment | in_first_segment);
  remove(":", in_first_segment);
  remove("#'", in_query);
  remove("`", in_fragment);
  for (const char c : std::string_view("abcdefghijklmnopqrstuvwxyz0123456789-_."))
    classes[static_cast<unsigned char>(c)] |= in_host;
  return classes;
}

constexpr std::array<std::uint8_t, 256> classes = make_classes();
constexpr std::size_t plain_bytes_max = 65'536;

// The end of the run of bytes that have the class.
std::size_t run_end(std::string_view text, std::size_t at, std::uint8_t wanted) {
  while (at < text.size() && (classes[static_cast<unsigned char>(text[at])] & wanted) != 0) ++at;
  return at;
}

// Behind the last slash of text, which has one.
std::size_t folder_end(const char* text, std::size_t size) {
  const void* const slash = ::memrchr(text, '/', size);
  return static_cast<std::size_t>(static_cast<const char*>(slash) - text) + 1;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Whether a host is an IPv4 address as the parser would write it (URL standard, section 3.5).
bool is_plain_ipv4(std::string_view host) {
  for (int part = 0; part < 4; ++part) {
    unsigned value = 0;
    std::size_t digits = 0;
    for (; digits < host.size() && digits < 4 && is_digit(host[digits]); ++digits)
      value = value * 10 + static_cast<unsigned>(host[digits] - '0');
    if (digits == 0 || value > 255 || (digits > 1 && host.front() == '0')) return false;
    host.remove_prefix(digits);
    if (part == 3) break;
    if (!host.starts_with('.')) return false;
    host.remove_prefix(1);
  }
  return host.empty();
}

// The length of "host[:port]" at the start of text; 0 when the parser has to look at it: names that
// could be addresses in another form, ports that are default, padded or too large.
std::size_t plain_authority(std::string_view text, std::string_view protocol, std::size_t& host_end,
                            std::uint32_t& port) {
  host_end = run_end(text, 0, in_host);
  const std::string_view host = text.substr(0, host_end);
  if (host.empty() || host.back() == '.') return 0;
  const std::size_t dot = host.rfind('.');
  if (is_digit(host[dot == host.npos ? 0 : dot + 1]) && !is_plain_ipv4(host)) return 0;
  if (host_end == text.size() || text[host_end] != ':') return host_end;
  std::size_t at = host_end + 1;
  if (at == text.size() || text[at] == '0') return 0;
  port = 0;
  for (; at < text.size() && is_digit(text[at]) && port <= 0xFFFF; ++at)
    port = port * 10 + static_cast<std::uint32_t>(text[at] - '0');
  if (port == 0 || port > 0xFFFF) return 0;
  return port == (protocol == "https:" ? 443U : 80U) ? 0 : at;
}

}  // namespace

struct PlainLink::Tail {
  bool plain = false;
  std::size_t search = std::string_view::npos;
  std::size_t hash = std::string_view::npos;

  // Path, query and fragment from at; a segment that could be a dot segment is not plain.
  static Tail read(std::string_view text, std::size_t at, std::uint8_t first_class = in_segment) {
    for (std::uint8_t wanted = first_class; at < text.size() && text[at] != '.' && text[at] != '%';
         wanted = in_segment) {
      at = run_end(text, at, wanted);
      if (at == text.size() || text[at] != '/') return read_after_path(text, at);
      if (++at == text.size()) return {.plain = true};
    }
    return {.plain = at == text.size()};
  }

  static Tail read_after_path(std::string_view text, std::size_t at) {
    Tail tail;
    if (at < text.size() && text[at] == '?') {
      tail.search = at;
      at = run_end(text, at + 1, in_query);
    }
    if (at < text.size() && text[at] == '#') {
      tail.hash = at;
      at = run_end(text, at + 1, in_fragment);
    }
    tail.plain = at == text.size();
    return tail;
  }
};

bool PlainLink::read(std::string_view input, const Url* base, Url& url) {
  if (input.empty() || input.size() > plain_bytes_max) return false;
  if (input.front() == 'h') {
    if (input.starts_with("https://"sv)) return read_absolute("https:", input.substr(8), url);
    if (input.starts_with("http://"sv)) return read_absolute("http:", input.substr(7), url);
  }
  if (base == nullptr || !base->is_http()) return false;
  if (input.starts_with("//"sv)) return read_absolute(base->protocol(), input.substr(2), url);
  return read_relative(input, *base, url);
}

// authority: what follows the two slashes, to the end of the link.
bool PlainLink::read_absolute(std::string_view protocol, std::string_view authority, Url& url) {
  std::size_t host_end = 0;
  std::uint32_t port = Url::npos32;
  const std::size_t path = plain_authority(authority, protocol, host_end, port);
  if (path == 0) return false;
  const bool no_path = path == authority.size();
  if (!no_path && authority[path] != '/') return false;
  const Tail tail = no_path ? Tail{.plain = true} : Tail::read(authority, path + 1);
  if (!tail.plain) return false;

  const auto start = static_cast<std::uint32_t>(protocol.size() + 2);
  url.href_.reserve(start + authority.size() + 1);
  url.href_.append(protocol).append("//").append(authority);
  if (no_path) url.href_ += '/';
  url.scheme_end_ = start - 2;
  url.username_end_ = url.host_start_ = start;
  url.host_end_ = start + static_cast<std::uint32_t>(host_end);
  url.path_start_ = start + static_cast<std::uint32_t>(path);
  url.port_ = port;
  if (tail.search != authority.npos)
    url.search_start_ = start + static_cast<std::uint32_t>(tail.search);
  if (tail.hash != authority.npos) url.hash_start_ = start + static_cast<std::uint32_t>(tail.hash);
  return true;
}

bool PlainLink::read_relative(std::string_view input, const Url& base, Url& url) {
  if (input.front() == '#')
    return join(base, base.hash_start(), input, Tail::read_after_path(input, 0), url);
  if (input.front() == '?')
    return join(base, base.search_start(), input, Tail::read_after_path(input, 0), url);
  if (input.front() == '/') return join(base, base.path_start_, input, Tail::read(input, 1), url);

  const char* const href = base.href_.data();
  std::size_t kept = folder_end(href, base.search_start());
  while (input.starts_with('.')) {
    if (input.starts_with("./"sv)) {
      input.remove_prefix(2);
    } else if (input.starts_with("../"sv)) {
      input.remove_prefix(3);
      if (kept > base.path_start_ + 1) kept = folder_end(href, kept - 1);
    } else {
      return false;
    }
  }
  return join(base, kept, input, Tail::read(input, 0, in_first_segment), url);
}

// The first `kept` bytes of the base, then text; the offsets of tail are into text.
bool PlainLink::join(const Url& base, std::size_t kept, std::string_view text, const Tail& tail,
                     Url& url) {
  if (!tail.plain) return false;
  url.href_.reserve(kept + text.size());
  url.href_.append(base.href_, 0, kept).append(text);
  url.scheme_end_ = base.scheme_end_;
  url.username_end_ = base.username_end_;
  url.host_start_ = base.host_start_;
  url.host_end_ = base.host_end_;
  url.path_start_ = base.path_start_;
  url.port_ = base.port_;
  const auto start = static_cast<std::uint32_t>(kept);
  if (tail.search != text.npos)
    url.search_start_ = start + static_cast<std::uint32_t>(tail.search);
  else if (base.search_start_ < start)
    url.search_start_ = base.search_start_;
  if (tail.hash != text.npos) url.hash_start_ = start + static_cast<std::uint32_t>(tail.hash);
  return true;
}

}  // namespace trawl::web
