// What each value is on its own is checked where it is read; here are the rules between values.
// A rule is reported where the user wrote one of its values, defaults being nobody's mistake.
#include "config/layers.hpp"
#include "core/http/message/credentials.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <tuple>

namespace trawl::config {
namespace {

using Wrong = std::set<std::string, std::less<>>;
using Errors = std::vector<ConfigError>;

void report(const LoadedJob& job, std::string_view key, std::string message, Errors& errors) {
  const Origin origin = job.origin(key);
  errors.push_back(
      {origin.source, origin.line, origin.column, std::string{key}, std::move(message)});
}

void check_delays(const LoadedJob& job, const Wrong& wrong, Errors& errors) {
  constexpr std::string_view delay = "politeness.delay";
  constexpr std::string_view delay_max = "politeness.delay_max";
  const crawl::PolitenessSpec& politeness = job.spec.politeness;
  if (wrong.contains(delay) || wrong.contains(delay_max)) return;
  if (politeness.delay <= politeness.delay_max) return;
  const auto shown = [&](std::string_view key, Millis value) {
    return fmt::format("{} ({}{})", key, format_duration(value),
                       job.origins.contains(key) ? "" : ", the default");
  };
  report(job, job.origins.contains(delay) ? delay : delay_max,
         fmt::format("expected {} to be at most {}", shown(delay, politeness.delay),
                     shown(delay_max, politeness.delay_max)),
         errors);
}

// A site's pauses against each other, where it sets one of them.
void check_site_delays(const LoadedJob& job, Errors& errors) {
  for (std::size_t i = 0; i < job.spec.sites.size(); ++i) {
    crawl::PolitenessSpec before = job.spec.politeness;
    crawl::JobSpec here;
    here.politeness = before;
    for (const crawl::SiteValue& value : job.spec.sites[i].values) value.apply(here);
    const auto& [delay, delay_max] = std::tie(here.politeness.delay, here.politeness.delay_max);
    if (delay <= delay_max || before.delay > before.delay_max) continue;
    const std::string key =
        fmt::format("site[{}].politeness.{}", i, delay == before.delay ? "delay_max" : "delay");
    report(job, key,
           fmt::format("expected politeness.delay ({}) to be at most politeness.delay_max ({}) at "
                       "this site",
                       format_duration(delay), format_duration(delay_max)),
           errors);
  }
}

std::ptrdiff_t occurrences(std::string_view text, std::string_view part) {
  std::ptrdiff_t count = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1))
    ++count;
  return count;
}

void check_contact_is_there(const LoadedJob& job, const Wrong& wrong, Errors& errors) {
  const std::string_view agent = job.spec.user_agent;
  const bool dropped = occurrences(agent, "{contact}") == occurrences(agent, " (+{contact})");
  if (dropped || !job.spec.contact.empty() || wrong.contains("job.contact")) return;
  report(job, "job.user_agent",
         "names {contact}, but job.contact is not set; only \" (+{contact})\" is left out then",
         errors);
}

void check_seeds(const LoadedJob& job, const Wrong& wrong, const std::string& required_in,
                 Errors& errors) {
  const crawl::SeedSpec& seeds = job.spec.seeds;
  if (std::ranges::count(seeds.files, "-") > 1)
    report(job, "seeds.files", "\"-\", standard input, can be read only once", errors);
  const bool unknown =
      std::ranges::any_of(std::to_array<std::string_view>(
                              {"seeds.urls", "seeds.files", "seeds.requests", "seeds.sitemaps"}),
                          [&](std::string_view key) { return wrong.contains(key); });
  if (required_in.empty() || unknown) return;
  if (!seeds.requests.empty() && job.spec.mode != crawl::JobMode::fetch)
    report(job, "seeds.requests", "is for job.mode = \"fetch\"", errors);
  if (seeds.urls.empty() && seeds.files.empty() && seeds.requests.empty() &&
      seeds.sitemaps.urls.empty())
    errors.push_back({.file = required_in,
                      .key = "seeds.urls",
                      .message =
                          "no seeds: expected URLs here, files in seeds.files or sitemaps in "
                          "seeds.sitemaps"});
}

