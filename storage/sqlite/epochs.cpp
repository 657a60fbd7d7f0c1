// A few bytes for each run; random, because folders are copied.
#include "storage/sqlite/epochs.hpp"

#include <fmt/format.h>

#include <charconv>
#include <random>

namespace trawl::storage {
namespace {

constexpr std::int64_t epochs_kept_max = 10'000;
constexpr std::size_t epoch_digits = 8;

template <class Number>
std::optional<Number> read_number(std::string_view text, int base) {
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::string FeedCursor::text() const {
  return epoch == 0 ? fmt::format("{}", commit) : fmt::format("{}-{:08x}", commit, epoch);
}

std::optional<FeedCursor> FeedCursor::parse(std::string_view text) {
  const auto dash = text.find('-', 1);
  const auto commit = read_number<std::int64_t>(text.substr(0, dash), 10);
  if (!commit || *commit < 0) return std::nullopt;
  if (dash == text.npos) return FeedCursor{*commit, 0};
  const std::string_view digits = text.substr(dash + 1);
  const auto epoch = read_number<std::uint32_t>(digits, 16);
  if (!epoch || digits.size() != epoch_digits) return std::nullopt;
  return FeedCursor{*commit, *epoch};
}

void begin_epoch(Db& db, std::int64_t commit) {
  std::random_device random;
  std::uint32_t epoch = random();
  if (epoch == 0) epoch = 1;
  db.prepare("INSERT OR REPLACE INTO epoch VALUES(?1, ?2)").run(commit, epoch);
  db.prepare(
        "DELETE FROM epoch WHERE first_commit <= (SELECT first_commit FROM epoch ORDER BY "
        "first_commit DESC LIMIT 1 OFFSET ?1)")
      .run(epochs_kept_max);
}

FeedCursor cursor_at(Db& db, std::int64_t commit) {
  Statement statement = db.prepare(
      "SELECT epoch FROM epoch WHERE first_commit <= ?1 ORDER BY first_commit DESC LIMIT 1");
  Rows rows = statement.query(commit);
  return {commit, rows.next() ? static_cast<std::uint32_t>(rows.integer(0)) : 0U};
}

bool has_place(Db& db, const FeedCursor& cursor) {
  if (cursor.commit == 0) return true;
  if (cursor.commit > db.integer("SELECT commits FROM progress")) return false;
  const FeedCursor here = cursor_at(db, cursor.commit);
  const bool too_old =
      here.epoch == 0 && db.integer("SELECT count(*) FROM epoch") >= epochs_kept_max;
  return here == cursor || too_old;
}

}  // namespace trawl::storage
