#pragma once
// FileArchive: every body in a file of its own, content-decoded, named after its URL.

#include "core/crawl/job/job.hpp"
#include "core/crawl/state/archive.hpp"
#include "storage/files/file_handle.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace trawl::storage {

struct FileOptions {
  std::filesystem::path output_dir;
  std::uint64_t decoded_bytes_max = UINT64_MAX;
  crawl::FileNames names = crawl::FileNames::portable;
  // Whether the record of another URL than this one names the file. Called on the writer thread,
  // for names that two URLs may have; without it only what is appended in one batch is told apart.
  std::function<bool(std::string_view file, std::string_view url)> is_anothers = {};
};

// Of folders in tmp/.
inline constexpr std::string_view replaced_prefix = "replaced-";

// append() writes to tmp/; sync() makes the batch durable and then gives the files their names, so
// a name never stands for half a body. Failures: append() leaves nothing behind, and the same
// Prepared may be appended again; after a Failure of sync() the exchanges since the last sync() are
// lost and must be fetched anew. A body that can't be decoded is kept as the server sent it.
//
// A file that a body takes the place of stays in tmp/replaced-N/ until the body's record is
// committed; N is this archive's mark. What a crash leaves there goes back if its N was not
// committed, so that a file is always the one that the record means.
class FileArchive final : public crawl::Archive {
 public:
  explicit FileArchive(FileOptions options);
  ~FileArchive() override;

  std::unique_ptr<crawl::Prepared> prepare(crawl::Exchange exchange) const override;
  bool has(const crawl::ArchivePosition& position) const override;
  // Empties tmp/ of all but parts of bodies.
  void recover(const std::vector<crawl::ArchiveMark>& marks) override;
  // offset 0, length the file's size.
  crawl::ArchivePosition append(crawl::Prepared& prepared) override;
  void sync() override;
  // A body that came in a file is gone then, or its state unknown.
  bool can_append_again() const override { return false; }
  std::vector<crawl::ArchiveMark> take_marks() override;
  void on_committed() override;

 private:
  struct Pending {
    std::filesystem::path temporary;
    std::string name;  // relative to the output folder
    std::string url;
    FileHandle file;  // open while the batch is small
  };

  void create_folders(const std::filesystem::path& folder);
  Pending create_temporary();
  std::string name_of(const std::string& named_by, const std::string& url) const;
  bool is_anothers(const std::string& name, const std::string& url) const;
  bool meets_others(const std::string& name) const;
  std::uint64_t write_body(Pending& pending, const crawl::Exchange& exchange, bool decode);
  void discard_pending();
  void make_durable();
  void publish();
  void set_aside();
  void put_back(const std::filesystem::path& replaced) const;

  // Constant after construction.
  const FileOptions options_;
  const std::filesystem::path temporary_folder_;

  // Writer thread only.
  FileHandle output_folder_;  // open from the start, so that syncfs reports every error since
  std::vector<Pending> pending_;
  std::set<std::filesystem::path> known_folders_;    // bounded cache
  std::set<std::filesystem::path> changed_folders_;  // got new entries since the last sync()
  std::uint64_t next_temporary_ = 0;
  std::uint64_t generation_ = 0;                // of the last batch that replaced files
  std::optional<std::filesystem::path> aside_;  // what it replaced, while it is not committed
};

}  // namespace trawl::storage
