// Texts are kept byte by byte, whatever charset a server wrote them in.
#include "storage/sqlite/cookie_table.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace trawl::storage {

CookieTable::CookieTable(Db& db)
    : upsert_(db.prepare("INSERT OR REPLACE INTO cookie(domain, path, name, host_only, value, "
                         "expires_ms, secure, http_only, creation) "
                         "VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9)")),
      delete_(db.prepare(
          "DELETE FROM cookie WHERE domain=?1 AND path=?2 AND name=?3 AND host_only=?4")) {}

void CookieTable::write(const std::vector<web::CookieChange>& changes) {
  for (const auto& [cookie, removed] : changes) {
    const std::string_view domain = cookie.domain, path = cookie.path, name = cookie.name;
    if (removed) {
      delete_.run(domain, path, name, cookie.host_only);
      continue;
    }
    const auto expires_ms =
        cookie.expires ? std::optional{cookie.expires->time_since_epoch().count()} : std::nullopt;
    upsert_.run(domain, path, name, cookie.host_only, std::string_view{cookie.value}, expires_ms,
                cookie.secure, cookie.http_only, cookie.order);
  }
}

std::vector<web::Cookie> read_cookies(Db& db) {
  std::vector<web::Cookie> cookies;
  Statement statement = db.prepare(
      "SELECT name, value, domain, path, expires_ms, host_only, secure, http_only, creation "
      "FROM cookie ORDER BY creation, domain, path, name");
  Rows rows = statement.query();
  while (rows.next()) {
    const auto expires_ms = rows.optional_integer(4);
    cookies.push_back(
        {.name = std::string{rows.text(0)},
         .value = std::string{rows.text(1)},
         .domain = std::string{rows.text(2)},
         .path = std::string{rows.text(3)},
         .expires = expires_ms ? std::optional{Wall{Millis{*expires_ms}}} : std::nullopt,
         .host_only = rows.integer(5) != 0,
         .secure = rows.integer(6) != 0,
         .http_only = rows.integer(7) != 0,
         .order = static_cast<std::uint64_t>(rows.integer(8))});
  }
  return cookies;
}

}  // namespace trawl::storage
