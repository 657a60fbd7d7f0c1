// The place that a round has reached is kept with each piece, so that one that was killed goes on
// where it was and queues nothing twice.
#include "storage/sqlite/requeue.hpp"

#include "core/crawl/hosts/retry.hpp"
#include "core/crawl/pages/refetch.hpp"
#include "storage/sqlite/row.hpp"

#include <fmt/format.h>

#include <charconv>
#include <limits>
#include <string>
#include <string_view>

namespace trawl::storage {
namespace {

using crawl::UrlId;

constexpr auto key = std::string_view{crawl::requeue_cursor_key};

// What a round is of, behind its place; of all, nothing.
constexpr std::string_view suffix_of(crawl::Again which) {
  if (which == crawl::Again::failed) return " failed";
  if (which == crawl::Again::left_out) return " left_out";
  if (which == crawl::Again::cut) return " cut";
  return which == crawl::Again::passing ? " passing" : "";
}

struct Round {
  UrlId after;
  crawl::Again which;
};

// "HOST SEQ" or "HOST SEQ failed" and the like of one that is under way; anything else is the
// beginning of one.
Round round_at(Db& db, crawl::Again which) {
  Statement statement = db.prepare("SELECT value FROM meta WHERE key=?1");
  Rows rows = statement.query(key);
  Round round{.which = which};
  if (!rows.next()) return round;
  std::string_view text = rows.text(0);
  if (text.empty()) return round;
  round.which = crawl::Again::all;
  for (const auto part :
       {crawl::Again::failed, crawl::Again::passing, crawl::Again::left_out, crawl::Again::cut})
    if (text.ends_with(suffix_of(part))) round.which = part;
  // All is more than what was begun.
  if (which == crawl::Again::all && round.which != which) return {.which = which};
  text.remove_suffix(suffix_of(round.which).size());
  const auto space = text.find(' ');
  if (space == text.npos) return round;
  std::from_chars(text.data(), text.data() + space, round.after.host);
  std::from_chars(text.data() + space + 1, text.data() + text.size(), round.after.seq);
  return round;
}

// Whoever lists a POST wants it sent once.
constexpr std::string_view is_asking =
    "NOT EXISTS (SELECT 1 FROM request q WHERE q.host_id = url.host_id AND q.seq = url.seq AND "
    "q.method NOT IN ('GET', 'HEAD'))";

constexpr std::string_view is_plain =
    "NOT EXISTS (SELECT 1 FROM request q WHERE q.host_id = url.host_id AND q.seq = url.seq)";

// Those that RetryPolicy tries again: a server that is overloaded or away. "408,425,…"
std::string passing_statuses() {
  std::string list;
  for (int status = 400; status < 600; ++status)
    if (crawl::retry_class(status) == crawl::RetryClass::transient)
      list += (list.empty() ? "" : ",") + std::to_string(status);
  return list;
}

// The states' numbers are those of `url`; the errors are crawl::may_pass().
std::string wanted_of(crawl::Again which) {
  constexpr std::string_view passing =
      "(state = 3 AND error IN ('robots', 'private_address', 'limit'))";
  if (which == crawl::Again::failed)
    return fmt::format(
        "(state = 2 OR (state = 1 AND error = 'unavailable') OR (state = 1 AND EXISTS (SELECT 1 "
        "FROM result r WHERE r.host_id = url.host_id AND r.seq = url.seq AND r.status IN ({})) "
        "AND {}))",
        passing_statuses(), is_asking);
  if (which == crawl::Again::passing) return std::string{passing};
  if (which == crawl::Again::left_out)
    return "state = 3 AND error IN ('depth', 'scope', 'trap') AND EXISTS (SELECT 1 FROM result r "
           "WHERE r.left_out IS NOT 2 AND r.host_id = url.host_id AND r.seq = url.seq)";
  if (which == crawl::Again::cut)
    return fmt::format(
        "state = 1 AND (EXISTS (SELECT 1 FROM result r WHERE r.host_id = url.host_id AND "
        "r.seq = url.seq AND r.truncated = 1 AND r.note LIKE '%max_body%') OR "
        "(error = 'body_truncated' AND error_detail LIKE '%{}%')) AND {}",
        crawl::over_max_body, is_asking);
  return fmt::format("(state IN (1, 2) OR {})", passing);
}

}  // namespace

UrlId last_of(Db& db, UrlId after, std::size_t max_urls) {
  Statement statement = db.prepare(
      "SELECT host_id, seq FROM url WHERE (host_id, seq) > (?1, ?2) ORDER BY host_id, seq "
      "LIMIT 1 OFFSET ?3");
  Rows rows = statement.query(after.host, after.seq, max_urls - 1);
  constexpr auto end = std::numeric_limits<std::int64_t>::max();
  return rows.next() ? UrlId{rows.integer(0), rows.integer(1)} : UrlId{end, end};
}

QueueStep requeue(Db& db, crawl::Again which, std::size_t max_urls) {
  const Round round = round_at(db, which);
  const UrlId after = round.after, last = last_of(db, after, max_urls);
  const std::string piece = fmt::format(
      "(host_id, seq) > (?1, ?2) AND (host_id, seq) <= (?3, ?4) AND {}", wanted_of(round.which));
  QueueStep step;
  {
    Statement count =
        db.prepare(fmt::format("SELECT state, count(*) FROM url WHERE {} GROUP BY state", piece));
    Rows rows = count.query(after.host, after.seq, last.host, last.seq);
    while (rows.next()) {
      const std::int64_t state = rows.integer(0);
      (state == 1   ? step.fetched
       : state == 2 ? step.failed
                    : step.excluded) = static_cast<std::uint64_t>(rows.integer(1));
    }
  }
  Statement update =
      db.prepare(fmt::format("UPDATE url SET state=0, attempts=0, due_ms=0 WHERE {}", piece));
  update.run(after.host, after.seq, last.host, last.seq);
  step.more = last.seq != std::numeric_limits<std::int64_t>::max();
  const std::string place =
      step.more ? fmt::format("{} {}{}", last.host, last.seq, suffix_of(round.which))
                : std::string{};
  Statement keep = db.prepare("INSERT OR REPLACE INTO meta VALUES(?1,?2)");
  keep.run(key, std::string_view{place});
  return step;
}

std::vector<crawl::QueuedUrl> requeue_left_out(Db& db, UrlId after, std::size_t max_urls) {
  std::vector<crawl::QueuedUrl> urls;
  {
    Statement statement = db.prepare(fmt::format(
        "SELECT host_id, seq, url, depth, redirect_chain, sitemap FROM url WHERE (host_id, seq) > "
        "(?1, ?2) AND {} AND {} ORDER BY host_id, seq LIMIT ?3",
        wanted_of(crawl::Again::left_out), is_plain));
    Rows rows = statement.query(after.host, after.seq, max_urls);
    while (rows.next())
      urls.push_back(
          {.id = {rows.integer(0), rows.integer(1)},
           .url = std::string{rows.text(2)},
           .depth = static_cast<int>(rows.integer(3)),
           .redirect_chain = chain_from_blob(rows.blob(4)),
           .sitemap = rows.null(5) ? crawl::SitemapRole{} : static_cast<int>(rows.integer(5)),
           .fetched_before = true});
  }
  Statement queue =
      db.prepare("UPDATE url SET state=0, attempts=0, due_ms=0 WHERE host_id=?1 AND seq=?2");
  for (const crawl::QueuedUrl& url : urls) queue.run(url.id.host, url.id.seq);
  return urls;
}

QueueStep queue_whole(Db& db, std::span<const UrlId> ids, bool forgotten) {
  Statement state_of = db.prepare(fmt::format(
      "SELECT state, error IS 'forgotten' FROM url WHERE host_id=?1 AND seq=?2 AND {}", is_asking));
  Statement queue = db.prepare(
      "UPDATE url SET state=0, attempts=0, due_ms=0, error=nullif(error, 'forgotten') WHERE "
      "host_id=?1 AND seq=?2");
  Statement forget =
      db.prepare("UPDATE result SET etag=NULL, last_modified=NULL WHERE host_id=?1 AND seq=?2");
  QueueStep step;
  for (const UrlId id : ids) {
    std::int64_t state = 0;
    bool is_forgotten = false;
    {
      Rows rows = state_of.query(id.host, id.seq);
      if (!rows.next()) continue;
      state = rows.integer(0);
      is_forgotten = rows.integer(1) != 0;
    }
    forget.run(id.host, id.seq);
    if (state != 1 && state != 2 && !(forgotten && is_forgotten)) continue;
    ++(state == 1 ? step.fetched : state == 2 ? step.failed : step.excluded);
    queue.run(id.host, id.seq);
  }
  return step;
}

std::optional<UrlId> each_outlink(Db& db, UrlId after, std::size_t max_urls,
                                  const std::function<void(UrlId, std::string_view)>& visit) {
  Statement statement = db.prepare(fmt::format(
      "SELECT r.host_id, r.seq, u.url FROM result r JOIN url u ON u.host_id = r.host_id AND u.seq "
      "= r.seq WHERE (r.host_id, r.seq) > (?1, ?2) AND ',' || r.note || ',' LIKE '%,{},%' ORDER "
      "BY r.host_id, r.seq LIMIT ?3",
      crawl::outlink_note));
  Rows rows = statement.query(after.host, after.seq, max_urls);
  std::optional<UrlId> last;
  while (rows.next()) {
    last = UrlId{rows.integer(0), rows.integer(1)};
    visit(*last, rows.text(2));
  }
  return last;
}

// The errors are crawl::is_refusal(); what has a result was asked for in an earlier round.
std::vector<crawl::RefusedUrl> refusals(Db& db, UrlId after, std::size_t max_urls) {
  Statement statement = db.prepare(
      "SELECT u.host_id, u.seq, u.url, u.depth, u.via_host, u.via_seq, u.redirect_chain, "
      "u.sitemap, u.sitemap_lastmod, u.sitemap_changefreq, h.key, "
      "(SELECT v.url FROM url v WHERE v.host_id = u.via_host AND v.seq = u.via_seq) FROM url u "
      "JOIN host h ON h.id = u.host_id WHERE (u.host_id, u.seq) > (?1, ?2) AND u.state = 3 AND "
      "u.error IN "
      "('depth', 'scope', 'trap') AND NOT EXISTS (SELECT 1 FROM result r WHERE "
      "r.left_out IS NOT 2 AND r.host_id = u.host_id AND r.seq = u.seq) ORDER BY u.host_id, u.seq "
      "LIMIT ?3");
  Rows rows = statement.query(after.host, after.seq, max_urls);
  std::vector<crawl::RefusedUrl> urls;
  while (rows.next()) {
    crawl::NewUrl url{.url = std::string{rows.text(2)},
                      .host = std::string{rows.text(10)},
                      .depth = static_cast<int>(rows.integer(3)),
                      .redirect_chain = chain_from_blob(rows.blob(6)),
                      .replaces = UrlId{rows.integer(0), rows.integer(1)},
                      .sitemap_lastmod = std::string{rows.text(8)},
                      .changefreq = std::string{rows.text(9)}};
    if (!rows.null(4)) url.via = UrlId{rows.integer(4), rows.integer(5)};
    if (!rows.null(7)) url.sitemap = static_cast<int>(rows.integer(7));
    urls.push_back({std::move(url), std::string{rows.text(11)}});
  }
  return urls;
}

}  // namespace trawl::storage