bool has_secret_header(const crawl::FetchSpec& fetch) {
  return std::ranges::any_of(
      fetch.headers, [](const auto& header) { return http::is_secret_header(header.first); });
}

void check_credentials(const LoadedJob& job, const Wrong& wrong, Errors& errors) {
  const crawl::NetworkSpec& network = job.spec.fetch.network;
  const crawl::SeedSpec& seeds = job.spec.seeds;
  const auto rule = [&](std::string_view key, bool broken, std::string message) {
    if (broken && !wrong.contains(key)) report(job, key, std::move(message), errors);
  };
  const bool auth = network.auth != crawl::AuthScheme::off;
  rule("fetch.auth", auth && network.auth_file.empty(), "needs fetch.auth_file");
  rule("fetch.auth_file", !auth && !network.auth_file.empty(),
       "needs fetch.auth = \"basic\" or \"bearer\"");
  rule("fetch.client_key_file",
       !network.client_key_file.empty() && network.client_cert_file.empty(),
       "needs fetch.client_cert_file");
  rule("fetch.proxy_credentials_file",
       network.proxy == "off" && !network.proxy_credentials_file.empty(), "needs fetch.proxy");
  const bool nobody = network.auth_hosts.empty() && seeds.urls.empty() && seeds.requests.empty() &&
                      seeds.sitemaps.urls.empty() && !seeds.files.empty();
  rule("fetch.auth_hosts", nobody && (auth || has_secret_header(job.spec.fetch)),
       "expected the hosts that credentials and secret headers are for: with the seeds in files, "
       "nobody would get them");
}

void check_offline(const LoadedJob& job, const Wrong& wrong, Errors& errors) {
  constexpr std::string_view convert = "output.convert_links";
  const crawl::OutputSpec& output = job.spec.output;
  if (wrong.contains(convert) || wrong.contains("output.bodies")) return;
  if (output.convert_links && output.bodies == crawl::BodyMode::none)
    report(job, convert, "needs bodies: output.bodies is \"none\", set it to \"files\" or \"warc\"",
           errors);
}

void check_cookies(const LoadedJob& job, const Wrong& wrong, Errors& errors) {
  constexpr std::string_view file = "fetch.cookies_file", header = "fetch.headers.cookie";
  const crawl::FetchSpec& fetch = job.spec.fetch;
  if (wrong.contains("fetch.cookies")) return;
  const bool off = fetch.cookies == crawl::CookieMode::off;
  if (off && !fetch.cookies_file.empty() && !wrong.contains(file))
    report(job, file, "needs fetch.cookies, which is \"off\": set it to \"session\" or \"persist\"",
           errors);
  const bool own = std::ranges::any_of(
      fetch.headers, [](const auto& field) { return http::same_name(field.first, "cookie"); });
  if (!off && own)
    report(job, header,
           "can't be set beside fetch.cookies: put the cookies into fetch.cookies_file, so that "
           "each goes to its own server alone",
           errors);
}

void check_recrawl(const LoadedJob& job, const Wrong& wrong, Errors& errors) {
  constexpr std::string_view min = "recrawl.min", max = "recrawl.max";
  const crawl::RecrawlSpec& recrawl = job.spec.recrawl;
  if (wrong.contains("recrawl.every") || wrong.contains(min) || wrong.contains(max)) return;
  if (recrawl.min.has_value() != recrawl.max.has_value())
    report(job, recrawl.min ? min : max, fmt::format("needs {}", recrawl.min ? max : min), errors);
  else if (recrawl.min && recrawl.every)
    report(job, "recrawl.every", "says what recrawl.min and recrawl.max say: leave one out",
           errors);
  else if (recrawl.min && *recrawl.min > *recrawl.max)
    report(job, min, "is longer than recrawl.max", errors);
}

}  // namespace

void check_rules(const LoadedJob& job, const Wrong& wrong, const std::string& seeds_required_in,
                 Errors& errors) {
  check_delays(job, wrong, errors);
  check_site_delays(job, errors);
  check_contact_is_there(job, wrong, errors);
  check_seeds(job, wrong, seeds_required_in, errors);
  check_offline(job, wrong, errors);
  check_cookies(job, wrong, errors);
  check_credentials(job, wrong, errors);
  check_recrawl(job, wrong, errors);
}

}  // namespace trawl::config
