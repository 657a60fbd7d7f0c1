// Least recently used, because what is fetched again and again (error pages, logos) is what pays.
#include "storage/warc/payload_table.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <charconv>
#include <new>
#include <utility>

namespace trawl::storage {

struct PayloadDigest::State {
  explicit State(std::optional<std::uint64_t> known) : second(known) {
    if (known) return;
    xxh3.reset(XXH3_createState());
    if (!xxh3) throw std::bad_alloc();
    XXH3_64bits_reset(xxh3.get());
  }
  struct Free {
    void operator()(XXH3_state_t* state) const { XXH3_freeState(state); }
  };
  web::Hasher sha1{web::Hasher::Algorithm::sha1};
  std::optional<std::uint64_t> second;
  std::unique_ptr<XXH3_state_t, Free> xxh3;  // when that is not known
  std::uint64_t bytes = 0;
};

std::optional<std::uint64_t> second_print(std::string_view sha256_hex) {
  std::uint64_t print = 0;
  const auto digits = sha256_hex.substr(0, 16);
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), print, 16);
  if (digits.size() < 16 || read.ec != std::errc{}) return std::nullopt;
  return print;
}

PayloadKey payload_key(std::string_view payload, std::optional<std::uint64_t> second) {
  return {web::sha1_base32(payload), payload.size(),
          second ? *second : XXH3_64bits(payload.data(), payload.size())};
}

PayloadDigest::PayloadDigest(std::optional<std::uint64_t> second)
    : state_(std::make_unique<State>(second)) {}
PayloadDigest::~PayloadDigest() = default;

void PayloadDigest::update(std::string_view piece) {
  state_->sha1.update(piece);
  if (!state_->second) XXH3_64bits_update(state_->xxh3.get(), piece.data(), piece.size());
  state_->bytes += piece.size();
}

PayloadKey PayloadDigest::finish() {
  return {state_->sha1.base32(), state_->bytes,
          state_->second ? *state_->second : XXH3_64bits_digest(state_->xxh3.get())};
}

// With what the allocator and the two containers need besides.
std::size_t PayloadTable::Entry::memory_bytes() const {
  return sizeof(Entry) + 128 + key.sha1.capacity() + payload.record_id.capacity() +
         payload.target_uri.capacity();
}

const ArchivedPayload* PayloadTable::find(const PayloadKey& key) {
  const auto found = index_.find(&key);
  if (found == index_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  return &found->second->payload;
}

void PayloadTable::insert(PayloadKey key, ArchivedPayload payload) {
  if (index_.contains(&key)) return;
  entries_.push_front({std::move(key), std::move(payload)});
  index_.emplace(&entries_.front().key, entries_.begin());
  memory_bytes_ += entries_.front().memory_bytes();
  while (memory_bytes_ > memory_bytes_max_) {
    memory_bytes_ -= entries_.back().memory_bytes();
    index_.erase(&entries_.back().key);
    entries_.pop_back();
  }
}

void PayloadTable::clear() {
  index_.clear();
  entries_.clear();
  memory_bytes_ = 0;
}

}  // namespace trawl::storage
