// The public suffix list comes from the system, so that it is as new as the system's updates; the
// copy inside libpsl is the fall-back.
#include "core/web/url/host.hpp"

#include "core/web/url/url_host.hpp"

#include <libpsl.h>

namespace trawl::web {
namespace {

// Loaded once and never freed; the list is constant and may be used by all threads.
const psl_ctx_t* public_suffixes() {
  static const psl_ctx_t* const list = [] {
    const psl_ctx_t* latest = psl_latest(nullptr);
    return latest != nullptr ? latest : psl_builtin();
  }();
  return list;
}

}  // namespace

std::string host_key(const Url& url) {
  return std::string(url.host());
}

std::string registrable_domain(std::string_view hostname) {
  std::string name(hostname);
  if (is_ip_host(name)) return name;
  if (name.ends_with('.')) name.pop_back();
  const psl_ctx_t* list = public_suffixes();
  const char* domain = list != nullptr ? psl_registrable_domain(list, name.c_str()) : nullptr;
  // A public suffix has no registrable domain: it stands for itself.
  return domain != nullptr ? std::string(domain) : name;
}

bool is_public_suffix(std::string_view hostname) {
  std::string name(hostname);
  if (name.empty() || is_ip_host(name)) return false;
  if (name.ends_with('.')) name.pop_back();
  const psl_ctx_t* list = public_suffixes();
  return list != nullptr ? psl_is_public_suffix(list, name.c_str()) != 0 : !name.contains('.');
}

}  // namespace trawl::web
