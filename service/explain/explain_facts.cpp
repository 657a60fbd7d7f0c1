// The same decision classes that the crawl uses are asked again here, with the job's settings and
// seeds as the folder holds them; nothing is decided anew.
#include "service/explain/explain_facts.hpp"

#include "core/base/note.hpp"
#include "core/crawl/engine/robots_gate.hpp"
#include "core/crawl/job/priorities.hpp"
#include "core/crawl/job/site_settings.hpp"
#include "core/crawl/job/url_text.hpp"
#include "core/crawl/scope/admission.hpp"
#include "core/crawl/scope/traps.hpp"
#include "core/crawl/scope/url_shape.hpp"
#include "core/web/digest.hpp"
#include "core/web/url/canonical.hpp"
#include "core/web/url/host.hpp"
#include "service/explain/stored_scope.hpp"
#include "service/records/record_lookup.hpp"
#include "service/records/stored_job.hpp"
#include "storage/sqlite/history_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace trawl::service {
namespace {

constexpr std::size_t via_steps_max = 25;
constexpr std::size_t redirects_shown_max = 5;
constexpr std::size_t near_max = 5;
constexpr std::string_view no_host;  // of records of what is no URL

struct Spelling {
  std::string text;
  web::Url parsed;
  Result<web::Url> canonical;
};

Result<std::vector<Spelling>> parsed_spellings(std::string_view text, const crawl::JobSpec& job) {
  auto texts = spellings_of(text);
  if (!texts) return std::unexpected(texts.error());
  std::vector<Spelling> spellings;
  for (std::string& spelling : *texts) {
    auto parsed = web::Url::parse(spelling);
    if (!parsed)
      return fail(Errc::bad_url, fmt::format("{} is no URL: {}", text, parsed.error().detail));
    if (!parsed->is_http())
      return fail(Errc::bad_url, fmt::format("{} is no http or https URL", spelling));
    auto canonical = web::canonicalise(*parsed, crawl::canonical_rules(job.urls));
    spellings.push_back({std::move(spelling), *std::move(parsed), std::move(canonical)});
  }
  return spellings;
}

std::vector<std::string> parameter_names(std::string_view query) {
  std::vector<std::string> names;
  if (query.starts_with('?')) query.remove_prefix(1);
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view name = query.substr(0, std::min(end, query.find('=')));
    if (!name.empty()) names.emplace_back(name);
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return names;
}

// The parameters that the canonical form has lost.
std::vector<std::string> stripped_parameters(const web::Url& before, const web::Url& after) {
  std::vector<std::string> names = parameter_names(before.search());
  for (const std::string& kept : parameter_names(after.search()))
    if (const auto found = std::ranges::find(names, kept); found != names.end()) names.erase(found);
  return names;
}

// The same URL as people misremember it: scheme, www, the slash at the end.
std::vector<std::string> variants_of(const web::Url& url) {
  std::vector<std::string> variants;
  const std::string_view host = url.host();
  std::string path{url.pathname()};
  const std::string other_path = path.ends_with('/') ? path.substr(0, path.size() - 1) : path + '/';
  const std::string other_host =
      host.starts_with("www.") ? std::string{host.substr(4)} : fmt::format("www.{}", host);
  for (const std::string_view scheme : {"https", "http"})
    for (const std::string& name : {std::string{host}, other_host})
      for (const std::string& variant : {path, other_path})
        for (const std::string_view query : {url.search(), std::string_view{}})
          variants.push_back(
              fmt::format("{}://{}{}{}", scheme, name, variant.empty() ? "/" : variant, query));
  std::ranges::sort(variants);
  const auto repeated = std::ranges::unique(variants);
  variants.erase(repeated.begin(), repeated.end());
  return variants;
}

std::vector<std::string> near_misses(storage::Db& db, const web::Url& url) {
  std::vector<std::string> near;
  const std::vector<std::string> variants = variants_of(url);
  std::vector<std::string> hosts;
  for (const std::string& variant : variants)
    if (const auto parsed = web::Url::parse(variant)) hosts.push_back(web::host_key(*parsed));
  std::ranges::sort(hosts);
  const auto repeated = std::ranges::unique(hosts);
  hosts.erase(repeated.begin(), repeated.end());
  for (const std::string& host : hosts)
    for (std::string& known : storage::known_among(db, host, variants))
      near.push_back(std::move(known));
  if (near.size() < near_max)
    for (std::string& similar : similar_urls(db, url.href(), near_max - near.size()))
      if (std::ranges::find(near, similar) == near.end()) near.push_back(std::move(similar));
  if (near.size() > near_max) near.resize(near_max);
  return near;
}

std::string_view mode_name(crawl::ScopeMode mode) {
  switch (mode) {
    case crawl::ScopeMode::page:
      return "page";
    case crawl::ScopeMode::prefix:
      return "prefix";
    case crawl::ScopeMode::host:
      return "host";
    case crawl::ScopeMode::domain:
      return "domain";
    case crawl::ScopeMode::any:
      break;
  }
  return "any";
}

// "scope.exclude[1], entry 2 of 3 (docs.toml:7:1)"; errors count in brackets, from 0.
std::string place_of(const crawl::Scope::Verdict& verdict, const StoredJob& job,
                     const crawl::ScopeSpec& scope) {
  const auto& usual = job.spec.scope;
  const auto with_origin = [&](std::string text, std::string_view key, bool of_site = false) {
    const std::string origin = of_site ? "[[site]]" : job.origin(key);
    return origin.empty() ? text : fmt::format("{} ({})", text, origin);
  };
  constexpr std::string_view exclude = "exclude ";
  if (verdict.rule == "depth")
    return with_origin("scope.max_depth", "scope.max_depth", scope.max_depth != usual.max_depth);
  if (verdict.rule == "include")
    return with_origin(fmt::format("none of the {} of scope.include matches", scope.include.size()),
                       "scope.include", scope.include != usual.include);
  if (!verdict.rule.starts_with(exclude))
    return with_origin(fmt::format("scope.mode = \"{}\"", mode_name(scope.mode)), "scope.mode");
  const auto found = std::ranges::find(scope.exclude, verdict.rule.substr(exclude.size()));
  const auto entry = found - scope.exclude.begin();
  return with_origin(
      fmt::format("scope.exclude[{}], entry {} of {}", entry, entry + 1, scope.exclude.size()),
      "scope.exclude", scope.exclude != usual.exclude);
}

void ask_priority(RuleFacts& rules, const StoredJob& job, const web::Url& url,
                  const std::optional<storage::UrlRow>& row) {
  const auto priorities = crawl::Priorities::create(job.spec);
  if (!priorities) return;  // the job itself would not start
  const auto rule = priorities->rule_of(url.href(), rules.depth);
  rules.priority = row ? crawl::priority_of(row->id.seq) : priorities->of(url.href(), rules.depth);
  if (rule && job.spec.priorities[*rule].priority == rules.priority) {
    const std::string origin = job.origin(fmt::format("priority[{}]", *rule));
    rules.priority_reason =
        fmt::format("by the rule priority[{}], {} of {}{}", *rule, *rule + 1,
                    job.spec.priorities.size(), origin.empty() ? "" : fmt::format(" ({})", origin));
  } else if (row && rules.priority != 0) {
    rules.priority_reason = row->sitemap == 0 ? "by the sitemap that lists it"
                            : !row->redirect_chain.empty()
                                ? "by the URL that redirected here"
                                : "by the rules of the time when it was found";
  }
}

// Whether the rule that the verdict names is asked when a queued URL's turn comes, as
// Admission::left_out() does.
bool is_asked_again(const RuleFacts& rules, const crawl::JobSpec& job,
                    const crawl::FormerSeeds& seeds, bool is_sitemap) {
  if (is_sitemap) return false;  // those of a site that is left alone: the run finds that out
  const std::string_view rule = rules.verdict.rule;
  const bool may_be_shown = job.scope.requisites == crawl::RequisiteScope::any;
  if (rule.starts_with("exclude ")) return true;
  if (rule == "include") return !may_be_shown;
  return rule.starts_with("mode ") && seeds.any() && (rules.former_seed || !may_be_shown);
}

RuleFacts ask_rules(storage::Db& db, const StoredJob& job, const web::Url& url,
                    const std::optional<storage::UrlRow>& row, Wall now) {
  const int depth = row ? row->record.depth : 1;
  RuleFacts rules{.depth = depth, .verdict = {.inside = true}};
  ask_priority(rules, job, url, row);
  if (job.spec.mode == crawl::JobMode::fetch) return rules;
  rules.trap = crawl::trap_rule(url, job.spec.urls, now);
  for (crawl::PatternState& pattern : storage::stored_patterns(db, web::host_key(url)))
    if (pattern.shape == crawl::url_shape(url)) rules.pattern = std::move(pattern);
  const crawl::SiteSettings sites{job.spec};
  const crawl::ScopeSpec& spec = sites.of(web::host_key(url)).scope;
  const auto scope = stored_scope(db, job.spec, spec, now);
  if (!scope) return rules;                      // the job itself would not start
  const bool listed = row && row->sitemap == 0;  // by a sitemap: depth 0, and no seed for that
  const bool was_outlink = row && has_note(row->record.outcome.note, crawl::outlink_note);
  rules.outlink = !listed && (job.spec.scope.outlinks || was_outlink) && !scope->in_mode(url);
  const crawl::FormerSeeds seeds = stored_seeds(db, job.spec, now);
  const bool asked_for = row && depth == 0 && !row->sitemap;
  rules.former_seed = asked_for && seeds.has(web::fingerprint(row->record.url));
  const bool seed = asked_for && row->redirect_chain.empty() && !rules.former_seed;
  rules.verdict = seed            ? crawl::Scope::Verdict{.inside = true}
                  : rules.outlink ? crawl::Scope::check_outlink(url, depth, scope->rules())
                  : listed || rules.former_seed ? scope->check_listed(url, depth)
                                                : scope->check(url, depth);
  rules.left_out = row && !rules.verdict.inside &&
                   is_asked_again(rules, job.spec, seeds, row->sitemap.value_or(0) > 0);
  rules.place = place_of(rules.verdict, job, spec);
  return rules;
}

RobotsFacts ask_robots(storage::Db& db, const crawl::JobSpec& job, const web::Url& url) {
  RobotsFacts facts{.origin = url.origin()};
  facts.stored = storage::stored_robots(db, facts.origin);
  if (!facts.stored) return facts;
  const auto rules = crawl::robots_rules(*facts.stored, crawl::product_token(job));
  facts.stored->body.clear();
  facts.unreachable = !rules;
  if (!rules) return facts;
  facts.verdict = rules->check(url.path_and_query());
  if (const auto delay = rules->crawl_delay_s(); delay && *delay >= 0)
    facts.crawl_delay = Millis{static_cast<std::int64_t>(std::min(*delay, 1e6) * 1000)};
  return facts;
}

void describe_row(storage::Db& db, Explanation& facts) {
  facts.history = storage::stored_history(db, facts.row->id);
  facts.via = storage::via_chain(db, *facts.row, via_steps_max);
  facts.via_cut = !facts.via.empty() && facts.via.back().depth > 0;
  const auto url = web::Url::parse(facts.row->record.url);
  if (!url) return;
  facts.redirected_from =
      storage::redirects_to(db, web::host_key(*url), facts.row->record.url, redirects_shown_max);
}

// Of a record by other settings of [urls], as Shard::ask_for_canonical() has it. own: its URL.
void note_other_form(Explanation& facts, const crawl::JobSpec& job, const web::Url& own) {
  const bool keeps_spelling = job.mode == crawl::JobMode::fetch ||
                              facts.row->sitemap.value_or(0) > 0 ||
                              facts.row->record.method != "GET";
  if (keeps_spelling) return;
  const auto canonical = web::canonicalise(own, crawl::canonical_rules(job.urls));
  if (!canonical) {
    facts.refusal = canonical.error().detail;
    facts.rules.left_out = true;
    return;
  }
  facts.other_form = canonical->href();
  if (facts.other_form == facts.url) {
    facts.other_form.clear();
    return;
  }
  facts.changes.push_back(fmt::format("by [urls] it is {} now", facts.other_form));
  facts.rules.verdict = {.inside = false, .rule = "urls"};
  facts.rules.place.clear();
  facts.rules.outlink = false;
  facts.rules.left_out = true;
}

// Of what a list or the job named and is no URL.
std::optional<Explanation> explain_line(storage::Db& db, std::string_view text) {
  for (const std::string& spelling : {std::string{text}, crawl::line_shown(text)})
    if (auto row = storage::find_url(db, spelling, no_host, {})) {
      const crawl::Outcome& outcome = row->record.outcome;
      return Explanation{.asked = std::string{text},
                         .url = row->record.url,
                         .refusal = outcome.error_detail,
                         .row = std::move(row),
                         .is_line = true};
    }
  return std::nullopt;
}

}  // namespace

