// By OpenSSL's library: no process for each key, and dates in the past, which its program refuses.
#include "tests/support/certificates.hpp"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <random>
#include <stdexcept>

namespace trawl::support {
namespace {

template <auto Free>
struct Deleter {
  void operator()(auto* object) const { Free(object); }
};
using Key = std::unique_ptr<EVP_PKEY, Deleter<&EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Deleter<&X509_free>>;
using Stream = std::unique_ptr<BIO, Deleter<&BIO_free_all>>;

constexpr long day_s = 24 * 60 * 60;

Key make_key() {
  Key key{EVP_EC_gen("P-256")};
  if (!key) throw std::runtime_error("OpenSSL made no key");
  return key;
}

void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, Deleter<&X509_EXTENSION_free>> extension{
      X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str())};
  if (!extension || X509_add_ext(certificate, extension.get(), -1) != 1)
    throw std::runtime_error("OpenSSL took no extension " + value);
}

Certificate make_certificate(const std::string& name, int serial, int days, EVP_PKEY* key) {
  Certificate certificate{X509_new()};
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -10 * day_s);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), days * day_s);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  return certificate;
}

void sign(X509* certificate, X509* issuer, EVP_PKEY* issuer_key) {
  X509_set_issuer_name(certificate, X509_get_subject_name(issuer));
  if (X509_sign(certificate, issuer_key, EVP_sha256()) == 0)
    throw std::runtime_error("OpenSSL signed nothing");
}

template <class Write>
std::string pem(Write write) {
  const Stream stream{BIO_new(BIO_s_mem())};
  write(stream.get());
  char* text = nullptr;
  const long size = BIO_get_mem_data(stream.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

std::string pem_of(X509* certificate) {
  return pem([&](BIO* out) { PEM_write_bio_X509(out, certificate); });
}

}  // namespace

struct Authority::Signer {
  Key key = make_key();
  // Two of one name would vouch for each other's certificates, and fail at that.
  Certificate certificate =
      make_certificate(fmt::format("authority {}", std::random_device{}()), 1, 10, key.get());
};

Authority::Authority() : signer_(std::make_unique<Signer>()) {
  X509* own = signer_->certificate.get();
  X509_set_issuer_name(own, X509_get_subject_name(own));
  add_extension(own, own, NID_basic_constraints, "critical,CA:TRUE");
  add_extension(own, own, NID_key_usage, "critical,keyCertSign,cRLSign");
  sign(own, own, signer_->key.get());
  dir_.write("ca.pem", pem_of(own));
}

Authority::~Authority() = default;

CertificateFiles Authority::issue(const CertificateWish& wish) {
  const int number = ++issued_;
  const Key key = make_key();
  const auto certificate =
      make_certificate(fmt::format("server {}", number), number + 1, wish.days, key.get());
  X509* issuer = wish.self_signed ? certificate.get() : signer_->certificate.get();
  if (wish.self_signed) X509_set_issuer_name(issuer, X509_get_subject_name(issuer));
  add_extension(certificate.get(), issuer, NID_subject_alt_name, wish.names);
  sign(certificate.get(), issuer, wish.self_signed ? key.get() : signer_->key.get());
  const auto name = fmt::format("{}.pem", number);
  dir_.write(name, pem_of(certificate.get()));
  dir_.write("key-" + name, pem([&](BIO* out) {
               PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
             }));
  return {(dir_ / name).string(), (dir_ / ("key-" + name)).string()};
}

}  // namespace trawl::support
