// Each value is read the moment its layer is laid, over what lay there before; so the last layer
// wins without a merged tree, and every error still knows the place it came from.
#include "config/layers.hpp"

#include "config/check.hpp"
#include "config/daemon_key.hpp"
#include "config/document.hpp"
#include "config/header_table.hpp"
#include "config/nearest.hpp"
#include "config/priorities.hpp"
#include "config/sites.hpp"
#include "core/base/log.hpp"
#include "core/web/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace trawl::config {
namespace {

constexpr std::string_view variable_prefix = "TRAWL_";
constexpr std::size_t key_shown_bytes_max = 80;

Origin at(const std::string& file, const toml::source_position& position) {
  return {file, static_cast<int>(position.line), static_cast<int>(position.column)};
}

auto order(const toml::source_position& position) {
  return std::pair{position.line, position.column};
}

bool from_file(const Origin& origin) {
  return origin.line != 0;
}

std::string entry_path(std::string_view path, std::string_view name) {
  return fmt::format("{}.{}", path, lower_ascii(name));
}

// TRAWL_FETCH__TIMEOUT_TOTAL is fetch.timeout_total; empty for variables that are not keys.
std::string path_of_variable(std::string_view name) {
  if (!name.starts_with(variable_prefix)) return {};
  name.remove_prefix(variable_prefix.size());
  if (name.find("__") == std::string_view::npos) return {};
  std::string path = lower_ascii(name);
  for (auto found = path.find("__"); found != std::string::npos; found = path.find("__"))
    path.replace(found, 2, ".");
  const auto [key, entry] = find_key(path);
  if (key == nullptr || entry.empty()) return path;
  return fmt::format("{}.{}", key->path,
                     key->path == "fetch.headers" ? header_from_variable(entry) : entry);
}

// A section is found by its beginning, or when half of what was written is right.
std::string unknown_section(std::string_view path) {
  std::vector<std::string_view> sections;
  for (const std::string_view key : job_key_paths())
    if (sections.empty() || sections.back() != section_of(key)) sections.push_back(section_of(key));
  const auto begins = std::ranges::find_if(
      sections, [&](std::string_view section) { return section.starts_with(path); });
  const std::string_view near = begins != sections.end() ? *begins : nearest_key(path, sections);
  if (2 * edit_distance(path, near) > static_cast<int>(path.size()) && begins == sections.end())
    return fmt::format("unknown section; there are [{}]", fmt::join(sections, "], ["));
  return fmt::format("unknown section; the nearest known section is [{}]", near);
}

std::string unknown_message(std::string_view path, const toml::node& node) {
  if (node.is_array_of_tables())
    return "unknown; the only tables of this form are [[site]] and [[priority]]";
  if (is_section(path)) return "is a section; set its keys one by one";
  const auto is_named = [&](std::string_view key) {
    return key.ends_with(fmt::format(".{}", path));
  };
  const bool daemons = find_daemon_key(path) != nullptr || path == "log";
  if (daemons && std::ranges::none_of(job_key_paths(), is_named))
    return "belongs into the configuration of trawl serve, not into a job";
  if (node.is_table() && path.find('.') == std::string_view::npos) return unknown_section(path);
  const std::string_view nearest = nearest_key(path, job_key_paths());
  if (nearest.empty()) return "unknown key";
  return fmt::format("unknown key; the nearest known key is {}", nearest);
}

}  // namespace

Layers::Layers(std::string default_name) {
  job_.spec.name = std::move(default_name);
}

// toml++ sorts tables by name; people read files from the top, and so do we.
void Layers::add_document(const toml::table& document, const std::string& file) {
  if (const auto pattern = patterns_.add(document)) return stop(*pattern, at(file, pattern->where));
  std::vector<Entry> entries;
  for (const auto& [name, node] : document) {
    if (name.str() == "site" || name.str() == "priority") continue;
    const toml::table* section = is_section(name.str()) ? node.as_table() : nullptr;
    if (section == nullptr) entries.push_back({std::string{name.str()}, false, name, node});
    if (section == nullptr) continue;
    for (const auto& [key, value] : *section)
      entries.push_back({fmt::format("{}.{}", name.str(), key.str()), true, key, value});
  }
  std::ranges::sort(entries, std::less{},
                    [](const Entry& entry) { return order(entry.name.get().source().begin); });
  for (const Entry& entry : entries) add_entry(entry, file);
  add_tables(document, file);
}

