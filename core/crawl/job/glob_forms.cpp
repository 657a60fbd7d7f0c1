// A glob that spells a host or an escape in another way than URLs do would be taken and never
// match, and what it was to leave out be fetched. Its forms come beside the glob, never in its
// place, and are such that only URLs of the host that it names can match: so nothing changes for a
// glob that matched something before.
#include "core/crawl/job/glob_forms.hpp"

#include "core/base/log.hpp"
#include "core/crawl/job/url_pattern.hpp"
#include "core/web/ascii.hpp"
#include "core/web/percent.hpp"
#include "core/web/url/url_host.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>

namespace trawl::crawl {
namespace {

constexpr std::string_view wildcards = "*?";
constexpr std::size_t shown_bytes_max = 200;

struct Scheme {
  std::string_view name;
  std::uint16_t port;
};
constexpr auto schemes = std::to_array<Scheme>({{"http", 80}, {"https", 443}});

bool is_number(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

struct Authority {
  std::string_view host;
  std::optional<std::string_view> port;
};

// A colon inside of brackets belongs to an IPv6 address.
Authority split(std::string_view text) {
  const std::size_t bracket = text.rfind(']');
  const std::size_t colon = text.find(':', bracket == text.npos ? 0 : bracket);
  if (colon == text.npos || (text.starts_with('[') && bracket == text.npos)) return {text, {}};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

// As URLs have it; empty for the default, absent for what is no port.
std::optional<std::string> canonical_port(std::string_view text, std::uint16_t usual) {
  if (text.empty()) return std::string{};
  std::uint16_t port = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, port);
  if (error != std::errc{} || rest != end) return std::nullopt;
  return port == usual ? std::string{} : fmt::format("{}", port);
}

// Absent for what no URL can have between "://" and "/". text: without wildcards.
std::optional<std::string> canonical_authority(std::string_view text, std::uint16_t usual_port) {
  const Authority parts = split(text);
  const auto port = canonical_port(parts.port.value_or(""), usual_port);
  std::string out;
  if (parts.host.empty() || !port || !web::append_host(out, parts.host, true)) return std::nullopt;
  if (!port->empty()) out.append(":").append(*port);
  return out;
}

// What stands before the first wildcard. A host is known to be whole by its bracket, or when a
// colon follows.
std::string canonical_head(std::string_view text) {
  const Authority parts = split(text);
  const bool whole = !parts.host.empty() && (parts.port || parts.host.ends_with(']'));
  std::string host;
  if (!whole || !web::append_host(host, parts.host, true)) return web::ascii::lowered(text);
  return host.append(text.substr(parts.host.size()));
}

// Which escapes stay is the same everywhere; what is escaped is not the same in a query, which
// begins at `query`.
std::string canonical_rest(std::string_view text, std::size_t query) {
  std::string encoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '?' || c == '#')
      encoded += c;
    else
      web::append_encoded(encoded, {&c, 1},
                          i < query ? web::EncodeSet::path : web::EncodeSet::special_query);
  }
  std::string out;
  web::append_normalised(out, encoded);
  return out;
}

// Each once. What stands behind a wildcard may be of the path or of the query.
std::vector<std::string> canonical_rests(std::string_view text) {
  std::vector<std::string> rests;
  for (const std::size_t query : {text.npos, std::size_t{0}, text.find('?')})
    if (auto rest = canonical_rest(text, query); std::ranges::count(rests, rest) == 0)
      rests.push_back(std::move(rest));
  return rests;
}

// Where wildcards are in the host, each part is asked on its own.
std::optional<HostGlob> host_glob(std::string_view authority, const Scheme& scheme,
                                  std::string_view rest) {
  const Authority parts = split(authority);
  const std::string_view given = parts.port.value_or("");
  HostGlob glob{scheme.name, web::ascii::lowered(parts.host), std::string{given},
                std::string{rest}};
  if (is_number(given)) {
    auto port = canonical_port(given, scheme.port);
    if (!port) return std::nullopt;
    glob.port = std::move(*port);
  }
  if (rest.empty() || (glob.host == parts.host && glob.port == given)) return std::nullopt;
  return glob;
}

// Whether it ends as the name of a host does, with two labels behind the last wildcard.
bool ends_as_host(std::string_view glob) {
  const std::size_t wild = glob.find_last_of(wildcards);
  if (wild == glob.npos) return false;  // the head, which is known to be of the host
  const std::string_view rest = glob.substr(wild + 1);
  const auto is_of_name = [](char c) { return web::ascii::is_alnum(c) || c == '-' || c == '.'; };
  return std::ranges::all_of(rest, is_of_name) && std::ranges::count(rest, '.') >= 2 &&
         !rest.contains("..") && !rest.ends_with('.');
}

// Without a slash, what stands behind a wildcard may be of the path: of "*.PDF*" no form is for
// hosts. What can't but be a name is the end of one, and then comes any port and path.
void add_open_host(GlobForms& forms, std::string_view authority, const Scheme& scheme) {
  if (!authority.ends_with('*')) return;
  const Authority parts = split(authority);
  std::string_view name = parts.host;
  if (!parts.port) name = name.substr(0, name.find_last_not_of('*') + 1);
  const std::string host = web::ascii::lowered(name);
  if (host == name || !ends_as_host(name)) return;
  if (!parts.port) forms.hosts.push_back({scheme.name, host, "", "*"});
  forms.hosts.push_back({scheme.name, host, std::string{parts.port.value_or("*")}, "*"});
}

void add_forms(GlobForms& forms, std::string_view authority, const Scheme& scheme,
               const std::string& rest) {
  const std::size_t wild = authority.find_first_of(wildcards);
  if (wild == authority.npos) {
    const auto host = canonical_authority(authority, scheme.port);
    // "http://example.org" names the page that URLs call "http://example.org/".
    if (host && (*host != authority || rest.empty()))
      forms.globs.push_back(
          fmt::format("{}://{}{}", scheme.name, *host, rest.empty() ? "/" : rest));
    return;
  }
  const std::string head = canonical_head(authority.substr(0, wild));
  if (head != authority.substr(0, wild))
    forms.globs.push_back(
        fmt::format("{}://{}{}{}", scheme.name, head, authority.substr(wild), rest));
  if (auto glob = host_glob(authority, scheme, rest)) forms.hosts.push_back(std::move(*glob));
  if (rest.empty()) add_open_host(forms, authority, scheme);
}

struct GlobParts {
  std::string_view scheme, authority, rest;
};

// Absent where a glob says no host: behind a scheme of literals and wildcards, up to the slash.
std::optional<GlobParts> parts_of(std::string_view glob) {
  const std::size_t scheme = glob.find("://");
  if (scheme == glob.npos || glob.substr(0, scheme).contains('/')) return std::nullopt;
  const std::size_t begin = scheme + 3;
  const std::size_t end = std::min(glob.find('/', begin), glob.size());
  return GlobParts{glob.substr(0, scheme), glob.substr(begin, end - begin), glob.substr(end)};
}

}  // namespace

