// "-host:port" removes, "+host:port:address,…" adds for a minute and replaces what was there. Lines
// take effect when their transfer starts; those of one that never did leave their entries to that
// minute.
#include "core/http/client/curl_entries.hpp"

#include <new>
#include <utility>

namespace trawl::http {
namespace {

void append(HeaderList& list, const std::string& line) {
  curl_slist* grown = curl_slist_append(list.get(), line.c_str());
  if (grown == nullptr) throw std::bad_alloc();
  if (!list) list.reset(grown);
}

}  // namespace

CurlEntries::Lease::Lease(Lease&& other) noexcept
    : entries_(std::exchange(other.entries_, nullptr)),
      key_(std::move(other.key_)),
      lines_(std::move(other.lines_)) {}

CurlEntries::Lease::~Lease() {
  if (entries_ != nullptr) entries_->release(key_);
}

CurlEntries::Lease CurlEntries::hold(std::string key, std::span<const IpAddress> addresses) {
  HeaderList lines;
  for (const std::string& old : std::exchange(stale_, {}))
    if (!users_.contains(old) && old != key) append(lines, "-" + old);
  std::string line = "+" + key;
  char separator = ':';
  for (const IpAddress& address : addresses) {
    line += std::exchange(separator, ',');
    line += address.is_v4() ? address.to_string() : '[' + address.to_string() + ']';
  }
  append(lines, line);
  ++users_[key];
  return {*this, std::move(key), std::move(lines)};
}

void CurlEntries::release(const std::string& key) {
  const auto users = users_.find(key);
  if (--users->second > 0) return;
  users_.erase(users);
  stale_.push_back(key);
}

}  // namespace trawl::http
