// Cookies lie in buckets by registrable domain, since no cookie crosses its border: a request looks
// at one bucket, and one site's flood of cookies can only push out its own.
#include "core/web/headers/cookie_jar.hpp"

#include "core/base/limits.hpp"
#include "core/web/ascii.hpp"
#include "core/web/url/host.hpp"
#include "core/web/url/url_host.hpp"

#include <algorithm>
#include <optional>
#include <tuple>

namespace trawl::web {
namespace {

std::size_t bytes_of(const Cookie& cookie) {
  return sizeof(Cookie) + sizeof(std::uint64_t) + cookie.name.size() + cookie.value.size() +
         cookie.domain.size() + cookie.path.size();
}

bool is_expired(const Cookie& cookie, Wall now) {
  return cookie.expires && *cookie.expires <= now;
}

// RFC 6265bis, 5.1.3.
bool domain_matches(std::string_view host, std::string_view domain) {
  if (host == domain) return true;
  return host.size() > domain.size() && host.ends_with(domain) &&
         host[host.size() - domain.size() - 1] == '.' && !is_ip_host(host);
}

// RFC 6265bis, 5.1.4.
bool path_matches(std::string_view request, std::string_view cookie) {
  if (!request.starts_with(cookie)) return false;
  return request.size() == cookie.size() || cookie.ends_with('/') || request[cookie.size()] == '/';
}

std::string default_path(std::string_view path) {
  const auto last = path.rfind('/');
  return last == path.npos || last == 0 ? "/" : std::string{path.substr(0, last)};
}

bool same_cookie(const Cookie& one, const Cookie& other) {
  return std::tie(one.name, one.domain, one.path, one.host_only) ==
         std::tie(other.name, other.domain, other.path, other.host_only);
}

// RFC 6265bis, 5.7, steps 20 and 21. path_given: the line had a Path that counts.
bool keeps_its_prefix(const Cookie& cookie, bool path_given) {
  if (ascii::starts_with(cookie.name, "__Secure-")) return cookie.secure;
  if (ascii::starts_with(cookie.name, "__Host-"))
    return cookie.secure && cookie.host_only && path_given && cookie.path == "/";
  return true;
}

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// The cookie that a line of an answer from the URL makes; absent when it may not make it.
std::optional<Cookie> cookie_from(SetCookie line, const Url& url) {
  Cookie cookie{.name = std::move(line.name),
                .value = std::move(line.value),
                .domain = std::string{url.hostname()},
                .path = line.path.empty() ? default_path(url.pathname()) : line.path,
                .expires = line.expires,
                .secure = line.secure,
                .http_only = line.http_only};
  if (!is_ascii(line.domain)) return std::nullopt;
  const bool own_suffix = line.domain == cookie.domain && is_public_suffix(line.domain);
  if (!line.domain.empty() && !own_suffix) {
    if (is_public_suffix(line.domain) || !domain_matches(cookie.domain, line.domain))
      return std::nullopt;
    cookie.domain = std::move(line.domain);
    cookie.host_only = false;
  }
  if (cookie.secure && url.scheme() != "https") return std::nullopt;
  if (!keeps_its_prefix(cookie, !line.path.empty())) return std::nullopt;
  return cookie;
}

// Whether the cookie would stand in a secure one's place or light (RFC 6265bis, 5.7, step 16): who
// can write answers of the plain scheme must not choose what is sent over the secure one.
bool covers_secure(const Cookie& cookie, const Cookie& kept) {
  return kept.secure && kept.name == cookie.name &&
         (domain_matches(kept.domain, cookie.domain) ||
          domain_matches(cookie.domain, kept.domain)) &&
         path_matches(cookie.path, kept.path);
}

}  // namespace

bool CookieJar::accept(const Url& url, std::string_view line, Wall now) {
  auto parsed = parse_set_cookie(line, now);
  if (!parsed) return false;
  auto cookie = cookie_from(std::move(*parsed), url);
  if (!cookie) return false;
  if (url.scheme() != "https") {
    const auto found = domains_.find(registrable_domain(cookie->domain));
    if (found != domains_.end() &&
        std::ranges::any_of(found->second.entries, [&](const Entry& entry) {
          return covers_secure(*cookie, entry.cookie);
        }))
      return false;
  }
  cookie->order = next_order_++;
  keep(std::move(*cookie), now);
  return true;
}

bool CookieJar::restore(Cookie cookie, Wall now) {
  if (is_expired(cookie, now)) return false;
  if (!cookie.host_only && is_public_suffix(cookie.domain)) return false;
  if (cookie.order == 0) cookie.order = next_order_;
  next_order_ = std::max(next_order_, cookie.order + 1);
  keep(std::move(cookie), now);
  return true;
}

// One that is expired already only takes the place of its namesake.
void CookieJar::keep(Cookie cookie, Wall now) {
  const std::string name = registrable_domain(cookie.domain);
  Domain& domain = domain_for(name);
  const auto same = std::ranges::find_if(
      domain.entries, [&](const Entry& entry) { return same_cookie(entry.cookie, cookie); });
  if (same != domain.entries.end()) {
    cookie.order = same->cookie.order;
    if (is_expired(cookie, now)) note(same->cookie, true);
    remove(domain, static_cast<std::size_t>(same - domain.entries.begin()));
  }
  if (!is_expired(cookie, now)) {
    make_room(domain, now);
    note(cookie, false);
    bytes_ += bytes_of(cookie);
    ++size_;
    domain.entries.push_back({std::move(cookie), ++uses_});
  }
  if (domain.entries.empty()) {
    recent_.erase(domain.place);
    domains_.erase(name);
  }
  make_room();
}

CookieJar::Domain& CookieJar::domain_for(const std::string& name) {
  const auto [found, added] = domains_.try_emplace(name);
  if (added)
    found->second.place = recent_.insert(recent_.begin(), name);
  else
    recent_.splice(recent_.begin(), recent_, found->second.place);
  return found->second;
}

void CookieJar::remove(Domain& domain, std::size_t place) {
  bytes_ -= bytes_of(domain.entries[place].cookie);
  --size_;
  domain.entries.erase(domain.entries.begin() + static_cast<std::ptrdiff_t>(place));
}

// RFC 6265bis, 5.7: expired cookies go first, then what is not Secure, then what was used longest
// ago.
void CookieJar::make_room(Domain& domain, Wall now) {
  if (domain.entries.size() < limits::cookies_per_domain_max) return;
  const auto rank = [now](const Entry& entry) {
    return std::tuple{!is_expired(entry.cookie, now), entry.cookie.secure, entry.used};
  };
  const auto first = std::ranges::min_element(domain.entries, {}, rank);
  note(first->cookie, true);
  remove(domain, static_cast<std::size_t>(first - domain.entries.begin()));
}

// Of the domain that was used longest ago; the one in use keeps its last cookie.
void CookieJar::make_room() {
  while (bytes_ > limits::cookie_jar_bytes_max && size_ > 1) {
    const auto found = domains_.find(recent_.back());
    Domain& oldest = found->second;
    if (!oldest.entries.empty()) {
      const auto first = std::ranges::min_element(oldest.entries, {}, &Entry::used);
      note(first->cookie, true);
      remove(oldest, static_cast<std::size_t>(first - oldest.entries.begin()));
    }
    if (!oldest.entries.empty()) continue;
    recent_.pop_back();
    domains_.erase(found);
  }
}

void CookieJar::note(const Cookie& cookie, bool removed) {
  if (keep_changes_) changes_.push_back({cookie, removed});
}

std::string CookieJar::field_for(const Url& url, Wall now) {
  if (size_ == 0) return {};
  const auto found = domains_.find(registrable_domain(url.hostname()));
  if (found == domains_.end()) return {};
  Domain& domain = domain_for(found->first);
  std::vector<Entry*> sent;
  for (Entry& entry : domain.entries) {
    const Cookie& cookie = entry.cookie;
    const bool for_host = cookie.host_only ? url.hostname() == cookie.domain
                                           : domain_matches(url.hostname(), cookie.domain);
    if (for_host && !is_expired(cookie, now) && path_matches(url.pathname(), cookie.path) &&
        (!cookie.secure || url.scheme() == "https"))
      sent.push_back(&entry);
  }
  std::ranges::sort(sent, {}, [](const Entry* entry) {
    return std::pair{-static_cast<std::ptrdiff_t>(entry->cookie.path.size()), entry->cookie.order};
  });
  std::string field;
  for (Entry* entry : sent) {
    const auto& [name, value] = std::tie(entry->cookie.name, entry->cookie.value);
    if (field.size() + name.size() + value.size() + 3 > limits::cookie_field_bytes_max) continue;
    if (!field.empty()) field += "; ";
    field.append(name).append("=").append(value);
    entry->used = ++uses_;
  }
  return field;
}

void CookieJar::each(const std::function<void(const Cookie&)>& visit) const {
  for (const auto& [name, domain] : domains_)
    for (const Entry& entry : domain.entries) visit(entry.cookie);
}

}  // namespace trawl::web
