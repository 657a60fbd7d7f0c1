#pragma once
// SiteSettings: the job as it holds for one host, which is the job itself with what the [[site]]
// tables that match the host set laid over it, one after the other. docs/jobs.md has the rules.

#include "core/crawl/job/job.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

namespace trawl::crawl {

// host_key: web::host_key. A glob without a port is for all ports of a name, one with a port for
// that port alone; hosts on default ports have 80 and 443.
bool site_matches(std::string_view glob, std::string_view host_key);

// What a site adds to the request fields of the job, which a request gets elsewhere: some of them
// are secrets that not every server may see.
http::Headers fields_of_site(const JobSpec& settings, const JobSpec& job);

// Any thread.
class SiteSettings {
 public:
  // job: outlives this.
  explicit SiteSettings(const JobSpec& job) : job_(job) {}

  const JobSpec& job() const { return job_; }
  bool empty() const { return job_.sites.empty(); }

  // The job as it holds for the host: the job itself where no site matches, else a copy without
  // seeds and sites, which lives as long as this. Free without sites; else one look-up under a
  // lock, and all globs for a host that has not been asked for lately.
  const JobSpec& of(std::string_view host_key) const;

 private:
  using Matches = std::vector<std::uint32_t>;  // numbers of sites

  Matches matches_of(std::string_view host_key) const;
  const JobSpec& merged(const Matches& matches) const;

  const JobSpec& job_;

  mutable std::mutex mutex_;
  mutable std::map<Matches, std::unique_ptr<const JobSpec>> merged_;  // hosts share what is equal
  mutable boost::unordered_flat_map<std::uint64_t, const JobSpec*> known_;  // by fingerprint
};

}  // namespace trawl::crawl
