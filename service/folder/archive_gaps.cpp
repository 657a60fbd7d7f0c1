// Neither side dates all answers: the archive knows its own, the database the first, the last
// change and how many there were. So what can be told of the others is their number.
#include "service/folder/archive_gaps.hpp"

#include "core/crawl/pages/refetch.hpp"
#include "storage/sqlite/history_table.hpp"

#include <algorithm>
#include <chrono>

namespace trawl::service {
namespace {

// The archive has when a request was sent, the database when its answer had been read.
constexpr Millis one_fetch = std::chrono::minutes{1};

std::uint64_t difference(std::uint64_t all, std::uint64_t some) {
  return all > some ? all - some : 0;
}

}  // namespace

ArchiveGaps gaps_of(storage::Db& db, const std::optional<crawl::Record>& record,
                    const std::vector<Capture>& captures) {
  ArchiveGaps gaps;
  // What a mirror served may be kept under the names of several.
  if (!record || !record->outcome.fetched_at || !record->outcome.served_by.empty()) return gaps;
  const auto history = storage::stored_history(db, record->id);
  if (!history) return gaps;
  const auto changed = std::ranges::count(changes_of(captures), crawl::PageChange::changed);
  gaps.answers = difference(history->fetches, captures.size());
  gaps.changes = difference(history->changes, static_cast<std::uint64_t>(changed));
  const auto& archive = record->outcome.archive;
  if (crawl::has_answer(record->outcome) && (!archive || !archive->file.starts_with("warc/"))) {
    gaps.last = record;
    gaps.since = history->last_changed;
  }
  return gaps;
}

bool has_later(const ArchiveGaps& gaps, const Capture* capture) {
  if (!gaps.last) return false;
  if (capture == nullptr) return true;
  if (capture->at >= gaps.since) return false;
  return gaps.changes > 0 || gaps.since - capture->at > one_fetch;
}

std::uint64_t lost_behind(const ArchiveGaps& gaps, const std::vector<Capture>& captures,
                          const Capture& capture) {
  const bool later = has_later(gaps, &capture);
  if (&capture == &captures.back() && !later) return 0;  // it is the record's
  const std::uint64_t known = later ? 1 : 0;
  return gaps.changes > known ? difference(gaps.answers, known) : 0;
}

}  // namespace trawl::service
