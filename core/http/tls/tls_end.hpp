#pragma once
// TlsEnd: whether a server has ended a TLS connection by TLS's own word (close_notify, RFC 8446
// 6.1). Without it nobody knows whether a body without a length is whole. Loop thread only.

#include <memory>

using SSL = struct ssl_st;
using SSL_CTX = struct ssl_ctx_st;

namespace trawl::http {

class TlsEnd {
 public:
  // Before the first connection of the context.
  static void watch(SSL_CTX* context);
  // Of a connection that is watched; shared with it, since it may be gone before who asks. What the
  // connection has said before the first call is not known.
  static std::shared_ptr<const TlsEnd> of(SSL* connection);

  bool announced() const { return announced_; }

 private:
  static int index();
  static void on_event(const SSL* connection, int where, int value);

  bool announced_ = false;
};

}  // namespace trawl::http
