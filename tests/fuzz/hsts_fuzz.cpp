// Any field is read or refused, a field that is read says the same in its plainest form, and what
// is known of a host leads to the same URL over https and nowhere else.

#include "core/web/headers/hsts.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

using namespace trawl;

constexpr Wall now{std::chrono::seconds{1'700'000'000}};

void check_field(const std::string& text) {
  const auto policy = web::parse_hsts(text);
  if (!policy) return;
  if (policy->max_age < Millis{0}) std::abort();
  std::string plain = "max-age=" + std::to_string(policy->max_age.count() / 1000);
  if (policy->include_subdomains) plain += ";includesubdomains";
  if (web::parse_hsts(plain) != policy) std::abort();
}

void check_hosts(const std::string& text) {
  static const web::Url secure = *web::Url::parse("https://example.org/");
  static const web::Url plain = *web::Url::parse("http://example.org/");
  static const web::Url below = *web::Url::parse("http://a.example.org:81/x?y");
  static const web::Url other = *web::Url::parse("http://example.net/");
  web::HstsHosts hosts{4};
  hosts.accept(plain, text, now);
  if (hosts.size() != 0) std::abort();
  hosts.accept(secure, text, now);
  if (hosts.secured(other, now)) std::abort();
  if (hosts.size() == 0) return;
  if (hosts.secured(plain, now) != secure) std::abort();
  const auto secured = hosts.secured(below, now);
  if (secured && secured->href() != "https://a.example.org:81/x?y") std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  check_field(text);
  check_hosts(text);
  return 0;
}
