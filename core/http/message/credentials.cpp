// A leak of credentials is forever, so the match is on whole origins, as browsers do: another port
// is another server, and http is not https.
#include "core/http/message/credentials.hpp"

#include "core/web/url/url.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>

namespace trawl::http {
namespace {

std::string base64(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                     reinterpret_cast<const unsigned char*>(bytes.data()),
                                     static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(length));
  return text;
}

}  // namespace

Result<ServerPattern> ServerPattern::parse(std::string_view text) {
  ServerPattern pattern;
  const bool has_scheme = text.contains("://");
  // The parser leaves out a default port, so a scheme without one is put in front of a bare host.
  const auto url = web::Url::parse(has_scheme ? std::string{text} : fmt::format("ws://{}", text));
  const bool known = url && (url->is_http() || !has_scheme);
  if (!known || url->hostname().empty() || !url->username().empty() || !url->password().empty() ||
      (url->pathname() != "/" && !url->pathname().empty()) || !url->search().empty() ||
      !url->hash().empty())
    return fail(Errc::config, fmt::format("\"{}\" is not a host such as example.org", text));
  if (has_scheme) pattern.scheme_ = url->scheme();
  pattern.host_ = url->hostname();
  pattern.port_ = url->port();
  if (!has_scheme && text.ends_with(":80")) pattern.port_ = "80";  // the default of ws too
  return pattern;
}

bool ServerPattern::matches(std::string_view text) const {
  const auto url = web::Url::parse(text);
  if (!url || url->hostname() != host_) return false;
  if (!scheme_.empty() && url->scheme() != scheme_) return false;
  return port_.empty() ? url->port().empty() : fmt::format("{}", url->effective_port()) == port_;
}

void Credentials::add(ServerPattern servers, std::string name, std::string value) {
  entries_.push_back({std::move(servers), std::move(name), std::move(value)});
}

void Credentials::apply(Request& request) const {
  for (const Entry& entry : entries_) {
    const bool has = std::ranges::any_of(request.headers, [&entry](const auto& field) {
      return same_name(field.first, entry.name);
    });
    if (!has && entry.servers.matches(request.url))
      request.headers.emplace_back(entry.name, entry.value);
  }
}

std::string basic_authorization(std::string_view username, std::string_view password) {
  return "Basic " + base64(fmt::format("{}:{}", username, password));
}

bool is_secret_header(std::string_view name) {
  constexpr auto words = std::to_array<std::string_view>({"auth", "cookie", "token", "secret",
                                                          "key", "pass", "credential", "session",
                                                          "jwt", "csrf", "xsrf", "signature"});
  std::string lower{name};
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return std::ranges::any_of(words, [&](std::string_view word) { return lower.contains(word); });
}

}  // namespace trawl::http
