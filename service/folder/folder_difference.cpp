// Neither database has an index of its URLs; of the old one's pages what counts is held in memory,
// by the URL's fingerprint.
#include "service/folder/folder_difference.hpp"

#include "core/crawl/pages/refetch.hpp"
#include "core/web/digest.hpp"
#include "service/records/each_record.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstdint>
#include <string>

namespace trawl::service {
namespace {

using crawl::PageChange;
using crawl::Record;
using crawl::UrlState;

// What counts of an answer of the old crawl.
struct Answer {
  std::uint64_t content = 0;  // a fingerprint
  int status = 0;
  bool is_page = false;
  std::optional<PageChange> left = {};  // why the last attempt had left that answer, if it had
  bool known_now = false;
};

using Answers = boost::unordered_flat_map<std::uint64_t, Answer>;

bool is_answered(const Record& record) {
  return record.method == "GET" && record.outcome.status.has_value();
}

bool is_missing(int status) {
  return status == 404 || status == 410;
}

std::uint64_t content_of(const Record& record) {
  return web::fingerprint(record.outcome.digest + '\n' + record.outcome.redirect_to);
}

// Why the record has the answer of an earlier attempt, or none.
std::optional<PageChange> left_by(const crawl::Outcome& outcome) {
  if (outcome.state == UrlState::excluded) return PageChange::excluded;
  if (outcome.state == UrlState::failed || outcome.revisit == crawl::Revisit::kept)
    return PageChange::failed;
  return std::nullopt;
}

// Nothing: it is as it was, or not known yet.
std::optional<PageChange> change_of(const Record& record, const Answer* before) {
  const crawl::Outcome& now = record.outcome;
  if (now.state == UrlState::queued) return std::nullopt;
  if (const auto left = left_by(now))
    return before != nullptr && before->left != left ? left : std::nullopt;
  if (!now.status) return std::nullopt;
  if (before == nullptr) return PageChange::fresh;
  if (before->is_page && is_missing(*now.status)) return PageChange::gone;
  const bool same = before->status == *now.status && before->content == content_of(record);
  return same ? std::nullopt : std::optional{PageChange::changed};
}

}  // namespace

ComparedFolders compare_folders(storage::Db& before, storage::Db& now,
                                const std::function<void(const PageDifference&)>& visit) {
  Answers answers;
  ComparedFolders compared;
  each_record(before, [&answers](const Record& record) {
    if (is_answered(record))
      answers[web::fingerprint(record.url)] = {.content = content_of(record),
                                               .status = *record.outcome.status,
                                               .is_page = crawl::has_page(record.outcome),
                                               .left = left_by(record.outcome)};
    return true;
  });
  each_record(now, [&](const Record& record) {
    if (record.outcome.state == UrlState::queued) ++compared.queued;
    if (record.method != "GET") return true;
    const auto found = answers.find(web::fingerprint(record.url));
    Answer* const answer = found == answers.end() ? nullptr : &found->second;
    if (answer != nullptr) answer->known_now = true;
    if (const auto what = change_of(record, answer))
      visit({.what = *what,
             .record = &record,
             .status_before = answer != nullptr ? std::optional{answer->status} : std::nullopt,
             .live = crawl::is_live(record)});
    return true;
  });
  each_record(before, [&](const Record& record) {
    if (!is_answered(record)) return true;
    const auto found = answers.find(web::fingerprint(record.url));
    if (found != answers.end() && found->second.is_page && !found->second.known_now)
      visit({.what = PageChange::gone, .record = &record, .status_before = record.outcome.status});
    return true;
  });
  return compared;
}

}  // namespace trawl::service
