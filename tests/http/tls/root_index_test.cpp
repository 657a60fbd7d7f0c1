// Roots that are parsed when a chain asks for them judge as those that OpenSSL reads at once.
#include "core/http/tls/root_index.hpp"

#include "tests/support/certificates.hpp"
#include "tests/support/temp_dir.hpp"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>

#include <fstream>
#include <sstream>
#include <thread>
#include <vector>

namespace trawl::http {
namespace {

using support::Authority;
using support::TempDir;

struct Free {
  void operator()(X509_STORE* store) const { X509_STORE_free(store); }
  void operator()(X509_STORE_CTX* context) const { X509_STORE_CTX_free(context); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using Store = std::unique_ptr<X509_STORE, Free>;
using Certificate = std::unique_ptr<X509, Free>;

std::string text_of(const std::string& file) {
  std::ostringstream text;
  text << std::ifstream{file}.rdbuf();
  return text.str();
}

Certificate certificate_in(const std::string& file) {
  const std::unique_ptr<BIO, Free> bio{BIO_new_file(file.c_str(), "r")};
  return Certificate{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)};
}

// The store and the index that it has.
struct Lazy {
  explicit Lazy(const std::string& file) {
    auto read = RootIndex::read(file);
    index = read.get();
    if (read) RootIndex::give_to(store.get(), std::move(read));
    X509_STORE_set_flags(store.get(), X509_V_FLAG_TRUSTED_FIRST | X509_V_FLAG_PARTIAL_CHAIN);
  }
  Store store{X509_STORE_new()};
  const RootIndex* index = nullptr;
};

int verdict(X509_STORE* store, X509* certificate) {
  const std::unique_ptr<X509_STORE_CTX, Free> context{X509_STORE_CTX_new()};
  X509_STORE_CTX_init(context.get(), store, certificate, nullptr);
  X509_verify_cert(context.get());
  return X509_STORE_CTX_get_error(context.get());
}

int verdict(X509_STORE* store, const std::string& file) {
  return verdict(store, certificate_in(file).get());
}

}  // namespace

TEST(RootIndex, OnlyTheRootsThatAreAskedForAreParsed) {
  std::vector<Authority> authorities(5);
  const TempDir dir;
  std::string bundle = "What stands between is no certificate.\r\n";
  for (const auto& authority : authorities) bundle += text_of(authority.ca_file()) + "\n# next\n";
  const Lazy lazy{dir.write("bundle.pem", bundle)};
  ASSERT_NE(lazy.index, nullptr);
  EXPECT_EQ(lazy.index->unparsed(), 5U);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(verdict(lazy.store.get(), authorities[3].issue().certificate), X509_V_OK);
    EXPECT_EQ(lazy.index->unparsed(), 4U);
  }
  EXPECT_EQ(verdict(lazy.store.get(), authorities[0].issue().certificate), X509_V_OK);
  EXPECT_EQ(lazy.index->unparsed(), 3U);
  EXPECT_EQ(verdict(lazy.store.get(), Authority{}.issue().certificate),
            X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
  EXPECT_EQ(lazy.index->unparsed(), 3U);
}

TEST(RootIndex, ACertificateInTheBundleIsTrustedItself) {
  Authority authority;
  for (const bool self_signed : {false, true}) {
    const auto own = authority.issue({.self_signed = self_signed});
    EXPECT_EQ(verdict(Lazy{own.certificate}.store.get(), own.certificate), X509_V_OK)
        << self_signed;
  }
  const auto other = authority.issue({.self_signed = true});
  EXPECT_EQ(verdict(Lazy{authority.ca_file()}.store.get(), other.certificate),
            X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT);
}

TEST(RootIndex, ManyThreadsMayAskAtOnce) {
  Authority authority;
  const auto own = authority.issue();
  const Lazy lazy{authority.ca_file()};
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] { EXPECT_EQ(verdict(lazy.store.get(), own.certificate), X509_V_OK); });
}

TEST(RootIndex, WhatIsMoreThanPlainCertificatesIsLeftToOpenSsl) {
  const TempDir dir;
  const auto plain = text_of(Authority{}.ca_file());
  auto trusted = plain;
  for (std::size_t at = 0; (at = trusted.find("CERTIFICATE", at)) != std::string::npos; at += 20)
    trusted.insert(at, "TRUSTED ");
  auto cut = plain;
  cut.erase(plain.size() / 2, 8);
  for (const std::string& text :
       {std::string{}, std::string{"no certificate"}, trusted, plain + trusted, cut, plain + cut,
        std::string{"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"}})
    EXPECT_EQ(RootIndex::read(dir.write("bundle.pem", text)), nullptr) << text;
  EXPECT_EQ(RootIndex::read(dir / "missing"), nullptr);
  EXPECT_NE(RootIndex::read(dir.write("bundle.pem", plain)), nullptr);
}

// Each root of the system's own bundle, against a store that was read at once.
TEST(RootIndex, JudgesTheSystemsRootsAsOpenSslDoes) {
  const std::string file = "/etc/ssl/certs/ca-certificates.crt";
  const std::unique_ptr<BIO, Free> bio{BIO_new_file(file.c_str(), "r")};
  ASSERT_TRUE(bio) << "ca-certificates is not installed";
  const Store eager{X509_STORE_new()};
  ASSERT_EQ(X509_STORE_load_file(eager.get(), file.c_str()), 1);
  X509_STORE_set_flags(eager.get(), X509_V_FLAG_TRUSTED_FIRST | X509_V_FLAG_PARTIAL_CHAIN);
  const Lazy lazy{file};
  ASSERT_NE(lazy.index, nullptr);
  const auto roots = lazy.index->unparsed();
  std::size_t read = 0;
  for (; const Certificate root{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)}; ++read)
    EXPECT_EQ(verdict(lazy.store.get(), root.get()), verdict(eager.get(), root.get()));
  EXPECT_EQ(read, roots);
  EXPECT_EQ(lazy.index->unparsed(), 0U);
}

}  // namespace trawl::http
