// The certificate names 127.0.0.1 and localhost, is valid for a day and signs itself.
#include "tests/support/hostile_server.hpp"

#include "core/coro/task.hpp"

#include <boost/asio/ssl/context.hpp>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <stdexcept>

namespace trawl::support {
namespace {

namespace ssl = boost::asio::ssl;
using service::demo::Script;
using service::demo::ScriptRequest;

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(BIO* bio) const { BIO_free(bio); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

void extend(X509* certificate, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
  if (extension == nullptr) throw std::runtime_error("no certificate extension");
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

Owned<X509> make_certificate(EVP_PKEY* key) {
  Owned<X509> certificate{X509_new()};
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 86'400);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME* name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  extend(certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
  extend(certificate.get(), NID_subject_alt_name, "IP:127.0.0.1,DNS:localhost");
  if (X509_sign(certificate.get(), key, EVP_sha256()) == 0)
    throw std::runtime_error("no certificate");
  return certificate;
}

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

std::unique_ptr<ssl::context> make_context(std::string& certificate_pem) {
  const Owned<EVP_PKEY> key{EVP_EC_gen("P-256")};
  const auto certificate = make_certificate(key.get());
  const Owned<BIO> public_part{BIO_new(BIO_s_mem())}, private_part{BIO_new(BIO_s_mem())};
  PEM_write_bio_X509(public_part.get(), certificate.get());
  PEM_write_bio_PrivateKey(private_part.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  certificate_pem = text_of(public_part.get());
  auto context = std::make_unique<ssl::context>(ssl::context::tls_server);
  context->use_certificate(boost::asio::buffer(certificate_pem), ssl::context::pem);
  context->use_private_key(boost::asio::buffer(text_of(private_part.get())), ssl::context::pem);
  return context;
}

}  // namespace

HostileServer::HostileServer(Answer answer, Transport transport) : answer_(std::move(answer)) {
  if (transport == Transport::tls) tls_ = make_context(certificate_pem_);
  server_ = std::make_unique<service::demo::ScriptServer>(
      loop_.executor(), [this](const ScriptRequest& request) { return this->answer(request); },
      service::demo::ScriptServer::Options{.tls = tls_.get()});
  thread_ = std::thread{[this] { run(); }};
}

HostileServer::~HostileServer() {
  loop_.cancel();
  thread_.join();
}

void HostileServer::run() {
  try {
    loop_.run(server_->serve());
    ADD_FAILURE() << "serving ended by itself";
  } catch (const boost::system::system_error& error) {
    EXPECT_TRUE(coro::is_cancellation(error)) << error.what();
  }
}

std::string HostileServer::url(std::string_view target) const {
  return server_->origin() + std::string{target};
}

std::size_t HostileServer::count(std::string_view target) const {
  const std::lock_guard lock{mutex_};
  const auto found = counts_.find(target);
  return found == counts_.end() ? 0 : found->second;
}

std::size_t HostileServer::connections() const {
  const std::lock_guard lock{mutex_};
  return connections_;
}

Script HostileServer::answer(const ScriptRequest& request) {
  {
    const std::lock_guard lock{mutex_};
    ++counts_[std::string{request.target}];
    connections_ = std::max(connections_, request.connection);
  }
  return answer_(request);
}

}  // namespace trawl::support
