// A loc ought to be absolute, and sites write "/page" and "www.example.org/page" all the same. The
// latter reads as a path to any URL parser; so a loc that begins with the sitemap's own host is
// taken for an address without its scheme.
#include "core/web/feeds/sitemap_entries.hpp"

#include "core/base/limits.hpp"
#include "core/base/log.hpp"
#include "core/web/ascii.hpp"

#include <fmt/format.h>

#include <array>

namespace trawl::web {
namespace {

constexpr std::size_t shown_bytes_max = 80;

// White_Space of Unicode beyond ASCII, and the marks that have no width.
constexpr auto wide_spaces = std::to_array<std::string_view>(
    {"\u0085", "\u00A0", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003",
     "\u2004", "\u2005", "\u2006", "\u2007", "\u2008", "\u2009", "\u200A",
     "\u200B", "\u2028", "\u2029", "\u202F", "\u205F", "\u3000", "\uFEFF"});

bool is_wide(char c) {
  return static_cast<unsigned char>(c) >= 0x80;
}

bool begins_with_host(std::string_view loc, std::string_view host) {
  if (host.empty() || !ascii::starts_with(loc, host)) return false;
  return loc.size() == host.size() || loc[host.size()] == '/' || loc[host.size()] == '?';
}

}  // namespace

std::string_view trim_unicode(std::string_view text) {
  for (bool changed = true; changed;) {
    changed = false;
    text = ascii::trim(text);
    const bool wide = !text.empty() && (is_wide(text.front()) || is_wide(text.back()));
    if (!wide) break;
    for (const std::string_view space : wide_spaces) {
      if (text.starts_with(space)) {
        text.remove_prefix(space.size());
        changed = true;
      }
      if (text.ends_with(space)) {
        text.remove_suffix(space.size());
        changed = true;
      }
    }
  }
  return text;
}

SitemapEntries::SitemapEntries(const Url& url, SitemapReader::OnEntry on_entry)
    : url_(url), on_entry_(std::move(on_entry)) {}

Result<Url> SitemapEntries::resolve(std::string_view loc, bool may_be_relative) const {
  if (begins_with_host(loc, url_.host()))
    return Url::parse(fmt::format("{}//{}", url_.protocol(), loc));
  return Url::parse(loc, may_be_relative ? &url_ : nullptr);
}

bool SitemapEntries::add(std::string_view loc, SitemapEntry entry, bool may_be_relative) {
  loc = trim_unicode(loc);
  if (loc.empty()) return true;
  const auto url = loc.size() <= limits::sitemap_loc_bytes_max ? resolve(loc, may_be_relative)
                                                               : fail(Errc::bad_url, "too long");
  if (!url || !url->is_http() || url->without_fragment().size() > limits::sitemap_loc_bytes_max) {
    refuse(loc);
    return false;
  }
  if (full()) {
    note(fmt::format("more than {} URLs", limits::sitemap_urls_max));
    return false;
  }
  ++count_;
  entry.loc = url->without_fragment();
  on_entry_(std::move(entry));
  return true;
}

void SitemapEntries::refuse(std::string_view loc) {
  if (refused_++ == 0) first_refused_ = printable(loc, shown_bytes_max);
}

void SitemapEntries::note_relative(std::string_view loc) {
  if (relative_++ == 0) first_relative_ = printable(loc, shown_bytes_max);
}

void SitemapEntries::note(std::string_view fault) {
  if (fault_.empty()) fault_ = fault;
}

bool SitemapEntries::full() const {
  return count_ >= limits::sitemap_urls_max;
}

std::string SitemapEntries::error() const {
  if (refused_ == 0 && fault_.empty() && relative_ > 0)
    return fmt::format(
        "{} no whole URL: {}",
        relative_ == 1 ? std::string{"one loc is"} : fmt::format("{} locs are", relative_),
        first_relative_);
  if (refused_ == 0) return fault_;
  const std::string locs = fmt::format(
      "{} no URL to fetch: {}",
      refused_ == 1 ? std::string{"one entry is"} : fmt::format("{} entries are", refused_),
      first_refused_);
  return fault_.empty() ? locs : fmt::format("{}; {}", fault_, locs);
}

}  // namespace trawl::web
