#pragma once
// WarcArchive: bodies in WARC 1.1 files, a member a record. What a record holds and why is in
// docs/archives.md.

#include "core/base/clock.hpp"
#include "core/crawl/job/job.hpp"
#include "core/crawl/state/archive.hpp"
#include "storage/files/file_handle.hpp"
#include "storage/warc/records.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace trawl::storage {

struct WarcOptions {
  std::filesystem::path output_dir;
  std::string job_name;
  std::uint64_t warc_size_bytes = 1ULL << 30;  // a file that has reached it is followed by another
  crawl::WarcCompression compression = crawl::WarcCompression::gzip;
  crawl::WarcLevel level = crawl::WarcLevel::fast;
  bool dedup = true;  // a payload that was kept before becomes a revisit record
  std::size_t dedup_memory_bytes_max = 32 << 20;
  bool dictionary = true;  // zstd: trained on the run's first file, which then ends
  std::uint64_t dictionary_after_bytes = 2 << 20;  // of that file
  // For the warcinfo record; empty ones are left out, and those of `info` come before the others'
  // defaults: an operator before the contact, isPartOf before the job's name.
  http::Headers info;
  std::string software;
  std::string user_agent;
  std::string contact;
  std::string robots;  // "obey" or "ignore"
};

// Failures: append() leaves the file as it was, and the same Prepared may be appended again. After
// a Failure of sync() what was appended since the last sync() is lost and must be appended anew;
// the file that could not be synced is never written to again, nor is one that a write failed on
// with Errc::io. So a disk that fails once costs a file of the archive that ends early.
class WarcArchive final : public crawl::Archive {
 public:
  WarcArchive(WarcOptions options, Clock& clock);
  ~WarcArchive() override;

  std::string block_head(const http::Response& response, std::uint64_t body_bytes) const override;
  std::unique_ptr<crawl::Prepared> prepare(crawl::Exchange exchange) const override;
  bool has(const crawl::ArchivePosition& position) const override;
  void recover(const std::vector<crawl::ArchiveMark>& marks) override;
  crawl::ArchivePosition append(crawl::Prepared& prepared) override;
  void sync() override;
  std::vector<crawl::ArchiveMark> take_marks() override;
  void on_committed() override;
  void abandon_batch() override;

 private:
  // A file being written. Bytes up to synced are durable and never touched again.
  struct Output {
    std::string name;  // relative to the output folder
    FileHandle file;
    std::uint64_t size = 0;
    std::uint64_t synced = 0;
    bool folder_synced = false;
  };

  Output& writable_output();
  void end_current();
  std::unique_ptr<Output> create_output();
  std::filesystem::path note_of(const std::string& name) const;
  void remove_output(const std::string& name);
  bool remove_note(const std::string& name);
  void remove_uncommitted(const std::set<std::string>& committed);
  std::string warcinfo_record(const std::string& file_name) const;
  RecordFormat format() const;
  void consider_dictionary();
  bool may_be_shared(const PreparedRecords& records) const;
  std::string revisit_instead(const PreparedRecords& records);
  const ArchivedPayload* kept_before(const PreparedRecords& records);
  crawl::ArchivePosition write_response(const PreparedRecords& records);
  crawl::ArchivePosition write_not_modified(const PreparedRecords& records);
  crawl::ArchivePosition write_revisit(const PreparedRecords& records, std::string_view revisit);
  using PieceOutput = std::function<void(std::span<const std::string_view>)>;
  crawl::ArchivePosition write(const std::function<std::uint64_t(const PieceOutput&)>& produce);
  void sync_all();
  void forget_unsynced();
  void give_up(Output& output);
  void sync_output(Output& output);
  void cut(std::uint64_t bytes);

  // Constant after construction.
  const WarcOptions options_;
  const std::filesystem::path folder_;  // output_dir/warc
  Clock& clock_;

  mutable std::mutex mutex_;
  std::shared_ptr<const ZstdDictionary> dictionary_;  // of current_; guarded by mutex_

  // Writer thread only.
  bool dictionary_considered_ = false;
  std::unique_ptr<Output> current_;
  std::vector<std::unique_ptr<Output>> full_;  // rotated away, not yet synced
  std::vector<crawl::ArchiveMark> marks_;
  std::set<std::string> uncommitted_;         // files that have a note beside them which says so
  std::vector<std::string> being_committed_;  // of these; their marks were taken
  bool said_note_stays_ = false;
  // Only of records that are committed with or before whatever refers to them.
  PayloadTable payloads_;
  std::uint64_t next_serial_ = 0;
};

}  // namespace trawl::storage
