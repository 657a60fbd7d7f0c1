#pragma once
// SitemapEntries: what all forms of sitemaps share: a loc as written becomes an entry, or a fault
// to report; the first fault is kept, and entries are counted against their bound.

#include "core/web/feeds/sitemap.hpp"
#include "core/web/url/url.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace trawl::web {

// Without white space of any kind at its ends, Unicode's included.
std::string_view trim_unicode(std::string_view text);

class SitemapEntries {
 public:
  SitemapEntries(const Url& url, SitemapReader::OnEntry on_entry);

  // loc: as written; resolved against the sitemap's URL when may_be_relative. An entry without one
  // is none and no fault. False: it is no URL to fetch.
  bool add(std::string_view loc, SitemapEntry entry, bool may_be_relative = true);
  // A loc that is no URL, or that is too long to be one.
  void refuse(std::string_view loc);
  // A loc that was taken and is no whole URL; told where there is no other fault.
  void note_relative(std::string_view loc);
  // The first fault stays.
  void note(std::string_view fault);

  bool full() const;
  std::uint64_t count() const { return count_; }
  std::uint64_t refused() const { return refused_; }
  const std::string& fault() const { return fault_; }
  // The first fault, and how many locs were refused.
  std::string error() const;

 private:
  Result<Url> resolve(std::string_view loc, bool may_be_relative) const;

  Url url_;
  SitemapReader::OnEntry on_entry_;
  std::uint64_t count_ = 0;
  std::uint64_t refused_ = 0;
  std::string first_refused_;
  std::uint64_t relative_ = 0;
  std::string first_relative_;
  std::string fault_;
};

}  // namespace trawl::web
