// Records are read with the storage's own reading connection; the archive is checked against them
// from the other side, record by record, so that neither can vouch for itself.
#include "tests/e2e/program.hpp"

#include "core/web/digest.hpp"
#include "storage/open.hpp"
#include "storage/sqlite/queries.hpp"
#include "storage/warc/reader.hpp"
#include "storage/warc/revisit.hpp"
#include "storage/warc/verify.hpp"

#include <fmt/format.h>

#include <fstream>
#include <utility>

namespace trawl::e2e {

namespace fs = std::filesystem;

Command trawl(Arguments arguments, Millis timeout) {
  arguments.insert(arguments.begin(), TRAWL_BINARY_DIR "/trawl");
  return {.args = std::move(arguments), .timeout = timeout};
}

Finished run_trawl(Arguments arguments, Millis timeout) {
  return support::run(trawl(std::move(arguments), timeout));
}

Arguments operator+(Arguments left, const Arguments& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

Arguments loopback(const fs::path& folder, Arguments more) {
  return Arguments{"-o",      folder.string(),
                   "--delay", "0",
                   "--set",   "politeness.adaptive=off",
                   "--set",   "politeness.per_host=8",
                   "--set",   "politeness.per_ip=off",
                   "--set",   "politeness.delay_max=200ms",
                   "--set",   "fetch.host_breaker=off",
                   "--set",   "limits.min_free_disk=off",
                   "--set",   R"(fetch.allow_private_networks=["127.0.0.0/8"])"} +
         more;
}

Records read_records(const fs::path& folder) {
  auto db = storage::open_results(folder);
  storage::RecordQuery query{db, {}};
  Records records;
  for (;;) {
    auto batch = query.next_batch(1000);
    if (batch.empty()) return records;
    for (auto& record : batch) {
      const std::string url = record.url;
      EXPECT_TRUE(records.emplace(url, std::move(record)).second) << "two records of " << url;
    }
  }
}

std::size_t count(const Records& records, crawl::UrlState state) {
  std::size_t number = 0;
  for (const auto& [url, record] : records) number += record.outcome.state == state ? 1 : 0;
  return number;
}

std::string error_of(const Records& records, const std::string& url) {
  const auto found = records.find(url);
  if (found == records.end()) return "no record";
  const auto& error = found->second.outcome.error;
  return error ? std::string{to_string(*error)} : std::string{};
}

std::string state_of(const Records& records, const std::string& url) {
  const auto found = records.find(url);
  return found == records.end() ? "no record" : std::string{to_string(found->second.outcome.state)};
}

namespace {

void expect_in_warc(const fs::path& folder, const crawl::Record& record) {
  const auto& place = *record.outcome.archive;
  auto reader = storage::WarcReader::open(folder / place.file);
  ASSERT_TRUE(reader) << reader.error().message();
  reader->seek(place.offset);
  const auto header = reader->next();
  ASSERT_TRUE(header) << header.error().message();
  ASSERT_TRUE(*header) << "no record at " << place.file << ':' << place.offset;
  EXPECT_EQ((*header)->header.target_uri, record.url);
  const bool revisit = (*header)->header.type == "revisit";
  if (!revisit) EXPECT_EQ((*header)->header.type, "response");
  const auto head = reader->read_http_head();
  ASSERT_TRUE(head) << head.error().message();
  if (revisit) {
    auto original = storage::find_original(folder / "warc", (*header)->header);
    ASSERT_TRUE(original) << original.error().message();
    reader = std::move(original->reader);
  }
  // The digest is of the decoded body, and what was kept of a coded one is not decoded here.
  if (head->contains("Content-Encoding:")) return;
  web::Hasher hasher{web::Hasher::Algorithm::sha256};
  for (;;) {
    const auto piece = reader->read();
    ASSERT_TRUE(piece) << piece.error().message();
    if (piece->empty()) break;
    hasher.update(*piece);
  }
  EXPECT_EQ("sha256:" + hasher.hex(), record.outcome.digest) << record.url;
  const auto end = reader->finish();
  ASSERT_TRUE(end) << end.error().message();
  if (!revisit) EXPECT_LE(end->length, place.length) << record.url;
}

void expect_file(const fs::path& folder, const crawl::Record& record) {
  const auto& place = *record.outcome.archive;
  std::ifstream file{folder / place.file, std::ios::binary};
  ASSERT_TRUE(file) << place.file;
  web::Hasher hasher{web::Hasher::Algorithm::sha256};
  std::string block(1 << 20, '\0');
  while (file.read(block.data(), static_cast<std::streamsize>(block.size())) || file.gcount() > 0)
    hasher.update(std::string_view{block}.substr(0, static_cast<std::size_t>(file.gcount())));
  EXPECT_EQ("sha256:" + hasher.hex(), record.outcome.digest) << record.url;
}

// Responses and revisits but for those of robots.txt, which no record is of.
std::size_t page_responses(const fs::path& file, const Records& records) {
  auto reader = storage::WarcReader::open(file);
  EXPECT_TRUE(reader) << file;
  std::size_t count = 0;
  while (reader) {
    const auto found = reader->next();
    EXPECT_TRUE(found) << file;
    if (!found || !*found) break;
    const auto& header = (*found)->header;
    if (header.type != "response" && header.type != "revisit") continue;
    const bool of_robots = header.target_uri.ends_with("/robots.txt");
    if (!of_robots || records.contains(header.target_uri)) ++count;
  }
  return count;
}

}  // namespace

void expect_archived(const fs::path& folder, const Records& records) {
  for (const auto& [url, record] : records) {
    if (!record.outcome.archive) continue;
    const bool warc = record.outcome.archive->file.starts_with("warc/");
    warc ? expect_in_warc(folder, record) : expect_file(folder, record);
  }
}

std::size_t expect_sound(const fs::path& folder) {
  auto db = storage::open_results(folder);
  auto check = db.prepare("pragma integrity_check");
  auto rows = check.query();
  EXPECT_TRUE(rows.next());
  EXPECT_EQ(rows.text(0), "ok");

  std::size_t archived = 0, in_warc = 0;
  const auto records = read_records(folder);
  expect_archived(folder, records);
  for (const auto& [url, record] : records) {
    if (!record.outcome.archive) continue;
    ++archived;
    in_warc += record.outcome.archive->file.starts_with("warc/") ? 1 : 0;
  }
  std::size_t responses = 0;
  if (fs::is_directory(folder / "warc")) {
    for (const auto& file : fs::directory_iterator{folder / "warc"}) {
      const auto summary = storage::verify_warc(file.path());
      EXPECT_TRUE(summary) << file.path();
      if (!summary) continue;
      EXPECT_EQ(summary->fault_count, 0U)
          << file.path() << ": "
          << (summary->faults.empty() ? std::string{} : summary->faults.front().what);
      responses += page_responses(file.path(), records);
    }
  }
  EXPECT_EQ(responses, in_warc) << "responses in the archive, and records that name one";
  EXPECT_TRUE(fs::is_empty(folder / "tmp"));
  return archived;
}

std::string page(std::string_view title, const std::vector<std::string>& links) {
  std::string text = fmt::format("<!DOCTYPE html><title>{}</title>\n", title);
  for (const auto& link : links) text += fmt::format("<a href=\"{}\">{}</a>\n", link, link);
  return text;
}

}  // namespace trawl::e2e
