#pragma once
// Certificates for servers of tests: an authority of one's own and what it signs.

#include "tests/support/temp_dir.hpp"

#include <memory>
#include <string>

namespace trawl::support {

struct CertificateFiles {
  std::string certificate;  // PEM
  std::string key;          // PEM
};

struct CertificateWish {
  std::string names = "DNS:localhost,IP:127.0.0.1";  // of the subject, as OpenSSL writes them
  int days = 2;                                      // until it ends; negative: it ended before
  bool self_signed = false;
};

class Authority {
 public:
  Authority();
  ~Authority();
  Authority(const Authority&) = delete;
  Authority& operator=(const Authority&) = delete;

  // Its own certificate, for those who are to trust it.
  std::string ca_file() const { return (dir_ / "ca.pem").string(); }
  CertificateFiles issue(const CertificateWish& wish = {});

 private:
  struct Signer;
  TempDir dir_;
  std::unique_ptr<Signer> signer_;
  int issued_ = 0;
};

}  // namespace trawl::support
