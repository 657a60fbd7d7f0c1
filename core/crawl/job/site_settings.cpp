// Hosts are many and the combinations of sites that match them few: settings are merged once for
// each combination, and a host costs one pointer.
#include "core/crawl/job/site_settings.hpp"

#include "core/base/limits.hpp"
#include "core/crawl/job/url_pattern.hpp"
#include "core/web/digest.hpp"

#include <algorithm>

namespace trawl::crawl {
namespace {

struct HostAndPort {
  std::string_view host;
  std::string_view port;  // empty: none
};

// A name with a dot at its end, the root's, is the host without it: a link must not lead around
// what is set for that. So is a glob with one.
std::string_view rootless(std::string_view name) {
  return name.size() > 1 && name.ends_with('.') ? name.substr(0, name.size() - 1) : name;
}

// A colon inside of brackets belongs to an IPv6 address.
HostAndPort split(std::string_view text) {
  const auto bracket = text.rfind(']');
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || (bracket != std::string_view::npos && colon < bracket))
    return {rootless(text), {}};
  return {rootless(text.substr(0, colon)), text.substr(colon + 1)};
}

}  // namespace

http::Headers fields_of_site(const JobSpec& settings, const JobSpec& job) {
  http::Headers fields;
  if (&settings == &job) return fields;
  for (const auto& field : settings.fetch.headers)
    if (std::ranges::find(job.fetch.headers, field) == job.fetch.headers.end())
      fields.push_back(field);
  return fields;
}

bool site_matches(std::string_view glob, std::string_view host_key) {
  const HostAndPort wanted = split(glob);
  const HostAndPort given = split(host_key);
  if (!glob_matches(wanted.host, given.host)) return false;
  if (wanted.port.empty()) return true;
  if (!given.port.empty()) return glob_matches(wanted.port, given.port);
  return glob_matches(wanted.port, "80") || glob_matches(wanted.port, "443");
}

const JobSpec& SiteSettings::of(std::string_view host_key) const {
  if (empty()) return job_;
  const std::uint64_t fingerprint = web::fingerprint(host_key);
  const std::lock_guard lock{mutex_};
  if (const auto found = known_.find(fingerprint); found != known_.end()) return *found->second;
  if (known_.size() >= limits::site_hosts_known_max) known_.clear();
  const JobSpec& settings = merged(matches_of(host_key));
  known_.emplace(fingerprint, &settings);
  return settings;
}

SiteSettings::Matches SiteSettings::matches_of(std::string_view host_key) const {
  Matches matches;
  for (std::uint32_t i = 0; i < job_.sites.size(); ++i)
    if (std::ranges::any_of(job_.sites[i].match,
                            [&](const std::string& glob) { return site_matches(glob, host_key); }))
      matches.push_back(i);
  return matches;
}

const JobSpec& SiteSettings::merged(const Matches& matches) const {
  if (matches.empty()) return job_;
  std::unique_ptr<const JobSpec>& kept = merged_[matches];
  if (kept) return *kept;
  auto settings = std::make_unique<JobSpec>(job_);
  settings->seeds = {};
  settings->sites.clear();
  for (const std::uint32_t site : matches)
    for (const SiteValue& value : job_.sites[site].values) value.apply(*settings);
  kept = std::move(settings);
  return *kept;
}

}  // namespace trawl::crawl
