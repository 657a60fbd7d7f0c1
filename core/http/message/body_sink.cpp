// Bodies are most of the memory of a crawler: small ones stay where the parser wants them, large
// ones go to disk as they arrive, and a disk slower than the network pauses the transfer. Their
// files are open while they are written to and no longer, so that ten thousand of them cost no
// descriptors.
#include "core/http/message/body_sink.hpp"

#include <curl/curl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

namespace trawl::http {
namespace {

constexpr std::size_t block_bytes = CURL_MAX_WRITE_SIZE;  // the most that comes at once

// What still fits under a bound.
std::string_view fitting(std::string_view bytes, std::uint64_t used, std::uint64_t bytes_max) {
  const std::uint64_t room = bytes_max - std::min(bytes_max, used);
  return bytes.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(room, bytes.size())));
}

// Not yet in the file, with what is being written: what a body in memory may be, since that was
// there before the file, and some more to go on with. A fetch is counted with little else.
std::size_t unwritten_bytes_max(std::size_t memory_bytes_max) {
  return memory_bytes_max + SpoolSink::beyond_memory_bytes_max - block_bytes;
}

std::size_t flush_bytes(std::size_t memory_bytes_max) {
  return unwritten_bytes_max(memory_bytes_max) / 2;
}

std::uint64_t announced_bytes(const Headers& headers) {
  const std::string_view text = find_header(headers, "content-length");
  std::uint64_t bytes = 0;
  std::from_chars(text.data(), text.data() + text.size(), bytes);
  return bytes;
}

}  // namespace

BodySink::Accepted DiscardSink::accept(std::string_view bytes) {
  const auto taken = fitting(bytes, bytes_, bytes_max_);
  bytes_ += taken.size();
  return taken.size() == bytes.size() ? Accepted::taken : Accepted::stop;
}

BodySink::Accepted MemorySink::accept(std::string_view bytes) {
  const auto taken = fitting(bytes, body_.size(), bytes_max_);
  body_.append(taken);
  return taken.size() == bytes.size() ? Accepted::taken : Accepted::stop;
}

SpoolSink::SpoolSink(coro::Worker& worker, Options options, std::optional<Part> part)
    : worker_(worker), options_(std::move(options)), part_(std::move(part)) {}

SpoolSink::~SpoolSink() {
  if (in_file_ && !taken_ && !spared_) ::unlink(options_.file.c_str());
}

void SpoolSink::begin(int status, const Headers& headers) {
  const auto verdict = options_.on_head ? options_.on_head(status, headers) : Continuation::other;
  if (part_ || verdict == Continuation::refused) continuation_ = verdict;
  if (continuation_ == Continuation::append) {
    options_.file = part_->file;
    bytes_ = part_->bytes;
    const std::uint64_t rest = announced_bytes(headers);
    written_ = {.bytes = bytes_, .kept = bytes_, .expected = rest > 0 ? bytes_ + rest : 0};
    hasher_.emplace(std::move(*part_->hasher));
    spared_ = true;
    return;
  }
  coded_ = !content_coding(headers).empty();
  if (!coded_) hasher_.emplace(web::Hasher::Algorithm::sha256);
  announced_bytes_ = written_.expected = announced_bytes(headers);
  unwanted_ = options_.is_wanted && !options_.is_wanted(status, headers);
  if (unwanted_) return;
  buffer_.reserve(std::min<std::uint64_t>(announced_bytes_, options_.memory_bytes_max));
}

bool SpoolSink::wants_body() {
  if (continuation_ == Continuation::refused) return false;
  if (unwanted_) return announced_bytes_ <= unwanted_bytes_max;
  truncated_ = announced_bytes_ > options_.bytes_max && !options_.part_is_wanted;
  return !truncated_;
}

BodySink::Accepted SpoolSink::accept(std::string_view bytes) {
  if (continuation_ == Continuation::refused) return Accepted::stop;
  if (unwanted_) {
    forgotten_bytes_ += bytes.size();
    return forgotten_bytes_ > unwanted_bytes_max ? Accepted::stop : Accepted::taken;
  }
  const auto taken = fitting(bytes, bytes_, options_.bytes_max);
  const bool to_file = bytes_ + taken.size() > options_.memory_bytes_max;
  if (to_file && writing_bytes_ + buffer_.size() >= unwritten_bytes_max(options_.memory_bytes_max))
    return Accepted::full;
  make_room(taken.size(), to_file);
  buffer_.append(taken);
  bytes_ += taken.size();
  truncated_ = taken.size() < bytes.size();
  return truncated_ ? Accepted::stop : Accepted::taken;
}

// A string that grows by itself, by reserve() too, takes up to twice of what it holds; what it may
// take at most is what a fetch is counted with.
void SpoolSink::make_room(std::size_t bytes, bool to_file) {
  const std::size_t needed = buffer_.size() + bytes;
  if (needed <= buffer_.capacity()) return;
  std::size_t wanted = std::min(2 * needed, options_.memory_bytes_max);
  if (to_file) {
    // The second time all that it may ever hold: bytes may come one at a time.
    wanted = flush_bytes(options_.memory_bytes_max) + block_bytes;
    if (needed > wanted) wanted = unwritten_bytes_max(options_.memory_bytes_max) + block_bytes;
  }
  std::string larger;
  larger.reserve(std::max(needed, wanted));
  larger.append(buffer_);
  buffer_.swap(larger);
}

bool SpoolSink::wants_flush() const {
  return bytes_ > options_.memory_bytes_max &&
         buffer_.size() >= flush_bytes(options_.memory_bytes_max);
}

coro::Task<> SpoolSink::flush() {
  if (bytes_ > options_.memory_bytes_max && !buffer_.empty()) co_await write_buffer();
  if (!options_.on_paused) co_return;
  options_.on_paused({.bytes = bytes_, .kept = written_.kept, .expected = written_.expected});
}

coro::Task<> SpoolSink::write_buffer() {
  const bool extends = in_file_ || continuation_ == Continuation::append;
  in_file_ = true;
  std::string block = std::exchange(buffer_, {});
  writing_bytes_ = block.size();
  if (hasher_ && !block.empty()) {
    // On the worker, so that the loop has a core for the network.
    auto hashing = worker_.run([&] { hasher_->update(block); });
    co_await std::move(hashing);
  }
  auto writing = coro::write_to(
      worker_, options_.file, extends ? coro::File::Mode::extend : coro::File::Mode::write, block);
  co_await std::move(writing);
  written_.bytes += std::exchange(writing_bytes_, 0);
  if (options_.on_written && options_.on_written(written_)) spared_ = true;
}

coro::Task<std::string> SpoolSink::take_file() {
  if (taken_) co_return options_.file;
  co_await write_buffer();
  taken_ = true;
  co_return options_.file;
}

const std::string& SpoolSink::sha256_hex() {
  if (!sha256_.empty() || !hasher_) return sha256_;
  if (!in_file_) hasher_->update(buffer_);
  return sha256_ = hasher_->hex();
}

const std::string& SpoolSink::known_sha256() {
  return in_file_ ? sha256_hex() : sha256_;
}

}  // namespace trawl::http
