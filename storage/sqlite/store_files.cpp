// Which URL a file is of. Only jobs whose files may meet ask (output.names = "server", now or
// before), so the index is made when the first of them does: all others are spared what it costs
// each commit.
#include "storage/sqlite/store.hpp"

namespace trawl::storage {
namespace {

// A body in a file of its own begins at 0, a page in a WARC file never does: those of a folder that
// has both stay out of it.
constexpr const char* result_file_index =
    "CREATE INDEX IF NOT EXISTS result_file ON result(archive_id) WHERE archive_offset = 0";

}  // namespace

bool SqliteStore::is_anothers_file(std::string_view file, std::string_view url) {
  return guarded([&] {
    const auto id = files_.find(file);
    if (!id) return false;
    if (!select_of_file_) {
      db_.exec(result_file_index);
      select_of_file_ = db_.prepare(
          "SELECT u.url FROM result r INDEXED BY result_file JOIN url u ON u.host_id = r.host_id "
          "AND u.seq = r.seq WHERE r.archive_id = ?1 AND r.archive_offset = 0");
    }
    Rows rows = select_of_file_->query(*id);
    while (rows.next())
      if (rows.text(0) != url) return true;
    return false;
  });
}

}  // namespace trawl::storage
