// libcurl 7.88 takes the end of the TCP connection for the end of the body, with or without
// close_notify, and has freed the connection before it says that a transfer is done. So the alert
// is noted when OpenSSL sees it, in a value that connection and transfer share.
#include "core/http/tls/tls_end.hpp"

#include <openssl/ssl.h>

namespace trawl::http {
namespace {

using Shared = std::shared_ptr<TlsEnd>;

void free_shared(void*, void* pointer, CRYPTO_EX_DATA*, int, long, void*) {
  delete static_cast<Shared*>(pointer);
}

}  // namespace

int TlsEnd::index() {
  static const int number = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, &free_shared);
  return number;
}

void TlsEnd::on_event(const SSL* connection, int where, int value) {
  if (where != SSL_CB_READ_ALERT || (value & 0xFF) != SSL_AD_CLOSE_NOTIFY) return;
  const auto* shared = static_cast<const Shared*>(SSL_get_ex_data(connection, index()));
  if (shared != nullptr) (*shared)->announced_ = true;
}

void TlsEnd::watch(SSL_CTX* context) {
  SSL_CTX_set_info_callback(context, &TlsEnd::on_event);
}

std::shared_ptr<const TlsEnd> TlsEnd::of(SSL* connection) {
  if (const auto* known = static_cast<const Shared*>(SSL_get_ex_data(connection, index())))
    return *known;
  auto made = std::make_unique<Shared>(std::make_shared<TlsEnd>());
  Shared end = *made;
  if (SSL_set_ex_data(connection, index(), made.get()) == 1) static_cast<void>(made.release());
  return end;
}

}  // namespace trawl::http