void Layers::add_tables(const toml::table& document, const std::string& file) {
  const auto refuse_at = [this](const Origin& origin, std::string_view key, std::string message) {
    wrong_.emplace(key);
    refuse(origin, key, std::move(message));
  };
  if (const toml::node* sites = document.get("site")) read_sites(*sites, file, job_, refuse_at);
  if (const toml::node* rules = document.get("priority"))
    read_priorities(*rules, file, job_, refuse_at);
  std::ranges::sort(errors_, std::less{}, [](const ConfigError& error) {
    return std::tuple{error.line, error.column, std::string_view{error.key}};
  });
}

void Layers::add_entry(const Entry& entry, const std::string& file) {
  const toml::node& node = entry.node;
  const Given named{entry.path, node, at(file, entry.name.get().source().begin)};
  if (!entry.in_section && is_section(entry.path))
    return refuse(at(file, node.source().begin), entry.path,
                  fmt::format("expected a table, [{}], found {}", entry.path, describe(node)));
  // "fetch.http" in quotes at the top is not the key fetch.http.
  if (!entry.in_section) return refuse_unknown(named);
  if (is_unusable(named)) return;
  const Given given{entry.path, node, at(file, node.source().begin)};
  const Key& key = *find_key(entry.path).first;
  const Problems problems = read(key, {}, given);
  problems.empty() ? accept(key, given) : refuse(given, problems);
}

void Layers::add_environment(const std::map<std::string, std::string>& variables) {
  for (const auto& [name, value] : variables)
    if (const std::string path = path_of_variable(name); !path.empty())
      add_from_text(path, value, false, {name, 0, 0});
}

void Layers::add_option(const Override& option) {
  add_from_text(option.key, option.value, option.literal, {option.source, 0, 0});
}

// The text is tried as TOML first and as a plain string second; when neither is what the key
// takes, the message is about the TOML, since that is what the user meant to write.
void Layers::add_from_text(const std::string& path, const std::string& value, bool literal,
                           const Origin& origin) {
  const toml::value<std::string> plain{value};
  const auto parsed = literal ? nullptr : parse_value(value);
  const Given as_plain{path, plain, origin};
  const Given as_toml{path, parsed ? *parsed : static_cast<const toml::node&>(plain), origin};
  if (stopped_ || is_unusable(as_toml)) return;
  if (const auto pattern = patterns_.add(path, as_toml.node)) return stop(*pattern, origin);
  const auto [key, entry] = find_key(path);
  const Problems problems = read(*key, entry, as_toml);
  if (problems.empty()) return accept(*key, as_toml);
  if (parsed && read(*key, entry, as_plain).empty()) return accept(*key, as_plain);
  // No TOML for that alone, so what else is wrong with it can't be told.
  if (!parsed && !web::utf8::is_valid(value))
    return refuse(origin, path, fmt::format("expected a text in UTF-8, found {}", describe(plain)));
  refuse(as_toml, problems);
}

// Unknown keys, and those that a layer can't set.
bool Layers::is_unusable(const Given& given) {
  const std::string_view first = section_of(given.path).substr(0, given.path.find('['));
  if (first == "site" || first == "priority") {
    refuse(given.origin, given.path,
           first == "site" ? "sites are set in a job file alone, in [[site]] tables"
                           : "priorities are set in a job file alone, in [[priority]] tables");
    return true;
  }
  const auto [key, entry] = find_key(given.path);
  // In a file a header's name may have dots, so entries are reached through their table only.
  if (key != nullptr && (entry.empty() || !from_file(given.origin))) return false;
  refuse_unknown(given);
  return true;
}

void Layers::refuse_unknown(const Given& given) {
  if (has_room())  // the search for the nearest key is the dear part of an error
    refuse(given.origin, given.path, unknown_message(given.path, given.node));
}

