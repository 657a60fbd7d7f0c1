#pragma once
// TrustStore: the certificates of a file, read once for all connections of the process. libcurl
// keeps what it parsed for each of its multi handles; a session has many, and Debian's bundle takes
// 26 ms and 2 MB each time. Each certificate is parsed when it is needed (RootIndex).

#include <openssl/types.h>

#include <cstdint>
#include <mutex>
#include <string>
#include <utility>

namespace trawl::http {

class TrustStore {
 public:
  // The one of a PEM file; empty: the system's bundle, as libcurl was built with it. For the life
  // of the process.
  static TrustStore& of(const std::string& file);

  explicit TrustStore(std::string file) : file_(std::move(file)) {}
  ~TrustStore();
  TrustStore(const TrustStore&) = delete;
  TrustStore& operator=(const TrustStore&) = delete;

  // Trusts what the file holds now, which is read anew when it has changed. False when it can't be
  // read or holds no certificate; OpenSSL's errors say why. Any thread.
  bool give_to(SSL_CTX* context);

 private:
  struct Version {
    std::int64_t device = 0, inode = 0, bytes = -1, changed_ns = 0;
    bool operator==(const Version&) const = default;
  };
  Version version_now() const;
  X509_STORE* parse() const;

  const std::string file_;
  std::mutex mutex_;
  Version version_;              // guarded by mutex_
  X509_STORE* store_ = nullptr;  // guarded by mutex_; contexts have references of their own
};

}  // namespace trawl::http
