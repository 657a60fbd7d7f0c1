// Any bytes as URL, alone and against bases: the parser is idempotent, the short way for ordinary
// links agrees with it, and the canonical form is stable.
#include "core/web/url/canonical.hpp"
#include "core/web/url/host.hpp"
#include "core/web/url/url.hpp"
#include "core/web/url/url_input.hpp"
#include "core/web/url/url_parser.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace {

using trawl::Result;
using trawl::web::CanonicalRules;
using trawl::web::Url;

void require(bool condition) {
  if (!condition) std::abort();
}

bool same(const Url& left, const Url& right) {
  return left.href() == right.href() && left.protocol() == right.protocol() &&
         left.username() == right.username() && left.password() == right.password() &&
         left.host() == right.host() && left.hostname() == right.hostname() &&
         left.port() == right.port() && left.pathname() == right.pathname() &&
         left.search() == right.search() && left.hash() == right.hash();
}

void check(std::string_view input, const Url* base) {
  const Result<Url> url = Url::parse(input, base);
  std::string storage;
  const Result<Url> slow =
      trawl::web::UrlBuilder(trawl::web::clean_url_input(input, storage), base).build();
  require(url.has_value() == slow.has_value());
  if (!url) return;
  require(same(*url, *slow));
  for (const char c : url->href()) require(c >= 0x20 && c <= 0x7E);
  const Result<Url> again = Url::parse(url->href());
  require(again && same(*url, *again));
  require(!url->origin().empty());
  require(trawl::web::host_key(*url) == url->host());
  (void)trawl::web::registrable_domain(url->hostname());
  if (!url->is_http()) return;

  const CanonicalRules rules{
      .strip_params = {"utm_*", "*a"}, .max_length = SIZE_MAX, .sort_query = input.size() % 2 == 0};
  const Result<Url> once = trawl::web::canonicalise(*url, rules);
  require(once.has_value());
  const Result<Url> twice = trawl::web::canonicalise(*once, rules);
  require(twice && same(*once, *twice));
}

const std::array<Url, 4>& bases() {
  static const std::array<Url, 4> urls = {
      Url::parse("https://u:p@example.org:8080/a/b/c?q#f").value(),
      Url::parse("file:///C:/a/b?q").value(), Url::parse("x://h/a/b").value(),
      Url::parse("x:/.//a").value()};
  return urls;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  check(input, nullptr);
  for (const Url& base : bases()) check(input, &base);
  return 0;
}
