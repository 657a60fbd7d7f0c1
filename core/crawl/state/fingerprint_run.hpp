#pragma once
// FingerprintRun: an immutable sorted table of 64-bit fingerprints in a file, with a few words of
// payload each. In memory are a Bloom filter of 10 bits an entry and the first fingerprint of each
// page: of what is not in it 99 of 100 are told without a read, and everything else with one.
//
// The file has no name, so that it is gone with its owner, whatever ends him. Reads may run on
// several threads. Throws Failure{disk_full, io}.

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace trawl::crawl {

// A fingerprint, and behind it what belongs to it.
inline constexpr std::size_t entry_words_max = 3;
using FingerprintEntry = std::array<std::uint64_t, entry_words_max>;

class FingerprintRun {
 public:
  static constexpr std::size_t page_bytes = 4096;
  using Page = std::array<std::uint64_t, page_bytes / sizeof(std::uint64_t)>;

  // Writes a run of exactly `entries` entries, each of `words` words, in rising order.
  class Writer {
   public:
    Writer(const std::filesystem::path& folder, std::size_t words, std::size_t entries);
    void append(const std::uint64_t* entry);
    std::shared_ptr<const FingerprintRun> finish();

   private:
    void flush();
    std::shared_ptr<FingerprintRun> run_;
    std::vector<std::uint64_t> buffer_;  // whole pages
    std::size_t filled_ = 0;             // words of the buffer
    std::size_t written_bytes_ = 0;
  };

  // Reads a run from its first entry to its last.
  class Reader {
   public:
    explicit Reader(const FingerprintRun& run) : run_(run) { fill(); }
    const std::uint64_t* entry() const { return at_ < run_.size_ ? &page_[place_] : nullptr; }
    void next();

   private:
    void fill();
    const FingerprintRun& run_;
    Page page_;
    std::size_t at_ = 0;     // entries before this one
    std::size_t place_ = 0;  // words before it in the page
  };

  ~FingerprintRun();
  FingerprintRun(const FingerprintRun&) = delete;
  FingerprintRun& operator=(const FingerprintRun&) = delete;

  std::optional<FingerprintEntry> find(std::uint64_t fingerprint) const;

  std::size_t size() const { return size_; }
  std::size_t memory_bytes() const;
  std::size_t disk_bytes() const { return first_of_page_.size() * page_bytes; }

 private:
  using FilterBlock = std::array<std::uint32_t, 8>;

  FingerprintRun(int file, std::size_t words, std::size_t entries);
  std::size_t page_entries() const { return page_bytes / sizeof(std::uint64_t) / words_; }
  FilterBlock& block_of(std::uint64_t fingerprint);
  void add_to_filter(std::uint64_t fingerprint);
  bool may_contain(std::uint64_t fingerprint) const;
  void read_page(std::size_t number, Page& page) const;

  // Constant once it is written.
  int file_;
  std::size_t words_;
  std::size_t size_ = 0;
  std::vector<FilterBlock> filter_;
  std::vector<std::uint64_t> first_of_page_;
};

}  // namespace trawl::crawl
