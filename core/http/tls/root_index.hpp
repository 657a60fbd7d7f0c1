#pragma once
// RootIndex: the certificates of a PEM file by the names of their subjects, each parsed when a
// chain asks for it. Of a bundle's 150 roots a crawl needs a few, and OpenSSL 3.0 takes 0.2 ms for
// the key of each.

#include <openssl/types.h>
#include <openssl/x509.h>

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace trawl::http {

class RootIndex {
 public:
  // Absent when the file can't be read, or holds something that only OpenSSL's own reader judges:
  // no certificate, one whose subject is not to be found, certificates with trust settings of their
  // own, revocations.
  static std::unique_ptr<RootIndex> read(const std::string& file);

  // The store asks the index, and has it from now on.
  static void give_to(X509_STORE* store, std::unique_ptr<RootIndex> index);

  std::size_t unparsed() const;

 private:
  RootIndex() = default;
  bool add(std::string der);
  void bring(X509_STORE* store, const X509_NAME* subject);
  static RootIndex* of(X509_STORE* store);
  static int get_issuer(X509** issuer, X509_STORE_CTX* context, X509* certificate);
  static STACK_OF(X509) * certificates_of(X509_STORE_CTX* context, const X509_NAME* subject);

  mutable std::mutex mutex_;
  // DER by X509_NAME_hash_ex() of the subject; guarded by mutex_. What was brought to the store is
  // gone from here.
  std::unordered_multimap<unsigned long, std::string> certificates_;
};

}  // namespace trawl::http
