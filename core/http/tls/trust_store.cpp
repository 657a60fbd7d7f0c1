// Contexts have references of their own, so a store that was replaced lives as long as a connection
// that began with it.
#include "core/http/tls/trust_store.hpp"

#include "core/http/tls/root_index.hpp"

#include <curl/curl.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <sys/stat.h>

#include <cstdint>
#include <map>
#include <utility>

namespace trawl::http {
namespace {

std::string system_bundle() {
  const curl_version_info_data* info = curl_version_info(CURLVERSION_NOW);
  return info->cainfo != nullptr ? info->cainfo : "";
}

}  // namespace

TrustStore& TrustStore::of(const std::string& file) {
  static std::mutex mutex;
  static std::map<std::string, TrustStore> stores;
  const std::string name = file.empty() ? system_bundle() : file;
  const std::lock_guard lock{mutex};
  return stores.try_emplace(name, name).first->second;
}

TrustStore::~TrustStore() {
  X509_STORE_free(store_);
}

bool TrustStore::give_to(SSL_CTX* context) {
  const std::lock_guard lock{mutex_};
  if (const Version now = version_now(); now != version_ || store_ == nullptr) {
    X509_STORE_free(std::exchange(store_, parse()));
    version_ = now;
  }
  if (store_ == nullptr) return false;
  SSL_CTX_set1_cert_store(context, store_);
  return true;
}

TrustStore::Version TrustStore::version_now() const {
  struct stat facts = {};
  if (::stat(file_.c_str(), &facts) != 0) return {.bytes = -2};
  return {.device = static_cast<std::int64_t>(facts.st_dev),
          .inode = static_cast<std::int64_t>(facts.st_ino),
          .bytes = facts.st_size,
          .changed_ns = facts.st_mtim.tv_sec * 1'000'000'000 + facts.st_mtim.tv_nsec};
}

// With the flags that libcurl sets: roots of ours come before those that a server sends along, and
// an intermediate certificate may be trusted without its root.
X509_STORE* TrustStore::parse() const {
  X509_STORE* store = X509_STORE_new();
  if (store == nullptr) return nullptr;
  if (auto index = RootIndex::read(file_)) {
    RootIndex::give_to(store, std::move(index));
  } else if (X509_STORE_load_file(store, file_.c_str()) != 1) {
    X509_STORE_free(store);
    return nullptr;
  }
  X509_STORE_set_flags(store, X509_V_FLAG_TRUSTED_FIRST | X509_V_FLAG_PARTIAL_CHAIN);
  return store;
}

}  // namespace trawl::http
