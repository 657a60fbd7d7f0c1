// Pages are read with pread instead of being mapped: what the kernel caches of them is then no
// memory of the process, and a disk that fails is an error instead of a signal. The filter is a
// split block Bloom filter: one cache line and eight bits for each entry.
#include "core/crawl/state/fingerprint_run.hpp"

#include "core/base/result.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

namespace trawl::crawl {
namespace {

constexpr std::size_t filter_bits_per_entry = 10;
constexpr std::size_t buffer_pages = 64;
constexpr std::array<std::uint32_t, 8> salts{0x47b6137bU, 0x44974d91U, 0x8824ad5bU, 0xa2b7289dU,
                                             0x705495c7U, 0x2df1424bU, 0x9efc4947U, 0x5c6bfb31U};

[[noreturn]] void raise(std::string_view what) {
  const int error = errno;
  const Errc code = error == ENOSPC || error == EDQUOT ? Errc::disk_full : Errc::io;
  throw Failure(code, fmt::format("{} what is known of URLs in tmp/: {}; check the disk", what,
                                  std::strerror(error)));
}

int open_nameless(const std::filesystem::path& folder) {
  std::error_code ignored;
  std::filesystem::create_directories(folder, ignored);
  int file = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (file >= 0) return file;
  // A file system that knows no O_TMPFILE.
  std::string name = (folder / "known-XXXXXX").string();
  file = ::mkostemp(name.data(), O_CLOEXEC);
  if (file < 0) raise("can't create a file for");
  ::unlink(name.c_str());
  return file;
}

std::uint32_t bit_of(std::uint64_t fingerprint, std::size_t word) {
  return 1U << ((static_cast<std::uint32_t>(fingerprint) * salts[word]) >> 27);
}

}  // namespace

FingerprintRun::FingerprintRun(int file, std::size_t words, std::size_t entries)
    : file_(file), words_(words) {
  assert(words >= 1 && words <= entry_words_max);
  filter_.resize(entries * filter_bits_per_entry / (8 * sizeof(FilterBlock)) + 1);
  first_of_page_.reserve(entries / page_entries() + 1);
}

FingerprintRun::~FingerprintRun() {
  ::close(file_);
}

FingerprintRun::FilterBlock& FingerprintRun::block_of(std::uint64_t fingerprint) {
  return filter_[((fingerprint >> 32) * filter_.size()) >> 32];
}

void FingerprintRun::add_to_filter(std::uint64_t fingerprint) {
  FilterBlock& block = block_of(fingerprint);
  for (std::size_t i = 0; i < block.size(); ++i) block[i] |= bit_of(fingerprint, i);
}

bool FingerprintRun::may_contain(std::uint64_t fingerprint) const {
  const FilterBlock& block = filter_[((fingerprint >> 32) * filter_.size()) >> 32];
  std::uint32_t missing = 0;
  for (std::size_t i = 0; i < block.size(); ++i) missing |= ~block[i] & bit_of(fingerprint, i);
  return missing == 0;
}

void FingerprintRun::read_page(std::size_t number, Page& page) const {
  auto* to = reinterpret_cast<char*>(page.data());
  const auto offset = static_cast<off_t>(number * page_bytes);
  for (std::size_t got = 0; got < page_bytes;) {
    const ssize_t bytes =
        ::pread(file_, to + got, page_bytes - got, offset + static_cast<off_t>(got));
    if (bytes < 0 && errno == EINTR) continue;
    if (bytes == 0) errno = EIO;
    if (bytes <= 0) raise("can't read");
    got += static_cast<std::size_t>(bytes);
  }
}

std::optional<FingerprintEntry> FingerprintRun::find(std::uint64_t fingerprint) const {
  if (size_ == 0 || !may_contain(fingerprint)) return std::nullopt;
  const auto after = std::ranges::upper_bound(first_of_page_, fingerprint);
  if (after == first_of_page_.begin()) return std::nullopt;
  const auto number = static_cast<std::size_t>(after - first_of_page_.begin()) - 1;
  Page page;
  read_page(number, page);
  std::size_t low = 0, high = std::min(page_entries(), size_ - number * page_entries());
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    page[middle * words_] < fingerprint ? low = middle + 1 : high = middle;
  }
  if (low == std::min(page_entries(), size_ - number * page_entries()) ||
      page[low * words_] != fingerprint)
    return std::nullopt;
  FingerprintEntry entry{};
  std::copy_n(&page[low * words_], words_, entry.begin());
  return entry;
}

std::size_t FingerprintRun::memory_bytes() const {
  return filter_.capacity() * sizeof(FilterBlock) +
         first_of_page_.capacity() * sizeof(std::uint64_t);
}

FingerprintRun::Writer::Writer(const std::filesystem::path& folder, std::size_t words,
                               std::size_t entries)
    : run_(new FingerprintRun(open_nameless(folder), words, entries)),
      buffer_(buffer_pages * page_bytes / sizeof(std::uint64_t)) {}

void FingerprintRun::Writer::append(const std::uint64_t* entry) {
  const std::size_t in_page = run_->size_ % run_->page_entries();
  constexpr std::size_t page_words = page_bytes / sizeof(std::uint64_t);
  if (in_page == 0) {
    filled_ = (filled_ + page_words - 1) / page_words * page_words;
    if (filled_ == buffer_.size()) flush();
    run_->first_of_page_.push_back(entry[0]);
  }
  std::copy_n(entry, run_->words_, &buffer_[filled_]);
  filled_ += run_->words_;
  ++run_->size_;
  run_->add_to_filter(entry[0]);
}

void FingerprintRun::Writer::flush() {
  constexpr std::size_t page_words = page_bytes / sizeof(std::uint64_t);
  const std::size_t bytes = (filled_ + page_words - 1) / page_words * page_bytes;
  const auto* from = reinterpret_cast<const char*>(buffer_.data());
  for (std::size_t put = 0; put < bytes;) {
    const ssize_t wrote =
        ::pwrite(run_->file_, from + put, bytes - put, static_cast<off_t>(written_bytes_ + put));
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) raise("can't write");
    put += static_cast<std::size_t>(wrote);
  }
  written_bytes_ += bytes;
  filled_ = 0;
}

std::shared_ptr<const FingerprintRun> FingerprintRun::Writer::finish() {
  flush();
  return std::exchange(run_, nullptr);
}

void FingerprintRun::Reader::next() {
  ++at_;
  place_ += run_.words_;
  if (at_ % run_.page_entries() == 0) fill();
}

void FingerprintRun::Reader::fill() {
  place_ = 0;
  if (at_ < run_.size_) run_.read_page(at_ / run_.page_entries(), page_);
}

}  // namespace trawl::crawl
