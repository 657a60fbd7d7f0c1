#pragma once
// SeenFilter: which URLs a job knows, as 64-bit fingerprints (web::fingerprint of the canonical
// URL). Exact over fingerprints; two URLs that share one are told apart no more: among a hundred
// million URLs one such pair is expected with a chance of 0.03 %. One thread.

#include <boost/unordered/unordered_flat_set.hpp>

#include <cstddef>
#include <cstdint>

namespace trawl::crawl {

class SeenFilter {
 public:
  // True if it was not there. Amortised O(1); doubling copies all; 10 to 21 bytes a URL.
  bool insert(std::uint64_t fingerprint) { return set_.insert(fingerprint).second; }
  bool contains(std::uint64_t fingerprint) const { return set_.contains(fingerprint); }
  std::size_t size() const { return set_.size(); }
  void reserve(std::size_t urls) { set_.reserve(urls); }
  std::size_t memory_bytes() const;

 private:
  // Fingerprints are hashes already. The tag keeps Boost from mixing them once more.
  struct Identity {
    using is_avalanching = void;
    std::size_t operator()(std::uint64_t fingerprint) const noexcept { return fingerprint; }
  };

  boost::unordered_flat_set<std::uint64_t, Identity> set_;
};

}  // namespace trawl::crawl
