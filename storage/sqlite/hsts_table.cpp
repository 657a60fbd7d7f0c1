// What has run out stays until the next run's first transaction: a row that nobody reads costs less
// than a timer.
#include "storage/sqlite/hsts_table.hpp"

#include <string>
#include <string_view>

namespace trawl::storage {

HstsTable::HstsTable(Db& db)
    : upsert_(db.prepare("INSERT OR REPLACE INTO hsts(host, expires_ms, include_subdomains) "
                         "VALUES(?1,?2,?3)")),
      delete_(db.prepare("DELETE FROM hsts WHERE host=?1")) {}

void HstsTable::write(const std::vector<web::HstsChange>& changes) {
  for (const auto& [entry, removed] : changes) {
    const std::string_view host = entry.host;
    if (removed)
      delete_.run(host);
    else
      upsert_.run(host, entry.expires.time_since_epoch().count(), entry.include_subdomains);
  }
}

std::vector<web::HstsHost> read_hsts(Db& db) {
  std::vector<web::HstsHost> hosts;
  Statement statement =
      db.prepare("SELECT host, expires_ms, include_subdomains FROM hsts ORDER BY host");
  Rows rows = statement.query();
  while (rows.next())
    hosts.push_back(
        {std::string{rows.text(0)}, Wall{Millis{rows.integer(1)}}, rows.integer(2) != 0});
  return hosts;
}

}  // namespace trawl::storage
