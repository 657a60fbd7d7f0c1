#pragma once
// CurlEntries: the addresses that one multi handle of libcurl is given for names, as lines of
// CURLOPT_RESOLVE. libcurl keeps them in a cache that it walks through at the end of each transfer,
// for a minute; so an entry that no transfer needs any more is taken back with the next one's
// lines. Loop thread only; must outlive its leases.

#include "core/http/address/ip_address.hpp"
#include "core/http/client/curl_easy.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace trawl::http {

class CurlEntries {
 public:
  // A transfer's lines; held as long as the transfer lives.
  class Lease {
   public:
    Lease() = default;
    Lease(CurlEntries& entries, std::string key, HeaderList lines)
        : entries_(&entries), key_(std::move(key)), lines_(std::move(lines)) {}
    Lease(Lease&& other) noexcept;
    Lease& operator=(Lease&&) = delete;
    ~Lease();

    curl_slist* lines() const { return lines_.get(); }  // null when there is no name

   private:
    CurlEntries* entries_ = nullptr;
    std::string key_;
    HeaderList lines_;
  };

  // key: "host:port" as libcurl is going to look for it.
  Lease hold(std::string key, std::span<const IpAddress> addresses);

  std::size_t stale() const { return stale_.size(); }

 private:
  void release(const std::string& key);

  std::unordered_map<std::string, std::size_t> users_;
  std::vector<std::string> stale_;  // in libcurl's cache, without a user
};

}  // namespace trawl::http
