// A submitted job comes from whoever has the token, not from whoever owns the machine: it reads and
// writes inside data_dir alone, and reaches no network that the daemon's owner has not named.
#include "service/daemon/job_loader.hpp"

#include "core/base/log.hpp"
#include "core/http/address/address_guard.hpp"
#include "core/http/address/ip_address.hpp"
#include "core/http/client/transport_options.hpp"
#include "core/http/dns/server_address.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace trawl::service {
namespace {

using config::ConfigError;
using config::Loaded;
using config::LoadedJob;

constexpr std::string_view forbidden_start = "a submitted job can't ";

struct PathKey {
  std::string_view key;
  std::string* path;
};

// Words that stand where a path may stand.
bool is_word(std::string_view key, std::string_view text) {
  return text.empty() || (key == "fetch.ca_file" && text == "system") ||
         (key == "fetch.hosts_file" && (text == "system" || text == "off"));
}

std::vector<PathKey> paths_of(crawl::JobSpec& job) {
  crawl::NetworkSpec& network = job.fetch.network;
  std::vector<PathKey> paths{{"output.dir", &job.output.dir},
                             {"fetch.cookies_file", &job.fetch.cookies_file},
                             {"fetch.hosts_file", &job.fetch.hosts_file},
                             {"fetch.ca_file", &network.ca_file},
                             {"fetch.client_cert_file", &network.client_cert_file},
                             {"fetch.client_key_file", &network.client_key_file},
                             {"fetch.proxy_credentials_file", &network.proxy_credentials_file},
                             {"fetch.auth_file", &network.auth_file},
                             {"fetch.netrc_file", &network.netrc_file},
                             {"hooks.secret_file", &job.hooks.secret_file}};
  for (std::string& file : job.seeds.files) paths.push_back({"seeds.files", &file});
  return paths;
}

ConfigError error_at(const LoadedJob& job, std::string_view key, std::string message) {
  const config::Origin origin = job.origin(key);
  return {origin.source, origin.line, origin.column, std::string{key}, std::move(message)};
}

bool covers(const std::string& outer, const std::string& inner) {
  const auto wide = http::IpNetwork::parse(outer), narrow = http::IpNetwork::parse(inner);
  return wide && narrow && narrow->prefix_bits >= wide->prefix_bits &&
         wide->contains(narrow->address);
}

}  // namespace

std::vector<std::string_view> path_keys() {
  crawl::JobSpec job;
  job.seeds.files.emplace_back();
  std::vector<std::string_view> keys;
  for (const PathKey& path : paths_of(job)) keys.push_back(path.key);
  return keys;
}

std::vector<ConfigError> unreadable_files(const LoadedJob& job) {
  crawl::JobSpec spec = job.spec;
  std::vector<ConfigError> errors;
  for (const auto& [key, path] : paths_of(spec)) {
    const bool is_input = key == "seeds.files" && *path == "-";
    if (key == "output.dir" || is_input || is_word(key, *path)) continue;
    if (::access(path->c_str(), R_OK) == 0) continue;
    errors.push_back(error_at(job, key,
                              fmt::format("can't read {}: {}", printable(*path),
                                          std::generic_category().message(errno))));
  }
  return errors;
}

bool is_forbidden(const ConfigError& error) {
  return error.message.starts_with(forbidden_start);
}

config::Overrides JobLoader::overrides(const JobSource& source,
                                       const std::vector<config::Override>& patches) const {
  config::Overrides overrides;
  // The environment may have secrets, which are not for a stranger's hosts.
  if (!source.submitted) overrides.environment = environment_;
  overrides.options = patches;
  if (!source.name.empty())
    overrides.options.push_back(
        {.key = "job.name", .value = source.name, .source = "name", .literal = true});
  return overrides;
}

Loaded<LoadedJob> JobLoader::load(const JobSource& source,
                                  const std::vector<config::Override>& patches) const {
  return finish(config::load_job(source.file, overrides(source, patches)), source);
}

Loaded<LoadedJob> JobLoader::load_text(std::string_view toml, const JobSource& source,
                                       const std::vector<config::Override>& patches) const {
  return finish(config::load_job_text(toml, source.file.string(), overrides(source, patches)),
                source);
}

