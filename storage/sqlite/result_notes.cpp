// Nearly no result has a note, so most writes are of none: nothing then, or a look into a table
// that is small or empty where there may be an earlier one.
#include "storage/sqlite/result_notes.hpp"

namespace trawl::storage {

ResultNotes::ResultNotes(Db& db)
    : insert_(db.prepare("INSERT INTO result_note VALUES(?1,?2,?3,?4)")),
      delete_(db.prepare("DELETE FROM result_note WHERE host_id=?1 AND seq=?2")) {}

void ResultNotes::write(const crawl::UrlUpdate& update) {
  delete_.run(update.id.host, update.id.seq);
  write_first(update);
}

void ResultNotes::write_first(const crawl::UrlUpdate& update) {
  const crawl::Outcome& outcome = update.outcome;
  if (outcome.filename.empty() && outcome.revisit == crawl::Revisit::none) return;
  insert_.run(update.id.host, update.id.seq, NullIfEmpty{outcome.filename},
              static_cast<int>(outcome.revisit));
}

}  // namespace trawl::storage
