// libcurl 7.88 keeps sessions with the easy handle (five each), where the next transfer to the host
// finds them only by chance; a share object keeps eight, whatever is asked for. So hosts are spread
// over many small shares: at most 512 sessions a shard, of some 10 KB with the server's chain.
#include "core/http/tls/tls_sessions.hpp"

#include <functional>
#include <new>

namespace trawl::http {

CURLSH* TlsSessions::share_for(std::string_view authority) {
  auto& share = shares_[std::hash<std::string_view>{}(authority) % shares_.size()];
  if (!share) {
    share.reset(curl_share_init());
    if (!share) throw std::bad_alloc();
    curl_share_setopt(share.get(), CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
  }
  return share.get();
}

}  // namespace trawl::http