Problems Layers::read(const Key& key, std::string_view entry, const Given& given) {
  Problems problems;
  if (key.read_entry && entry.empty()) return read_table(key, given);
  if (key.read_entry)
    key.read_entry(entry, given.node, job_.spec, problems);
  else
    key.read(given.node, job_.spec, problems);
  return problems;
}

Problems Layers::read_table(const Key& key, const Given& given) {
  Problems problems;
  const toml::table* table = given.node.as_table();
  if (table == nullptr) {
    // Not described by its value, which may be a secret.
    problems.push_back(
        {{}, given.node.source().begin, "expected a table like { Name = \"value\" }"});
    return problems;
  }
  key.read(given.node, job_.spec, problems);
  std::erase_if(job_.origins, [&](const auto& origin) {
    return origin.first.starts_with(fmt::format("{}.", key.path));
  });
  std::set<std::string> seen;
  for (const auto& [name, node] : *table) {
    Problems wrong;
    key.read_entry(name.str(), node, job_.spec, wrong);
    if (!seen.insert(lower_ascii(name.str())).second)
      wrong.push_back({{}, name.source().begin, "is there twice: names differ only in case"});
    for (Problem& problem : wrong) {
      problem.entry = fmt::format(".{}", name.str());
      problems.push_back(std::move(problem));
    }
    Origin origin = given.origin;
    if (from_file(origin)) origin = at(origin.source, node.source().begin);
    job_.origins.insert_or_assign(entry_path(key.path, name.str()), origin);
  }
  return problems;
}

void Layers::accept(const Key& key, const Given& given) {
  const bool entry = given.path.size() > key.path.size();
  job_.origins.insert_or_assign(
      entry ? entry_path(key.path, given.path.substr(key.path.size() + 1)) : std::string{key.path},
      given.origin);
}

void Layers::stop(const PatternCount::OneTooMany& pattern, const Origin& origin) {
  stopped_ = true;
  refuse(origin, pattern.key, pattern.message);
}

void Layers::refuse(const Given& given, const Problems& problems) {
  wrong_.emplace(given.path);
  for (const Problem& problem : problems) {
    Origin origin = given.origin;
    if (from_file(origin) && problem.where.line != 0) origin = at(origin.source, problem.where);
    refuse(origin, fmt::format("{}{}", given.path, problem.entry), problem.message);
  }
}

bool Layers::has_room() {
  if (errors_.size() < errors_shown_max) return true;
  ++errors_left_out_;
  return false;
}

void Layers::refuse(const Origin& origin, std::string_view key, std::string message) {
  if (!has_room()) return;
  errors_.push_back({origin.source, origin.line, origin.column, printable(key, key_shown_bytes_max),
                     std::move(message)});
}

// A crawl bounds its pages and takes URLs for one that are most likely of one page; whoever names a
// file to fetch wants the whole of it, and just that.
void Layers::take_list_defaults() {
  const auto by_default = [this](const char* key, auto change) {
    if (job_.origins.contains(key)) return;
    change();
    job_.origins.insert_or_assign(key, Origin{"default with job.mode = \"fetch\"", 0, 0});
  };
  by_default("fetch.max_body", [this] { job_.spec.fetch.max_body_bytes.reset(); });
  by_default("urls.strip_params", [this] { job_.spec.urls.strip_params.clear(); });
  by_default("urls.strip_path_params", [this] { job_.spec.urls.strip_path_params.clear(); });
}

Loaded<LoadedJob> Layers::finish(const std::string& seeds_required_in) && {
  if (job_.spec.mode == crawl::JobMode::fetch) take_list_defaults();
  if (!stopped_) check_rules(job_, wrong_, seeds_required_in, errors_);
  if (errors_.empty()) return std::move(job_);
  if (errors_left_out_ > 0)
    errors_.push_back({.file = errors_.front().file,
                       .message = fmt::format("and {} more errors", errors_left_out_)});
  return std::unexpected(std::move(errors_));
}

}  // namespace trawl::config
