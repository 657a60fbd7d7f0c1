#pragma once
// What the database knows of a URL's answers that the archive lacks: those of runs whose
// output.bodies was not "warc", or that output.types left out.

#include "core/base/clock.hpp"
#include "core/crawl/state/record.hpp"
#include "service/records/captures.hpp"
#include "storage/sqlite/db.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace trawl::service {

struct ArchiveGaps {
  std::optional<crawl::Record> last;  // the URL's record, where its answer is not in the archive
  Wall since{};                       // when that answer became another than the one before
  std::uint64_t answers = 0;          // that the archive lacks, the last one among them
  std::uint64_t changes = 0;          // of them, as far as the archive shows: to another page
};

// record: of the URL; captures: all that the archive has of it, by the same method.
ArchiveGaps gaps_of(storage::Db& db, const std::optional<crawl::Record>& record,
                    const std::vector<Capture>& captures);

// Whether the record's answer is another one than this of the archive, and came after it. Null:
// there is none.
bool has_later(const ArchiveGaps& gaps, const Capture* capture);

// How many answers of which the body is nowhere may have come behind this one of the archive, and
// before the next.
std::uint64_t lost_behind(const ArchiveGaps& gaps, const std::vector<Capture>& captures,
                          const Capture& capture);

}  // namespace trawl::service
