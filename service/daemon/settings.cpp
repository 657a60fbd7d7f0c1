// The printed job is the one place that knows every key, so it is what is compared.
#include "service/daemon/settings.hpp"

#include "config/check.hpp"
#include "core/base/log.hpp"
#include "core/crawl/job/list_line.hpp"
#include "core/crawl/job/live_settings.hpp"
#include "core/web/digest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <vector>

namespace trawl::service {
namespace {

constexpr std::string_view secrets_key = "secrets";
constexpr std::size_t value_shown_bytes_max = 200;

std::string digest_of(std::string_view text) {
  web::Hasher hasher{web::Hasher::Algorithm::sha256};
  hasher.update(text);
  return hasher.hex();
}

void add_hidden(std::string& text, const std::vector<std::string>& values) {
  for (const std::string& value : values)
    if (config::hide_password(value) != value) text += fmt::format("\n{}", value);
}

// All that is printed with "***" in its place, so that a change of it is seen. What hides nothing
// is left out: it is printed.
std::string secrets_of(const crawl::JobSpec& job) {
  std::string text = job.fetch.network.proxy;
  for (const auto& [name, value] : job.fetch.headers) text += fmt::format("\n{}: {}", name, value);
  for (const auto* hook : {&job.hooks.on_finish, &job.hooks.on_error, &job.hooks.on_host_blocked})
    if (!hook->url.empty()) text += fmt::format("\nhook {}", hook->url);
  for (const auto* list :
       {&job.seeds.urls, &job.seeds.sitemaps.urls, &job.seeds.files, &job.scope.include,
        &job.scope.exclude, &job.urls.strip_params, &job.urls.strip_path_params,
        &job.fetch.network.auth_hosts, &job.fetch.resolver})
    add_hidden(text, *list);
  for (const std::string& request : job.seeds.requests)
    if (crawl::hide_request_secrets(request) != request) text += fmt::format("\n{}", request);
  for (const crawl::SiteSpec& site : job.sites) {
    crawl::JobSpec alone;
    for (const crawl::SiteValue& value : site.values) value.apply(alone);
    for (const auto& [name, value] : alone.fetch.headers)
      if (config::is_secret_header(name)) text += fmt::format("\nsite {}: {}", name, value);
    add_hidden(text, alone.scope.include);
    add_hidden(text, alone.scope.exclude);
  }
  return text;
}

}  // namespace

SettingValues setting_values(const config::LoadedJob& job) {
  SettingValues values;
  const std::string printed = config::print_job(job);
  std::string_view rest = printed;
  std::string section;
  int sites = 0;
  while (!rest.empty()) {
    const auto end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.starts_with("[[")) {
      section = fmt::format("site[{}]", sites++);
      continue;
    }
    if (line.starts_with('[')) {
      section = line.substr(1, line.find(']') - 1);
      continue;
    }
    line = line.substr(0, line.rfind("  # "));
    while (line.ends_with(' ')) line.remove_suffix(1);
    const auto equals = line.find(" = ");
    if (equals == line.npos) continue;
    values.emplace(fmt::format("{}.{}", section, line.substr(0, equals)),
                   std::string{line.substr(equals + 3)});
  }
  values.emplace(secrets_key, digest_of(secrets_of(job.spec)));
  return values;
}

std::string settings_digest(const SettingValues& values) {
  std::string text;
  for (const auto& [key, value] : values) text += fmt::format("{} = {}\n", key, value);
  return digest_of(text);
}

std::vector<SettingChange> changes_between(const SettingValues& before,
                                           const SettingValues& after) {
  std::set<std::string, std::less<>> keys;
  for (const auto& [key, value] : before) keys.insert(key);
  for (const auto& [key, value] : after) keys.insert(key);
  const auto value_in = [](const SettingValues& values, const std::string& key) {
    const auto found = values.find(key);
    return found == values.end() ? std::string{"not set"}
                                 : printable(found->second, value_shown_bytes_max);
  };
  std::vector<SettingChange> changes;
  for (const std::string& key : keys) {
    const auto old_value = before.find(key), new_value = after.find(key);
    if (old_value != before.end() && new_value != after.end() &&
        old_value->second == new_value->second)
      continue;
    if (key == secrets_key)
      changes.push_back(
          {key, "a secret header, the proxy's credentials, or what is not shown of a URL"});
    else
      changes.push_back(
          {key, fmt::format("{}: {} → {}", key, value_in(before, key), value_in(after, key))});
  }
  return changes;
}

bool applies_live(std::string_view key) {
  constexpr auto others = std::to_array<std::string_view>(
      {"job.weight", "job.schedule", "job.schedule_timezone", "job.catch_up"});
  return crawl::may_change_live(key) || std::ranges::find(others, key) != others.end();
}

}  // namespace trawl::service
