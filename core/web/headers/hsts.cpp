// A policy is worth as much as the connection that it came over: what plain text says, or a server
// whose certificate nobody has checked, would let anybody shut a site out.
#include "core/web/headers/hsts.hpp"

#include "core/base/limits.hpp"
#include "core/web/ascii.hpp"

#include <algorithm>
#include <cstdint>

namespace trawl::web {
namespace {

constexpr std::int64_t max_age_s_max = 10LL * 365 * 24 * 60 * 60;  // a longer one is as good
constexpr Millis put_off_max{60 * 60 * 1000};                      // that is no change

constexpr std::string_view token_marks = "!#$%&'*+-.^_`|~";

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return ascii::is_alnum(c) || token_marks.contains(c);
  });
}

void skip_space(std::string_view& text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
}

std::string_view take_token(std::string_view& text) {
  const auto end = text.find_first_of(" \t;=\"");
  const auto token = text.substr(0, end);
  text.remove_prefix(token.size());
  return is_token(token) ? token : std::string_view{};
}

// A quoted-string (RFC 9110 5.6.4) without its quotes; absent when it has no end.
std::optional<std::string> take_quoted(std::string_view& text) {
  std::string value;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') {
      text.remove_prefix(i + 1);
      return value;
    }
    if (text[i] == '\\' && ++i == text.size()) break;
    value += text[i];
  }
  return std::nullopt;
}

struct Directive {
  std::string_view name;             // empty: there is none between two semicolons
  std::optional<std::string> value;  // absent without "="
};

// One directive and the semicolon behind it. Absent: it is none.
std::optional<Directive> take_directive(std::string_view& text) {
  Directive directive;
  skip_space(text);
  if (!text.empty() && text.front() != ';') {
    directive.name = take_token(text);
    if (directive.name.empty()) return std::nullopt;
    skip_space(text);
    if (!text.empty() && text.front() == '=') {
      text.remove_prefix(1);
      skip_space(text);
      const bool quoted = text.starts_with('"');
      directive.value = quoted ? take_quoted(text) : std::string{take_token(text)};
      if (!directive.value || (!quoted && directive.value->empty())) return std::nullopt;
      skip_space(text);
    }
  }
  if (text.empty()) return directive;
  if (text.front() != ';') return std::nullopt;
  text.remove_prefix(1);
  return directive;
}

// delta-seconds of any length.
std::optional<std::int64_t> seconds(std::string_view digits) {
  std::int64_t value = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    value = std::min(value * 10 + (c - '0'), max_age_s_max);
  }
  return digits.empty() ? std::nullopt : std::optional{value};
}

// The name by which a host is known; empty for an address, which never is (RFC 6797 8.1.1).
std::string_view known_name(std::string_view hostname) {
  if (hostname.ends_with('.')) hostname.remove_suffix(1);
  if (hostname.starts_with('[')) return {};
  // The URL standard has made every spelling of an IPv4 address four decimal numbers.
  const bool is_address = hostname.find_first_not_of("0123456789.") == hostname.npos;
  return is_address ? std::string_view{} : hostname;
}

}  // namespace

std::optional<HstsPolicy> parse_hsts(std::string_view field) {
  if (field.size() > limits::hsts_field_bytes_max) return std::nullopt;
  HstsPolicy policy;
  bool has_age = false;
  std::vector<std::string_view> names;
  while (!field.empty()) {
    const auto directive = take_directive(field);
    if (!directive) return std::nullopt;
    const auto& [name, value] = *directive;
    if (name.empty()) continue;
    if (std::ranges::any_of(names, [&](auto other) { return ascii::equals(name, other); }))
      return std::nullopt;
    names.push_back(name);
    if (ascii::equals(name, "max-age")) {
      const auto age = value ? seconds(*value) : std::nullopt;
      if (!age) return std::nullopt;
      policy.max_age = Millis{*age * 1000};
      has_age = true;
    } else if (ascii::equals(name, "includesubdomains")) {
      if (value) return std::nullopt;
      policy.include_subdomains = true;
    }
  }
  return has_age ? std::optional{policy} : std::nullopt;
}

void HstsHosts::accept(const Url& url, std::string_view field, Wall now) {
  const std::string host{known_name(url.hostname())};
  if (url.scheme() != "https" || host.empty()) return;
  const auto policy = parse_hsts(field);
  if (!policy) return;
  if (policy->max_age == Millis{0}) {
    forget(host);
    return;
  }
  if (!hosts_.contains(host)) make_room(now);
  const auto [place, is_new] = hosts_.try_emplace(host);
  Entry& entry = place->second;
  const bool same = !is_new && entry.include_subdomains == policy->include_subdomains;
  entry.include_subdomains = policy->include_subdomains;
  entry.expires = now + policy->max_age;
  const Millis moved{std::abs((entry.expires - entry.stored).count())};
  if (same && moved < std::min(put_off_max, policy->max_age / 8)) return;
  entry.stored = entry.expires;
  changes_.push_back({{host, entry.expires, entry.include_subdomains}, false});
}

void HstsHosts::restore(HstsHost host, Wall now) {
  if (host.expires <= now) {
    changes_.push_back({std::move(host), true});
    return;
  }
  make_room(now);
  hosts_[std::move(host.host)] = {host.expires, host.expires, host.include_subdomains};
}

bool HstsHosts::is_known(std::string_view hostname, Wall now) const {
  bool is_host_itself = true;
  for (std::string_view name = hostname; !name.empty(); is_host_itself = false) {
    const auto found = hosts_.find(std::string{name});
    if (found != hosts_.end() && found->second.expires > now &&
        (is_host_itself || found->second.include_subdomains))
      return true;
    const auto dot = name.find('.');
    if (dot == name.npos) break;
    name.remove_prefix(dot + 1);
  }
  return false;
}

std::optional<Url> HstsHosts::secured(const Url& url, Wall now) const {
  if (hosts_.empty() || url.scheme() != "http") return std::nullopt;
  const auto name = known_name(url.hostname());
  if (name.empty() || !is_known(name, now)) return std::nullopt;
  // An explicit port 80 becomes 443, and a URL has neither written out; every other port stays.
  auto secured = Url::parse("https" + url.href().substr(std::string_view{"http"}.size()));
  return secured ? std::optional{std::move(*secured)} : std::nullopt;
}

void HstsHosts::forget(const std::string& host) {
  if (hosts_.erase(host) > 0) changes_.push_back({{.host = host}, true});
}

// Rarely, and then for many, since it looks at all.
void HstsHosts::make_room(Wall now) {
  if (hosts_.size() < hosts_max_) return;
  std::vector<std::pair<Wall, std::string>> soonest;
  soonest.reserve(hosts_.size());
  for (const auto& [host, entry] : hosts_) soonest.emplace_back(entry.expires, host);
  std::ranges::sort(soonest);
  const std::size_t leaving = std::max<std::size_t>(hosts_max_ / 16, 1);
  for (std::size_t i = 0; i < soonest.size(); ++i)
    if (i < leaving || soonest[i].first <= now) forget(soonest[i].second);
}

}  // namespace trawl::web
