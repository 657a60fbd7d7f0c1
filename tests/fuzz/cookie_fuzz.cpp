// Any line leaves the jar within its bounds, and what it sends goes to the right host alone; any
// file is read, and what is written of it reads back.

#include "core/base/limits.hpp"
#include "core/web/headers/cookie_file.hpp"
#include "core/web/headers/cookie_jar.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

using namespace trawl;

constexpr Wall now{std::chrono::seconds{1'700'000'000}};

void check_jar(const std::string& text) {
  static const web::Url from = *web::Url::parse("https://www.example.org/a/b?c");
  static const web::Url plain = *web::Url::parse("http://www.example.org/a/");
  static const web::Url other = *web::Url::parse("https://example.net/a/b");
  web::CookieJar jar;
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    jar.accept(from, std::string_view{text}.substr(start, end - start), now);
    jar.accept(plain, std::string_view{text}.substr(start, end - start), now);
    start = end + 1;
  }
  if (jar.size() > limits::cookies_per_domain_max) std::abort();
  if (!jar.field_for(other, now).empty()) std::abort();
  const std::string sent = jar.field_for(from, now);
  if (sent.size() > limits::cookie_field_bytes_max) std::abort();
  for (const char c : sent)
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F) std::abort();
  jar.each([](const web::Cookie& cookie) {
    if (cookie.domain != "www.example.org" && cookie.domain != "example.org") std::abort();
  });
}

void check_file(const std::string& text) {
  for (const web::Cookie& cookie : web::parse_cookie_file(text).cookies) {
    const auto line = web::cookie_file_line(cookie);
    if (!line) std::abort();
    const auto again = web::parse_cookie_file(*line).cookies;
    if (again.size() != 1 || again[0] != cookie) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  check_jar(text);
  check_file(text);
  return 0;
}
