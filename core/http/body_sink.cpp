// Bodies are most of the memory of a crawler: small ones stay where the parser wants them, large
// ones go to disk as they arrive, and a disk slower than the network pauses the transfer.
#include "core/http/body_sink.hpp"

#include "core/base/limits.hpp"

#include <unistd.h>

#include <algorithm>
#include <charconv>

namespace trawl::http {
namespace {

// What still fits under a bound.
std::string_view fitting(std::string_view bytes, std::uint64_t used, std::uint64_t bytes_max) {
  const std::uint64_t room = bytes_max - std::min(bytes_max, used);
  return bytes.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(room, bytes.size())));
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

SpoolSink::SpoolSink(coro::Worker& worker, Options options)
    : worker_(worker), options_(std::move(options)) {}

SpoolSink::~SpoolSink() {
  if (file_ && !taken_) ::unlink(options_.file.c_str());
}

void SpoolSink::begin(const Headers& headers) {
  const std::string_view coding = find_header(headers, "content-encoding");
  if (coding.empty() || coding == "identity") hasher_.emplace(web::Hasher::Algorithm::sha256);
  announced_bytes_ = announced_bytes(headers);
  buffer_.reserve(std::min<std::uint64_t>(announced_bytes_, options_.memory_bytes_max));
}

bool SpoolSink::wants_body() {
  truncated_ = announced_bytes_ > options_.bytes_max && !options_.part_is_wanted;
  return !truncated_;
}

BodySink::Accepted SpoolSink::accept(std::string_view bytes) {
  const bool to_file = bytes_ + bytes.size() > options_.memory_bytes_max;
  if (to_file && writing_bytes_ + buffer_.size() >= limits::sink_buffer_bytes_max)
    return Accepted::full;
  const auto taken = fitting(bytes, bytes_, options_.bytes_max);
  if (hasher_) hasher_->update(taken);
  buffer_.append(taken);
  bytes_ += taken.size();
  truncated_ = taken.size() < bytes.size();
  return truncated_ ? Accepted::stop : Accepted::taken;
}

bool SpoolSink::wants_flush() const {
  return bytes_ > options_.memory_bytes_max && buffer_.size() >= limits::sink_buffer_bytes_max / 2;
}

coro::Task<> SpoolSink::flush() {
  if (bytes_ > options_.memory_bytes_max) co_await write_buffer();
}

coro::Task<> SpoolSink::write_buffer() {
  if (!file_) {
    auto opening = coro::File::open(worker_, options_.file, coro::File::Mode::write);
    file_.emplace(co_await std::move(opening));
  }
  const std::string block = std::exchange(buffer_, {});
  writing_bytes_ = block.size();
  auto writing = file_->write(block);
  co_await std::move(writing);
  writing_bytes_ = 0;
}

coro::Task<std::filesystem::path> SpoolSink::take_file() {
  co_await write_buffer();
  co_await file_->close();
  taken_ = true;
  co_return options_.file;
}

std::string SpoolSink::sha256_hex() {
  return hasher_ ? hasher_->hex() : std::string{};
}

}  // namespace trawl::http
