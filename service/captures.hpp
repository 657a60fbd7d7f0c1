#pragma once
// All that a crawl's archive has of one URL: an answer for each time that it was fetched, where the
// database knows the last one alone.

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/crawl/record.hpp"
#include "storage/sqlite/db.hpp"

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trawl::service {

// A response, or the revisit in its place (WARC 1.1, 6.3 and 6.7).
struct Capture {
  std::string url;
  Wall at{};
  std::optional<int> status;
  std::string content_type;                 // without parameters; of a revisit's own head
  std::optional<std::uint64_t> bytes_kept;  // of the body, as received; absent in a revisit
  std::string digest;                       // of the payload, as the record names it
  bool truncated = false;
  bool revisit = false;
  std::string record_id;
  std::string refers_to;  // the id of the record that has a revisit's body
  crawl::ArchivePosition position;
};

// May be read by another thread while the search goes on.
struct SearchFigures {
  std::atomic<std::uint64_t> files = 0;    // begun
  std::atomic<std::uint64_t> records = 0;  // seen
  std::atomic<std::uint64_t> found = 0;
};

// By time. Reads all archive files that the database knows, as far as they are committed, in
// constant memory but for what is found; urls: any of them is the page. on_damage: of a record or a
// file that can't be read; the search goes on behind it. Throws Failure{io} for the database.
std::vector<Capture> find_captures(const std::filesystem::path& folder, storage::Db& db,
                                   const std::vector<std::string>& urls, SearchFigures& figures,
                                   const std::function<void(const Error&)>& on_damage);

enum class Change : std::uint8_t { first, same, changed };
std::string_view to_string(Change change);  // "new", "same", "changed"

// What each is to the one before: another payload, or not. What names no digest is another one.
std::vector<Change> changes_of(const std::vector<Capture>& captures);

// The last one at or before the time; null when there is none.
const Capture* capture_at(const std::vector<Capture>& captures, Wall time);

// As the crawl's record was then, for read_stored_body().
crawl::Record record_of(const Capture& capture);

// Where the body of a revisit is, when one of the captures has it: BodyForm::originals.
std::optional<crawl::ArchivePosition> original_of(const std::vector<Capture>& captures,
                                                  std::string_view record_id);

}  // namespace trawl::service
