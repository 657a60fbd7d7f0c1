#pragma once
// The table result_note: what few results have, so that the others don't carry columns for it.

#include "core/crawl/state/store.hpp"
#include "storage/sqlite/db.hpp"

namespace trawl::storage {

class ResultNotes {
 public:
  explicit ResultNotes(Db& db);

  // Inside the transaction that writes the outcome, which is final; takes the place of an earlier
  // note.
  void write(const crawl::UrlUpdate& update);
  // The same where there is none.
  void write_first(const crawl::UrlUpdate& update);

 private:
  Statement insert_;
  Statement delete_;
};

}  // namespace trawl::storage