bool HostGlob::matches(std::string_view url) const {
  const auto parts = parts_of(url);
  if (!parts || parts->scheme != scheme) return false;
  const Authority place = split(parts->authority);
  if (place.port.has_value() == port.empty()) return false;
  return glob_matches(host, place.host) && glob_matches(port, place.port.value_or("")) &&
         glob_matches(rest, parts->rest);
}

bool GlobForms::matches(std::string_view url) const {
  return std::ranges::any_of(globs,
                             [url](const std::string& glob) { return glob_matches(glob, url); }) ||
         std::ranges::any_of(hosts, [url](const HostGlob& glob) { return glob.matches(url); });
}

GlobForms canonical_forms(std::string_view glob) {
  GlobForms forms;
  const auto parts = parts_of(glob);
  for (const std::string& rest : canonical_rests(parts ? parts->rest : glob)) {
    if (!parts) {
      if (rest != glob) forms.globs.push_back(rest);
      continue;
    }
    if (rest != parts->rest)
      forms.globs.push_back(fmt::format("{}://{}{}", parts->scheme, parts->authority, rest));
    if (parts->authority.empty() || parts->authority.contains('@')) continue;
    for (const Scheme& scheme : schemes)
      if (glob_matches(parts->scheme, scheme.name))
        add_forms(forms, parts->authority, scheme, rest);
  }
  return forms;
}

std::string why_never(std::string_view glob) {
  const auto shown = [](std::string_view text) { return printable(text, shown_bytes_max); };
  if (glob.starts_with("re:")) return {};
  if (const std::size_t hash = glob.find('#'); hash != glob.npos)
    return fmt::format(
        "\"{}\" matches no URL, since the fragment is no part of one: leave out "
        "\"{}\"",
        shown(glob), shown(glob.substr(hash)));
  const auto parts = parts_of(glob);
  if (!parts || parts->scheme.find_first_of(wildcards) != std::string_view::npos) return {};
  const std::string_view authority = parts->authority;
  if (authority.substr(0, authority.find_first_of(wildcards)).contains('@'))
    return fmt::format(
        "\"{}\" matches no URL, since user and password are no part of one: write "
        "\"{}://{}{}\"",
        shown(glob), shown(parts->scheme), shown(authority.substr(authority.rfind('@') + 1)),
        shown(parts->rest));
  if (authority.find_first_of(wildcards) != authority.npos || canonical_authority(authority, 80))
    return {};
  return fmt::format(
      "\"{}\" matches no URL, since \"{}\" is no host with a port: write a name, an "
      "address or \"[::1]\", and a port up to 65535",
      shown(glob), shown(authority));
}

}  // namespace trawl::crawl
