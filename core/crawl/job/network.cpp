// Whatever is wrong with a file is found before the first fetch: a certificate that can't be read
// would otherwise fail each URL, one after the other.
#include "core/crawl/job/network.hpp"

#include "core/base/limits.hpp"
#include "core/base/log.hpp"
#include "core/crawl/job/list_line.hpp"
#include "core/http/message/netrc.hpp"
#include "core/web/url/url.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <fstream>

namespace trawl::crawl {
namespace {

std::unexpected<Error> wrong(std::string_view key, std::string_view what) {
  return fail(Errc::config, fmt::format("{}: {}", key, what));
}

Result<std::string> read_secret(std::string_view key, const std::string& file) {
  struct stat facts{};
  if (::stat(file.c_str(), &facts) != 0)
    return wrong(key, fmt::format("{}: {}", file, std::strerror(errno)));
  std::ifstream in{file, std::ios::binary};
  std::string text(limits::credentials_file_bytes_max + 1, '\0');
  if (!in || !S_ISREG(facts.st_mode)) return wrong(key, file + ": can't be read");
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > limits::credentials_file_bytes_max)
    return wrong(key, fmt::format("{}: over {} bytes", file, limits::credentials_file_bytes_max));
  if ((facts.st_mode & S_IROTH) != 0)
    log("config")->warn("{}: {} can be read by everybody on this machine; chmod 600 helps", key,
                        printable(file));
  return text;
}

// The first line, which is all that counts.
Result<std::string> read_line(std::string_view key, const std::string& file) {
  auto text = read_secret(key, file);
  if (!text) return text;
  text->resize(std::min(text->find_first_of("\r\n"), text->size()));
  if (text->empty()) return wrong(key, file + ": its first line is empty");
  for (const char c : *text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
      return wrong(key, file + ": a control character is in its first line");
  return text;
}

struct UserPassword {
  std::string user;
  std::string password;
};

Result<UserPassword> read_user(std::string_view key, const std::string& file) {
  auto line = read_line(key, file);
  if (!line) return std::unexpected(line.error());
  const auto colon = line->find(':');
  if (colon == line->npos) return wrong(key, file + ": expected user:password in its first line");
  return UserPassword{line->substr(0, colon), line->substr(colon + 1)};
}

Result<http::TransportOptions> read_transport(const NetworkSpec& spec) {
  http::TransportOptions transport{.client_cert_file = spec.client_cert_file,
                                   .client_key_file = spec.client_key_file};
  if (spec.ca_file != "system") transport.ca_file = spec.ca_file;
  if (const auto fine = http::check_certificates(transport); !fine)
    return wrong("fetch.ca_file, fetch.client_cert_file", fine.error().detail);
  if (spec.proxy == "off") return transport;
  auto proxy = http::Proxy::parse(spec.proxy);
  if (!proxy) return wrong("fetch.proxy", proxy.error().detail);
  proxy->guarded = spec.guard_proxy;
  if (!spec.proxy_credentials_file.empty()) {
    auto user = read_user("fetch.proxy_credentials_file", spec.proxy_credentials_file);
    if (!user) return std::unexpected(user.error());
    proxy->username = std::move(user->user);
    proxy->password = std::move(user->password);
  }
  transport.proxy = std::move(*proxy);
  return transport;
}

Result<std::vector<http::ServerPattern>> auth_servers(const JobSpec& job) {
  std::vector<http::ServerPattern> servers;
  for (const std::string& text : job.fetch.network.auth_hosts) {
    auto pattern = http::ServerPattern::parse(text);
    if (!pattern) return wrong("fetch.auth_hosts", pattern.error().detail);
    servers.push_back(std::move(*pattern));
  }
  if (!servers.empty()) return servers;
  const std::vector<std::string> named = named_urls(job.seeds);
  for (const auto* urls : {&named, &job.seeds.sitemaps.urls})
    for (const std::string& seed : *urls)
      if (const auto url = web::Url::parse(seed); url && url->is_http())
        if (auto origin = http::ServerPattern::parse(url->origin()))
          servers.push_back(std::move(*origin));
  return servers;
}

Result<std::string> read_authorization(const NetworkSpec& spec) {
  constexpr std::string_view key = "fetch.auth_file";
  if (spec.auth == AuthScheme::basic) {
    const auto user = read_user(key, spec.auth_file);
    if (!user) return std::unexpected(user.error());
    return http::basic_authorization(user->user, user->password);
  }
  auto token = read_line(key, spec.auth_file);
  return token ? Result<std::string>{"Bearer " + *token} : token;
}

// "https://user:secret@host/" as a seed: the URL is stored without, and this is what it meant.
void add_seed_users(const JobSpec& job, http::Credentials& credentials) {
  for (const std::string& seed : named_urls(job.seeds)) {
    const auto url = web::Url::parse(seed);
    if (!url || !url->is_http() || (url->username().empty() && url->password().empty())) continue;
    auto origin = http::ServerPattern::parse(url->origin());
    if (origin)
      credentials.add(std::move(*origin), "Authorization",
                      http::basic_authorization(http::decoded(url->username()),
                                                http::decoded(url->password())));
  }
}

Result<> add_netrc(const std::string& file, http::Credentials& credentials) {
  constexpr std::string_view key = "fetch.netrc_file";
  const auto text = read_secret(key, file);
  if (!text) return std::unexpected(text.error());
  const auto entries = http::parse_netrc(*text);
  if (!entries) return wrong(key, fmt::format("{}: {}", file, entries.error().detail));
  for (const auto& entry : *entries)
    if (auto server = http::ServerPattern::parse(entry.machine))
      credentials.add(std::move(*server), "Authorization",
                      http::basic_authorization(entry.login, entry.password));
  return {};
}

}  // namespace

Result<Network> read_network(const JobSpec& job) {
  const NetworkSpec& spec = job.fetch.network;
  auto transport = read_transport(spec);
  if (!transport) return std::unexpected(transport.error());
  auto servers = auth_servers(job);
  if (!servers) return std::unexpected(servers.error());
  Network network{.transport = std::move(*transport)};
  for (const auto& [name, value] : job.fetch.headers) {
    if (!http::is_secret_header(name))
      network.headers.emplace_back(name, value);
    else
      for (const auto& server : *servers) network.credentials.add(server, name, value);
  }
  if (spec.auth != AuthScheme::off) {
    const auto authorization = read_authorization(spec);
    if (!authorization) return std::unexpected(authorization.error());
    for (const auto& server : *servers)
      network.credentials.add(server, "Authorization", *authorization);
  }
  add_seed_users(job, network.credentials);
  if (!spec.netrc_file.empty())
    if (const auto added = add_netrc(spec.netrc_file, network.credentials); !added)
      return std::unexpected(added.error());
  return network;
}

}  // namespace trawl::crawl