Loaded<LoadedJob> JobLoader::finish(Loaded<LoadedJob> loaded, const JobSource& source) const {
  if (!loaded) return loaded;
  std::vector<ConfigError> errors;
  if (std::ranges::count(loaded->spec.seeds.files, "-") > 0)
    errors.push_back(error_at(*loaded, "seeds.files", "a daemon's job has no standard input"));
  if (loaded->spec.output.dir.empty()) {
    loaded->spec.output.dir = data_.output(loaded->spec.name).string();
    loaded->origins.insert_or_assign("output.dir", config::Origin{"the daemon's data_dir", 0, 0});
  }
  if (source.submitted) {
    auto refused = forbidden(*loaded);
    errors.insert(errors.end(), refused.begin(), refused.end());
    for (const PathKey& path : paths_of(loaded->spec))
      if (!is_word(path.key, *path.path)) *path.path = data_.absolute(*path.path).string();
    loaded->spec.fetch.network.guard_proxy = true;
  }
  if (!errors.empty()) return std::unexpected(std::move(errors));
  return loaded;
}

std::vector<ConfigError> JobLoader::forbidden(const LoadedJob& job) const {
  std::vector<ConfigError> errors;
  crawl::JobSpec spec = job.spec;
  for (const PathKey& path : paths_of(spec)) {
    if (is_word(path.key, *path.path) || data_.contains(*path.path)) continue;
    errors.push_back(error_at(job, path.key,
                              fmt::format("{}name a path outside of the daemon's data_dir: {}",
                                          forbidden_start, *path.path)));
  }
  if (!data_.may_be_output(spec.output.dir, spec.name) && data_.contains(spec.output.dir))
    errors.push_back(error_at(job, "output.dir",
                              fmt::format("{}have its output in another job's place: {}; out/{} is "
                                          "its own",
                                          forbidden_start, spec.output.dir, spec.name)));
  check_networks(job, "fetch.allow_private_networks", spec.fetch.allow_private_networks, errors);
  check_networks(job, "hooks.allow_private_networks", spec.hooks.allow_private_networks, errors);
  check_servers(job, errors);
  const auto check_hook = [&](std::string_view key, const crawl::HookTarget& target) {
    if (!target.command.empty())
      errors.push_back(error_at(job, key,
                                fmt::format("{}run commands: give a URL, or put the job into "
                                            "jobs_dir",
                                            forbidden_start)));
  };
  check_hook("hooks.on_finish", spec.hooks.on_finish);
  check_hook("hooks.on_error", spec.hooks.on_error);
  check_hook("hooks.on_host_blocked", spec.hooks.on_host_blocked);
  return errors;
}

// A proxy and a name server are connected to without the job's guard. What a proxy's name leads to
// is judged when it is known (guard_proxy).
void JobLoader::check_servers(const LoadedJob& job, std::vector<ConfigError>& errors) const {
  const auto guard = http::AddressGuard::create(*allowed_networks());
  const auto check = [&](std::string_view key, const std::optional<http::IpAddress>& address) {
    if (!address) return;
    const auto refusal = guard ? guard->refusal(*address) : http::special_purpose(*address);
    if (!refusal) return;
    errors.push_back(error_at(job, key,
                              fmt::format("{}ask {} ({}): it is no public address, and the "
                                          "daemon's own allow_private_networks doesn't have it",
                                          forbidden_start, address->to_string(), *refusal)));
  };
  const auto proxy = http::Proxy::parse(job.spec.fetch.network.proxy);
  if (proxy) check("fetch.proxy", proxy->literal());
  for (const std::string& text : job.spec.fetch.resolver)
    if (const auto server = http::dns::ServerAddress::parse(text))
      check("fetch.resolver", server->address);
}

void JobLoader::check_networks(const LoadedJob& job, std::string_view key,
                               const std::vector<std::string>& networks,
                               std::vector<ConfigError>& errors) const {
  const auto ours = allowed_networks();
  for (const std::string& network : networks) {
    const bool allowed = std::ranges::any_of(
        *ours, [&](const std::string& outer) { return covers(outer, network); });
    if (!allowed)
      errors.push_back(error_at(job, key,
                                fmt::format("{}allow {}: the daemon's own allow_private_networks "
                                            "doesn't have it",
                                            forbidden_start, network)));
  }
}

}  // namespace trawl::service
