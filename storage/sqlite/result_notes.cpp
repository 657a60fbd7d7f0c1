// Nearly every update deletes nothing: a look into a table that is small or empty.
#include "storage/sqlite/result_notes.hpp"

namespace trawl::storage {

ResultNotes::ResultNotes(Db& db)
    : upsert_(db.prepare("INSERT OR REPLACE INTO result_note VALUES(?1,?2,?3,?4)")),
      delete_(db.prepare("DELETE FROM result_note WHERE host_id=?1 AND seq=?2")) {}

void ResultNotes::write(const crawl::UrlUpdate& update) {
  const crawl::Outcome& outcome = update.outcome;
  if (outcome.filename.empty() && outcome.revisit == crawl::Revisit::none)
    delete_.run(update.id.host, update.id.seq);
  else
    upsert_.run(update.id.host, update.id.seq, NullIfEmpty{outcome.filename},
                static_cast<int>(outcome.revisit));
}

}  // namespace trawl::storage