std::vector<std::string> canonical_changes(std::string_view text, const web::Url& parsed,
                                           std::string_view canonical) {
  std::vector<std::string> changes;
  const auto after = web::Url::parse(canonical);
  if (!after || text == canonical) return changes;
  if (!text.contains("://")) changes.push_back(fmt::format("scheme {} added", parsed.scheme()));
  const std::size_t host_start = text.find("://") == text.npos ? 0 : text.find("://") + 3;
  const std::string_view written_host = text.substr(
      host_start, std::min(text.find_first_of("/?#", host_start), text.size()) - host_start);
  if (parsed.port().empty() && (written_host.ends_with(":80") || written_host.ends_with(":443")))
    changes.emplace_back("default port left out");
  if (!parsed.username().empty() || !parsed.password().empty())
    changes.emplace_back("user name and password left out");
  if (std::ranges::any_of(written_host, [](char c) { return c >= 'A' && c <= 'Z'; }) ||
      std::ranges::any_of(written_host, [](char c) { return static_cast<unsigned char>(c) > 127; }))
    changes.emplace_back("host name in its normal form");
  if (!parsed.hash().empty()) changes.emplace_back("fragment left out");
  for (const std::string& name : stripped_parameters(parsed, *after))
    changes.push_back(fmt::format("parameter {} stripped (urls.strip_params)", name));
  const bool fewer_path_params =
      std::ranges::count(parsed.pathname(), ';') > std::ranges::count(after->pathname(), ';');
  if (fewer_path_params) changes.emplace_back("path parameters stripped (urls.strip_path_params)");
  if (text.contains("/./") || text.contains("/../") || text.contains('\\'))
    changes.emplace_back("dot segments and backslashes resolved");
  if (parsed.pathname() != after->pathname() && !fewer_path_params)
    changes.emplace_back("percent-encoding normalised");
  if (changes.empty()) changes.emplace_back("spelling as browsers have it");
  return changes;
}

