// The first field of an answer counts, and the others are as if they weren't (RFC 6797 8.1).
#include "core/crawl/engine/transport_security.hpp"

namespace trawl::crawl {

TransportSecurity::TransportSecurity(std::size_t hosts_max) : hosts_(hosts_max) {}

void TransportSecurity::restore(std::vector<web::HstsHost> hosts, Wall now) {
  const std::lock_guard lock{mutex_};
  for (web::HstsHost& host : hosts) hosts_.restore(std::move(host), now);
  is_empty_ = hosts_.size() == 0;
}

std::optional<web::Url> TransportSecurity::secured(const web::Url& url, Wall now) {
  if (is_empty_) return std::nullopt;
  const std::lock_guard lock{mutex_};
  return hosts_.secured(url, now);
}

void TransportSecurity::on_answer(const web::Url& url, const http::Headers& headers, bool verified,
                                  Wall now) {
  if (!verified || url.scheme() != "https") return;
  const auto field = http::find_header(headers, "strict-transport-security");
  if (field.empty()) return;
  const std::lock_guard lock{mutex_};
  hosts_.accept(url, field, now);
  is_empty_ = hosts_.size() == 0;
}

std::vector<web::HstsChange> TransportSecurity::take_changes() {
  const std::lock_guard lock{mutex_};
  return hosts_.take_changes();
}

}  // namespace trawl::crawl
