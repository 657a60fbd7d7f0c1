#pragma once
// An output folder with a few records of each kind, made by the store and the archive themselves.

#include "core/crawl/state/archive.hpp"
#include "core/crawl/state/store.hpp"
#include "storage/files/writer.hpp"
#include "storage/sqlite/queries.hpp"
#include "storage/sqlite/schema.hpp"
#include "storage/sqlite/store.hpp"
#include "storage/warc/writer.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/scratch_folder.hpp"

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace trawl::test {

// What a server said, for the archive.
struct SmallAnswer {
  int status = 200;
  std::string location = {};
  std::string method = "GET";
  std::string truncated = {};                            // WARC-Truncated
  std::optional<crawl::ArchivePosition> unchanged = {};  // where the page is that a 304 is of
};

// What a record says of an answer with this body.
inline crawl::Outcome answer_of(std::string digest, int status = 200) {
  return {.status = status, .digest = std::move(digest)};
}

class SmallCrawl {
 public:
  std::string folder() const { return folder_.path().string(); }

  crawl::UrlId admit(const std::string& url, const std::string& host,
                     std::optional<Errc> excluded = {}) {
    crawl::NewUrl added{.url = url, .host = host};
    added.excluded = excluded;
    return ids_[url] = store_.apply({.admitted = {added}}).front();
  }
  void admit_many(const std::string& host, int count) {
    crawl::StoreBatch batch;
    for (int i = 0; i < count; ++i)
      batch.admitted.push_back({.url = "http://" + host + "/" + std::to_string(i), .host = host});
    store_.apply(batch);
  }
  void end(crawl::UrlId id, crawl::Outcome outcome) {
    store_.apply({.updates = {{.id = id, .outcome = std::move(outcome)}}});
  }

  std::vector<crawl::UrlId> apply(const crawl::StoreBatch& batch) { return store_.apply(batch); }
  // The job that made the crawl, as JobRun leaves it.
  void settings(const std::string& toml) { store_.apply({.meta = {{"job.settings", toml}}}); }

  // A record with its body in a WARC file; body is as the server sent it.
  void fetch(const std::string& url, const std::string& host, const std::string& fields,
             const std::string& body, crawl::Outcome outcome = {}) {
    outcome.archive = keep(warc_, url, fields, body);
    end(admit(url, host), fetched(std::move(outcome)));
  }
  // The same for a URL that the page of another refers to.
  void fetch_from(const std::string& via, const std::string& url, const std::string& host,
                  const std::string& body, crawl::Outcome outcome = {}) {
    crawl::NewUrl added{.url = url, .host = host, .depth = 1, .via = ids_.at(via)};
    ids_[url] = store_.apply({.admitted = {added}}).front();
    outcome.archive = keep(warc_, url, "", body);
    end(ids_[url], fetched(std::move(outcome)));
  }
  void fetch_to_file(const std::string& url, const std::string& host, const std::string& body,
                     crawl::Outcome outcome = {}) {
    outcome.archive = keep(files_, url, "", body);
    end(admit(url, host), fetched(std::move(outcome)));
  }

  // An answer in the WARC file alone, committed, and half a minute after the one before; the
  // database's record of the URL, if any, is as it was.
  crawl::ArchivePosition capture(const std::string& url, const std::string& fields,
                                 const std::string& body, const SmallAnswer& answer = {}) {
    clock_.advance(Millis{30'000});
    auto position = keep(warc_, url, fields, body, answer);
    store_.apply(
        {.marks = {{.file = position.file,
                    .bytes = std::filesystem::file_size(folder_.path() / position.file)}}});
    return position;
  }

  crawl::UrlId id(const std::string& url) const { return ids_.at(url); }
  // The record of url says that its body is where that of other is.
  void move(const std::string& url, const std::string& host, const std::string& other) {
    auto db = storage::open_for_reading(folder_.path() / "crawl.db");
    auto record = storage::find_record(db, other, host);
    end(ids_.at(url), fetched({.archive = record->outcome.archive}));
  }
  // Changes a byte in the middle of the stored record of a URL.
  void damage_warc(const std::string& url, const std::string& host) {
    auto db = storage::open_for_reading(folder_.path() / "crawl.db");
    const auto at = *storage::find_record(db, url, host)->outcome.archive;
    std::fstream file{folder_.path() / at.file, std::ios::in | std::ios::out | std::ios::binary};
    file.seekp(static_cast<std::streamoff>(at.offset));
    file.write("damage", 6);
  }

  static crawl::Outcome fetched(crawl::Outcome outcome = {}) {
    outcome.state = crawl::UrlState::fetched;
    if (!outcome.status) outcome.status = 200;
    if (!outcome.fetched_at) outcome.fetched_at = Wall{Millis{1'769'903'998'123}};
    return outcome;
  }

 private:
  crawl::ArchivePosition keep(crawl::Archive& archive, const std::string& url,
                              const std::string& fields, const std::string& body,
                              const SmallAnswer& answer = {}) {
    crawl::Exchange exchange{.url = url, .body = body, .body_bytes = body.size()};
    exchange.truncated = answer.truncated;
    exchange.unchanged = answer.unchanged;
    if (answer.method != "GET") {
      exchange.method = answer.method;
      exchange.variant = "0123456789abcdef";
    }
    exchange.response.status = answer.status;
    exchange.response.started = clock_.wall();
    const std::string location =
        answer.location.empty() ? "" : "Location: " + answer.location + "\r\n";
    exchange.response.response_head =
        "HTTP/1.1 " + std::to_string(answer.status) + " OK\r\n" + fields + location + "\r\n";
    exchange.response.request_head = answer.method + " / HTTP/1.1\r\nHost: x\r\n\r\n";
    const auto prepared = archive.prepare(std::move(exchange));
    auto position = archive.append(*prepared);
    archive.sync();
    static_cast<void>(archive.take_marks());
    archive.on_committed();
    return position;
  }

  std::map<std::string, crawl::UrlId> ids_;
  ScratchFolder folder_;
  support::ManualClock clock_;
  storage::SqliteStore store_{folder_.path() / "crawl.db"};
  storage::WarcArchive warc_{{.output_dir = folder_.path(), .job_name = "small"}, clock_};
  storage::FileArchive files_{{.output_dir = folder_.path()}};
};

}  // namespace trawl::test
