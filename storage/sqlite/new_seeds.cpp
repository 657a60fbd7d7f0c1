// Each URL was found through one other, so what is found through the new seeds are trees. There is
// no index on that, since it would cost every URL something and is needed once in a job's life: it
// is made for the walk, which may be as deep as a site's pagination is long.
#include "storage/sqlite/new_seeds.hpp"

#include "core/web/digest.hpp"

#include <vector>

namespace trawl::storage {
namespace {

using crawl::UrlId;

struct NewSeeds {
  std::vector<UrlId> all;
  std::vector<UrlId> farther;  // that were
};

NewSeeds find_seeds(Db& db, const std::function<bool(std::uint64_t)>& is_seed) {
  Statement statement = db.prepare(
      "SELECT host_id, seq, url, depth FROM url WHERE (depth > 0 OR sitemap = 0 OR redirect_chain "
      "IS NOT NULL) AND coalesce(sitemap, 0) = 0");
  Statement has_request = db.prepare("SELECT 1 FROM request WHERE host_id=?1 AND seq=?2");
  NewSeeds seeds;
  Rows rows = statement.query();
  while (rows.next()) {
    if (!is_seed(web::fingerprint(rows.text(2)))) continue;
    const UrlId id{rows.integer(0), rows.integer(1)};
    if (has_request.query(id.host, id.seq).next()) continue;
    seeds.all.push_back(id);
    if (rows.integer(3) > 0) seeds.farther.push_back(id);
  }
  return seeds;
}

// What redirected is as far away as where it led.
void bring_nearer(Db& db, const std::vector<UrlId>& seeds) {
  db.exec(
      "CREATE TEMP TABLE led(via_host INTEGER, via_seq INTEGER, host_id INTEGER, seq INTEGER, "
      "depth INTEGER, step INTEGER, PRIMARY KEY(via_host, via_seq, host_id, seq)) WITHOUT ROWID;"
      "CREATE TEMP TABLE nearer(host_id INTEGER, seq INTEGER, depth INTEGER, "
      "PRIMARY KEY(host_id, seq)) WITHOUT ROWID;"
      "INSERT INTO temp.led SELECT via_host, via_seq, host_id, seq, depth, redirect_chain IS NULL "
      "FROM url WHERE via_host IS NOT NULL AND depth > 0 ORDER BY 1, 2, 3, 4;");
  {
    Statement add = db.prepare("INSERT INTO temp.nearer VALUES(?1, ?2, 0)");
    for (const UrlId id : seeds) add.run(id.host, id.seq);
    db.prepare(
          "INSERT INTO temp.nearer WITH RECURSIVE found(host_id, seq, depth) AS (SELECT host_id, "
          "seq, depth FROM temp.nearer UNION ALL SELECT l.host_id, l.seq, f.depth + l.step FROM "
          "found f CROSS JOIN temp.led l ON l.via_host = f.host_id AND l.via_seq = f.seq WHERE "
          "l.depth > f.depth + l.step) SELECT host_id, seq, depth FROM found WHERE (host_id, seq) "
          "NOT IN (SELECT host_id, seq FROM temp.nearer)")
        .run();
    db.prepare(
          "UPDATE url SET depth = n.depth FROM temp.nearer n WHERE n.host_id = url.host_id AND "
          "n.seq = url.seq")
        .run();
  }
  db.exec("DROP TABLE temp.nearer; DROP TABLE temp.led");
}

}  // namespace

QueueStep make_seeds(Db& db, const std::function<bool(std::uint64_t)>& is_seed) {
  const NewSeeds seeds = find_seeds(db, is_seed);
  if (seeds.all.empty()) return {};
  {
    Statement statement = db.prepare(
        "UPDATE url SET depth=0, via_host=NULL, via_seq=NULL, redirect_chain=NULL, sitemap=NULL, "
        "sitemap_lastmod=NULL, sitemap_changefreq=NULL WHERE host_id=?1 AND seq=?2");
    for (const UrlId id : seeds.all) statement.run(id.host, id.seq);
  }
  if (seeds.farther.empty()) return {};
  bring_nearer(db, seeds.farther);
  return queue_whole(db, seeds.farther);
}

}  // namespace trawl::storage
