// The subject is found without the rest, since most of a certificate's parsing is its key's.
#include "core/http/tls/root_index.hpp"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <optional>
#include <string_view>
#include <utility>

namespace trawl::http {
namespace {

struct Free {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(X509_NAME* name) const { X509_NAME_free(name); }
};

// A walk over DER, element by element (X.690 8.1).
class Der {
 public:
  explicit Der(std::string_view bytes)
      : at_(reinterpret_cast<const unsigned char*>(bytes.data())), end_(at_ + bytes.size()) {}

  // The element at hand, if it is one of that tag and whole.
  struct Element {
    const unsigned char* begin = nullptr;
    const unsigned char* contents = nullptr;
    const unsigned char* end = nullptr;
  };
  std::optional<Element> look(int tag, int tag_class = V_ASN1_UNIVERSAL) const {
    const unsigned char* contents = at_;
    long bytes = 0;
    int tag_here = 0, class_here = 0;
    if (at_ == end_) return std::nullopt;
    const int flags = ASN1_get_object(&contents, &bytes, &tag_here, &class_here, end_ - at_);
    constexpr int failed = 0x80, indefinite = 0x01;
    if ((flags & (failed | indefinite)) != 0 || tag_here != tag || class_here != tag_class)
      return std::nullopt;
    return Element{at_, contents, contents + bytes};
  }
  bool enter(int tag) {
    const auto element = look(tag);
    if (element) at_ = element->contents;
    return element.has_value();
  }
  bool pass(int tag, int tag_class = V_ASN1_UNIVERSAL) {
    const auto element = look(tag, tag_class);
    if (element) at_ = element->end;
    return element.has_value();
  }

 private:
  const unsigned char* at_;
  const unsigned char* end_;
};

// RFC 5280 4.1: version, serial number, algorithm, issuer and validity come before the subject.
std::unique_ptr<X509_NAME, Free> subject_of(std::string_view certificate) {
  Der der{certificate};
  if (!der.enter(V_ASN1_SEQUENCE) || !der.enter(V_ASN1_SEQUENCE)) return nullptr;
  der.pass(0, V_ASN1_CONTEXT_SPECIFIC);
  if (!der.pass(V_ASN1_INTEGER)) return nullptr;
  for (int i = 0; i < 3; ++i)
    if (!der.pass(V_ASN1_SEQUENCE)) return nullptr;
  const auto subject = der.look(V_ASN1_SEQUENCE);
  if (!subject) return nullptr;
  const unsigned char* at = subject->begin;
  return std::unique_ptr<X509_NAME, Free>{d2i_X509_NAME(nullptr, &at, subject->end - at)};
}

std::optional<unsigned long> key_of(const X509_NAME* name) {
  int done = 0;
  const unsigned long hash = X509_NAME_hash_ex(name, nullptr, nullptr, &done);
  return done == 1 ? std::optional{hash} : std::nullopt;
}

// The next block of a PEM file, and its name.
struct Block {
  std::string name, bytes;
};
std::optional<Block> next_block(BIO* file) {
  char *name = nullptr, *header = nullptr;
  unsigned char* data = nullptr;
  long bytes = 0;
  if (PEM_read_bio(file, &name, &header, &data, &bytes) != 1) return std::nullopt;
  Block block{name, {reinterpret_cast<const char*>(data), static_cast<std::size_t>(bytes)}};
  OPENSSL_free(name);
  OPENSSL_free(header);
  OPENSSL_free(data);
  return block;
}

void free_index(void*, void* index, CRYPTO_EX_DATA*, int, long, void*) {
  delete static_cast<RootIndex*>(index);
}

int place_in_store() {
  static const int place =
      CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_X509_STORE, 0, nullptr, nullptr, nullptr, free_index);
  return place;
}

}  // namespace

std::unique_ptr<RootIndex> RootIndex::read(const std::string& file) {
  const std::unique_ptr<BIO, Free> bio{BIO_new_file(file.c_str(), "r")};
  if (!bio) return nullptr;
  std::unique_ptr<RootIndex> index{new RootIndex};
  while (auto block = next_block(bio.get())) {
    const bool plain = block->name == PEM_STRING_X509 || block->name == PEM_STRING_X509_OLD;
    if (!plain || !index->add(std::move(block->bytes))) return nullptr;
  }
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  if (!at_end || index->certificates_.empty()) return nullptr;
  ERR_clear_error();
  return index;
}

bool RootIndex::add(std::string der) {
  const auto subject = subject_of(der);
  const auto key = subject ? key_of(subject.get()) : std::nullopt;
  if (key) certificates_.emplace(*key, std::move(der));
  return key.has_value();
}

void RootIndex::give_to(X509_STORE* store, std::unique_ptr<RootIndex> index) {
  if (X509_STORE_set_ex_data(store, place_in_store(), index.get()) != 1) return;
  static_cast<void>(index.release());
  X509_STORE_set_get_issuer(store, get_issuer);
  X509_STORE_set_lookup_certs(store, certificates_of);
}

RootIndex* RootIndex::of(X509_STORE* store) {
  return static_cast<RootIndex*>(X509_STORE_get_ex_data(store, place_in_store()));
}

int RootIndex::get_issuer(X509** issuer, X509_STORE_CTX* context, X509* certificate) {
  X509_STORE* store = X509_STORE_CTX_get0_store(context);
  of(store)->bring(store, X509_get_issuer_name(certificate));
  return X509_STORE_CTX_get1_issuer(issuer, context, certificate);
}

STACK_OF(X509) * RootIndex::certificates_of(X509_STORE_CTX* context, const X509_NAME* subject) {
  X509_STORE* store = X509_STORE_CTX_get0_store(context);
  of(store)->bring(store, subject);
  return X509_STORE_CTX_get1_certs(context, subject);
}

// Others wait for it: they may want the same.
void RootIndex::bring(X509_STORE* store, const X509_NAME* subject) {
  const std::lock_guard lock{mutex_};
  const auto key = certificates_.empty() ? std::nullopt : key_of(subject);
  if (!key) return;
  const auto [first, last] = certificates_.equal_range(*key);
  for (auto it = first; it != last; ++it) {
    const auto* at = reinterpret_cast<const unsigned char*>(it->second.data());
    const std::unique_ptr<X509, Free> certificate{
        d2i_X509(nullptr, &at, static_cast<long>(it->second.size()))};
    if (certificate) X509_STORE_add_cert(store, certificate.get());
  }
  certificates_.erase(first, last);
}

std::size_t RootIndex::unparsed() const {
  const std::lock_guard lock{mutex_};
  return certificates_.size();
}

}  // namespace trawl::http
