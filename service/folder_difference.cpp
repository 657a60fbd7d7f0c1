// Neither database has an index of its URLs; of the old one's pages what counts is held in memory,
// by the URL's fingerprint.
#include "service/folder_difference.hpp"

#include "core/web/digest.hpp"
#include "service/each_record.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstdint>
#include <string>

namespace trawl::service {
namespace {

using crawl::Record;
using crawl::UrlState;
using storage::PageChange;

struct Page {
  std::uint64_t content = 0;  // a fingerprint
  int status = 0;
  bool known_now = false;
};

using Pages = boost::unordered_flat_map<std::uint64_t, Page>;

bool is_answered(const Record& record) {
  return record.method == "GET" && record.outcome.status.has_value();
}

bool is_page(int status) {
  return status < 400;
}

bool is_missing(int status) {
  return status == 404 || status == 410;
}

// Of what makes it another page.
std::uint64_t content_of(const Record& record) {
  return web::fingerprint(record.outcome.digest + '\n' + record.outcome.redirect_to);
}

// Nothing: it is as it was, or not known yet.
std::optional<PageChange> change_of(const Record& record, const Page* before) {
  const crawl::Outcome& now = record.outcome;
  if (now.state == UrlState::queued) return std::nullopt;
  const bool was_page = before != nullptr && is_page(before->status);
  if (now.state == UrlState::excluded)
    return was_page ? std::optional{PageChange::gone} : std::nullopt;
  if (now.error && (now.state == UrlState::failed || now.revisit == crawl::Revisit::kept))
    return before != nullptr ? std::optional{PageChange::failed} : std::nullopt;
  if (!now.status) return std::nullopt;
  if (before == nullptr) return PageChange::fresh;
  if (was_page && is_missing(*now.status)) return PageChange::gone;
  const bool same = before->status == *now.status && before->content == content_of(record);
  return same ? std::nullopt : std::optional{PageChange::changed};
}

}  // namespace

void compare_folders(storage::Db& before, storage::Db& now,
                     const std::function<void(const PageDifference&)>& visit) {
  Pages pages;
  each_record(before, [&pages](const Record& record) {
    if (is_answered(record))
      pages[web::fingerprint(record.url)] = {content_of(record), *record.outcome.status};
    return true;
  });
  each_record(now, [&](const Record& record) {
    if (record.method != "GET") return true;
    const auto found = pages.find(web::fingerprint(record.url));
    Page* const page = found == pages.end() ? nullptr : &found->second;
    if (page != nullptr) page->known_now = true;
    const auto what = change_of(record, page);
    if (!what) return true;
    visit({.what = *what,
           .record = &record,
           .status_before = page != nullptr ? std::optional{page->status} : std::nullopt});
    return true;
  });
  each_record(before, [&](const Record& record) {
    if (!is_answered(record) || !is_page(*record.outcome.status)) return true;
    const auto found = pages.find(web::fingerprint(record.url));
    if (found != pages.end() && !found->second.known_now)
      visit({.what = PageChange::gone, .record = &record, .status_before = record.outcome.status});
    return true;
  });
}

}  // namespace trawl::service
