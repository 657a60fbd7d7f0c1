#pragma once
// All that a crawl's archive has of one URL: an answer for each time that it was fetched, where the
// database knows the last one alone.

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/crawl/pages/page_change.hpp"
#include "core/crawl/state/record.hpp"
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
  std::string method;  // of the request that is kept beside it; empty: none is
  Wall at{};
  std::optional<int> status;
  std::string content_type;                 // without parameters; of a revisit's own head
  std::optional<std::uint64_t> bytes_kept;  // of the body, as received; absent in a revisit
  std::string digest;                       // of the payload, as the record names it
  std::string redirect_to;                  // absolute, of a redirect; as sent when it is no URL
  bool truncated = false;
  bool revisit = false;       // the body is that of another record
  bool not_modified = false;  // because the server said so
  std::string record_id;
  std::string refers_to;  // the id of the record that has a revisit's body
  std::size_t file = 0;   // of the archive, in the order in which they were made
  crawl::ArchivePosition position;
};

// May be read by another thread while the search goes on.
struct SearchFigures {
  std::atomic<std::uint64_t> files = 0;    // begun
  std::atomic<std::uint64_t> records = 0;  // seen
  std::atomic<std::uint64_t> found = 0;
};

// By time. Reads all archive files that the database knows, as far as they are committed, in
// constant memory but for what is found. urls: forms of one page's URL, the likest first; of
// several that the archive has, the first counts. on_damage: of a record or a file that can't be
// read; the search goes on behind it. Throws Failure{io} for the database.
std::vector<Capture> find_captures(const std::filesystem::path& folder, storage::Db& db,
                                   const std::vector<std::string>& urls, SearchFigures& figures,
                                   const std::function<void(const Error&)>& on_damage);

// What each is to the one before: new, changed (another status, body as it was sent, or redirect),
// or nothing for the same.
std::vector<std::optional<crawl::PageChange>> changes_of(const std::vector<Capture>& captures);

// Those by this method; empty: those by GET, or all where there are none.
std::vector<Capture> by_method(std::vector<Capture> captures, std::string_view method);

// No part, nothing cut; a 304 only where it stands for the page.
bool is_whole(const Capture& capture);

// The last one at or before the time; a whole answer, where there is one (no part, nothing cut).
// Null when there is none at all.
const Capture* capture_at(const std::vector<Capture>& captures, Wall time);

// As the crawl's record was then, for read_stored_body().
crawl::Record record_of(const Capture& capture);

// Where the body of a revisit is, when one of the captures has it: BodyForm::originals.
std::optional<crawl::ArchivePosition> original_of(const std::vector<Capture>& captures,
                                                  std::string_view record_id);

}  // namespace trawl::service