Result<Explanation> gather_explanation(storage::Db& db, const std::string& folder,
                                       std::string_view text, Wall now, std::string_view method) {
  if (auto line = explain_line(db, text)) {
    line->now = now;
    line->folder = folder;
    return std::move(*line);
  }
  StoredJob job = read_stored_job(db);
  auto spellings = parsed_spellings(text, job.spec);
  if (!spellings) return std::unexpected(spellings.error());
  Explanation facts{.asked = std::string{text}, .note = job.problem, .now = now, .folder = folder};
  const Spelling* chosen = &spellings->front();
  // A record under just this spelling, by the rules of an earlier run, is the one that is meant.
  for (const Spelling& spelling : *spellings) {
    if (facts.row) break;
    facts.row = storage::find_url(db, spelling.parsed.without_fragment(),
                                  web::host_key(spelling.parsed), method);
    if (facts.row) chosen = &spelling;
  }
  for (const Spelling& spelling : *spellings) {
    if (!spelling.canonical || facts.row) continue;
    facts.row = storage::find_url(db, spelling.canonical->href(),
                                  web::host_key(*spelling.canonical), method);
    if (facts.row) chosen = &spelling;
  }
  // Of a URL without a scheme the seeds' is meant.
  if (!facts.row && spellings->size() > 1 && !job.spec.seeds.urls.empty())
    for (const Spelling& spelling : *spellings)
      if (job.spec.seeds.urls.front().starts_with(spelling.parsed.protocol())) chosen = &spelling;
  if (!facts.row)  // a folder may hold what other rules have made
    if (const auto record = look_up(db, text, method); record && *record)
      if (const auto url = web::Url::parse((*record)->url))
        facts.row = storage::find_url(db, url->href(), web::host_key(*url), method);
  // Rules are asked of the spelling that has the record, whatever they would make of it.
  const auto own = facts.row ? web::Url::parse(facts.row->record.url) : chosen->canonical;
  const web::Url& url = own ? *own : chosen->parsed;
  facts.url = facts.row ? facts.row->record.url : url.href();
  if (!facts.row && !own) facts.refusal = own.error().detail;
  facts.changes = canonical_changes(text, chosen->parsed, facts.url);
  facts.rules = ask_rules(db, job, url, facts.row, now);
  if (facts.row) note_other_form(facts, job.spec, url);
  facts.robots = ask_robots(db, job.spec, url);
  facts.host = storage::host_facts(db, web::host_key(url), facts.row ? &*facts.row : nullptr, now);
  if (facts.row)
    describe_row(db, facts);
  else
    facts.near = near_misses(db, url);
  facts.job = crawl::SiteSettings{job.spec}.of(web::host_key(url));
  return facts;
}

}  // namespace trawl::service
