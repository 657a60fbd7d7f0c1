// Each URL was found through one other, so what is found through the new seeds are trees. There is
// no index on that, since it would cost every URL something and is needed once in a job's life: it
// is made for the walk, which may be as deep as a site's pagination is long.
#include "storage/sqlite/new_seeds.hpp"

#include "core/web/digest.hpp"
#include "storage/sqlite/row.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace trawl::storage {
namespace {

using crawl::SeedRole;
using crawl::UrlId;

struct Found {
  UrlId id;
  const SeedRole* role;
  bool farther;   // than depth 0
  bool done;      // fetched or failed
  bool leads_on;  // its redirect was no seed's, or has failed by what led here
  bool left_out;  // by the scope, since it was fetched
  bool admits;    // it was a link, or is excluded

  bool is_named() const { return role->redirect_chain.empty(); }
};

// The states' numbers are those of `url`; the errors are crawl::is_refusal().
std::vector<Found> find_seeds(Db& db, const crawl::SeedRoles& roles) {
  Statement statement = db.prepare(
      "SELECT host_id, seq, url, depth > 0, state IN (1, 2), state = 3 AND error IN ('depth', "
      "'scope', 'trap'), error IN ('too_many_redirects', 'redirect_loop'), sitemap IS NULL AND "
      "redirect_chain IS NULL, sitemap IS NULL, state = 3 FROM url WHERE coalesce(sitemap, 0) = 0");
  Statement has_request = db.prepare("SELECT 1 FROM request WHERE host_id=?1 AND seq=?2");
  Statement answer = db.prepare(
      "SELECT redirect_to IS NOT NULL FROM result WHERE host_id=?1 AND seq=?2 AND left_out IS NOT "
      "2");
  std::vector<Found> seeds;
  Rows rows = statement.query();
  while (rows.next()) {
    const auto role = roles.find(web::fingerprint(rows.text(2)));
    if (role == roles.end()) continue;
    Found seed{.id = {rows.integer(0), rows.integer(1)},
               .role = &role->second,
               .farther = rows.integer(3) != 0,
               .done = rows.integer(4) != 0};
    const bool is_seed = !seed.farther && rows.integer(7) != 0;
    if (seed.is_named() && is_seed) continue;
    if (has_request.query(seed.id.host, seed.id.seq).next()) continue;
    Rows last = answer.query(seed.id.host, seed.id.seq);
    const bool answered = last.next();
    const bool redirects = answered && last.integer(0) != 0;
    const bool was_hop = !seed.farther && (is_seed || rows.integer(8) != 0);
    seed.left_out = answered && rows.integer(5) != 0;
    const bool refused = rows.integer(9) != 0 && !seed.left_out;  // and not asked for this
    seed.leads_on = !refused && (rows.integer(6) != 0 || (redirects && !was_hop));
    seed.admits = !was_hop || rows.integer(9) != 0;
    seeds.push_back(seed);
  }
  return seeds;
}

// What redirects is as far away as where it leads. Returns those that are at depth 0 now, and were
// fetched or failed.
std::vector<UrlId> bring_nearer(Db& db, const std::vector<Found>& seeds) {
  std::vector<UrlId> nearest;
  db.exec(
      "CREATE TEMP TABLE led(via_host INTEGER, via_seq INTEGER, host_id INTEGER, seq INTEGER, "
      "depth INTEGER, step INTEGER, PRIMARY KEY(via_host, via_seq, host_id, seq)) WITHOUT ROWID;"
      "CREATE TEMP TABLE nearer(host_id INTEGER, seq INTEGER, depth INTEGER, "
      "PRIMARY KEY(host_id, seq)) WITHOUT ROWID;"
      "INSERT INTO temp.led SELECT via_host, via_seq, host_id, seq, depth, redirect_chain IS NULL "
      "FROM url u WHERE via_host IS NOT NULL AND depth > 0 AND (redirect_chain IS NULL OR EXISTS("
      "SELECT 1 FROM result r WHERE r.host_id = u.via_host AND r.seq = u.via_seq AND "
      "r.redirect_to = u.url)) ORDER BY 1, 2, 3, 4;");
  {
    Statement add = db.prepare("INSERT INTO temp.nearer VALUES(?1, ?2, 0)");
    for (const Found& seed : seeds)
      if (seed.farther) add.run(seed.id.host, seed.id.seq);
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
  {
    Statement statement = db.prepare(
        "SELECT n.host_id, n.seq FROM temp.nearer n JOIN url u ON u.host_id = n.host_id AND u.seq "
        "= n.seq WHERE n.depth = 0 AND u.state IN (1, 2) AND NOT EXISTS (SELECT 1 FROM request q "
        "WHERE q.host_id = n.host_id AND q.seq = n.seq)");
    Rows rows = statement.query();
    while (rows.next()) nearest.push_back({rows.integer(0), rows.integer(1)});
  }
  db.exec("DROP TABLE temp.nearer; DROP TABLE temp.led");
  return nearest;
}

void write_roles(Db& db, const std::vector<Found>& seeds) {
  Statement statement = db.prepare(
      "UPDATE url SET depth=0, via_host=?3, via_seq=?4, redirect_chain=?5, sitemap=NULL, "
      "sitemap_lastmod=NULL, sitemap_changefreq=NULL WHERE host_id=?1 AND seq=?2");
  for (const Found& seed : seeds) {
    const auto& via = seed.role->via;
    statement.run(seed.id.host, seed.id.seq, via ? std::optional{via->host} : std::nullopt,
                  via ? std::optional{via->seq} : std::nullopt,
                  chain_to_blob(seed.role->redirect_chain));
  }
}

// Where they led as links says nothing of where they lead as seeds, and is asked now.
void forget_redirects(Db& db, const std::vector<Found>& seeds) {
  Statement forget = db.prepare("UPDATE result SET redirect_to=NULL WHERE host_id=?1 AND seq=?2");
  for (const Found& seed : seeds)
    if (seed.leads_on) forget.run(seed.id.host, seed.id.seq);
}

// Their own redirects are those of seeds now.
void keep_redirecting(Db& db, std::vector<UrlId>& ids) {
  Statement redirects =
      db.prepare("SELECT 1 FROM result WHERE host_id=?1 AND seq=?2 AND redirect_to IS NOT NULL");
  std::erase_if(ids, [&](UrlId id) { return !redirects.query(id.host, id.seq).next(); });
}

// Of those that are as near as seeds by now, the ones that are to be asked for whole. Where
// something was refused for its depth, their links count.
std::vector<UrlId> asked_again(Db& db, const std::vector<Found>& seeds,
                               std::vector<UrlId> nearest) {
  if (!nearest.empty() &&
      db.integer("SELECT EXISTS(SELECT 1 FROM url WHERE state = 3 AND error = 'depth')") == 0)
    keep_redirecting(db, nearest);
  for (const Found& seed : seeds)
    if (seed.done && (seed.leads_on || (seed.farther && seed.is_named())))
      nearest.push_back(seed.id);
  std::ranges::sort(nearest);
  nearest.erase(std::ranges::unique(nearest).begin(), nearest.end());
  return nearest;
}

// The scope asks for them when their turn comes, as what they are now.
std::vector<UrlId> queue_left_out(Db& db, const std::vector<Found>& seeds) {
  Statement queue =
      db.prepare("UPDATE url SET state=0, attempts=0, due_ms=0 WHERE host_id=?1 AND seq=?2");
  std::vector<UrlId> ids;
  for (const Found& seed : seeds) {
    if (!seed.left_out || seed.is_named()) continue;
    queue.run(seed.id.host, seed.id.seq);
    ids.push_back(seed.id);
  }
  return ids;
}

std::vector<crawl::QueuedUrl> queued_of(Db& db, std::span<const UrlId> ids) {
  Statement statement =
      db.prepare("SELECT url, redirect_chain FROM url WHERE host_id=?1 AND seq=?2");
  std::vector<crawl::QueuedUrl> urls;
  for (const UrlId id : ids) {
    Rows rows = statement.query(id.host, id.seq);
    if (!rows.next()) continue;
    urls.push_back({.id = id,
                    .url = std::string{rows.text(0)},
                    .redirect_chain = chain_from_blob(rows.blob(1)),
                    .fetched_before = true});
  }
  return urls;
}

}  // namespace

QueueStep make_seeds(Db& db, const crawl::SeedRoles& roles, crawl::MadeSeeds& made) {
  const std::vector<Found> seeds = find_seeds(db, roles);
  made.made = seeds.size();
  made.admit = std::ranges::any_of(seeds, &Found::admits);
  if (seeds.empty()) return {};
  write_roles(db, seeds);
  forget_redirects(db, seeds);
  const bool farther = std::ranges::any_of(seeds, &Found::farther);
  std::vector<UrlId> ids =
      asked_again(db, seeds, farther ? bring_nearer(db, seeds) : std::vector<UrlId>{});
  QueueStep step = queue_whole(db, ids);
  const std::vector<UrlId> left_out = queue_left_out(db, seeds);
  step.excluded += left_out.size();
  ids.insert(ids.end(), left_out.begin(), left_out.end());
  std::ranges::sort(ids);
  made.queued = queued_of(db, ids);
  return step;
}

}  // namespace trawl::storage
