// A cookie file is a user's log-in: a line that can't be read is said, and a file without a single
// cookie is an error, since a crawl without them would fetch a thousand log-in pages.
#include "service/run/cookies.hpp"

#include "core/base/limits.hpp"
#include "core/base/log.hpp"
#include "core/web/digest.hpp"
#include "core/web/headers/cookie_file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>

namespace trawl::service {
namespace {

constexpr const char* imported_key = "cookies.imported";  // in `meta`: the file's digest

std::string read_file(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  if (!file)
    throw Failure(errno == ENOENT ? Errc::config : Errc::io,
                  fmt::format("fetch.cookies_file: can't open {}: {}", printable(path),
                              std::generic_category().message(errno)));
  std::string text(limits::cookie_file_bytes_max + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (file.bad())
    throw Failure(Errc::io, fmt::format("fetch.cookies_file: can't read {}", printable(path)));
  if (text.size() > limits::cookie_file_bytes_max)
    throw Failure(Errc::config, fmt::format("fetch.cookies_file: {} has more than {} bytes",
                                            printable(path), limits::cookie_file_bytes_max));
  return text;
}

std::vector<web::Cookie> parse_file(const std::string& path, const std::string& text) {
  auto file = web::parse_cookie_file(text);
  if (file.cookies.empty() && !file.bad_lines.empty())
    throw Failure(Errc::config,
                  fmt::format("fetch.cookies_file: {} has no cookies; expected Netscape's format: "
                              "domain, TRUE or FALSE, path, TRUE or FALSE, expiry, name and value "
                              "between tabs",
                              printable(path)));
  if (!file.bad_lines.empty())
    log("cookies")->warn("{}:{}: no line of a cookies.txt; left out, as all such lines ({})",
                         printable(path), file.bad_lines.front(), file.bad_lines.size());
  return std::move(file.cookies);
}

}  // namespace

std::vector<web::Cookie> cookies_at_start(const crawl::JobSpec& job, crawl::Store& store,
                                          Wall now) {
  using crawl::CookieMode;
  const std::string& path = job.fetch.cookies_file;
  if (job.fetch.cookies == CookieMode::off) return {};
  const std::string text = path.empty() ? std::string{} : read_file(path);
  if (job.fetch.cookies == CookieMode::session) return parse_file(path, text);

  auto cookies = store.cookies();
  crawl::StoreBatch batch;
  for (const web::Cookie& cookie : cookies)
    if (cookie.expires && *cookie.expires <= now) batch.cookies.push_back({cookie, true});
  std::string digest = text.empty() ? std::string{} : web::sha256_hex(text);
  if (!text.empty() && store.meta(imported_key) != digest) {
    std::uint64_t order = cookies.empty() ? 0 : cookies.back().order;
    for (web::Cookie& cookie : parse_file(path, text)) {
      cookie.order = ++order;
      const bool expired = cookie.expires && *cookie.expires <= now;
      if (!expired) batch.cookies.push_back({std::move(cookie), false});
    }
    batch.meta[imported_key] = std::move(digest);
  }
  if (batch.cookies.empty() && batch.meta.empty()) return cookies;
  store.apply(batch);
  return store.cookies();
}

}  // namespace trawl::service
