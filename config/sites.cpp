// A site's value is read twice: into a job of its own when the file is loaded, so that it is an
// error at its place, and over the job's values when a host asks for them. So any key can be one of
// a site without knowing about sites; patterns alone are not read again.
#include "config/sites.hpp"

#include "config/check.hpp"
#include "config/header_table.hpp"
#include "config/nearest.hpp"
#include "core/base/limits.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <set>
#include <utility>
#include <vector>

namespace trawl::config {
namespace {

constexpr auto paths = std::to_array<std::string_view>({
    "politeness.delay",
    "politeness.per_host",
    "politeness.adaptive",
    "politeness.delay_max",
    "politeness.retry_after_max",
    "politeness.crawl_delay_max",
    "fetch.http",
    "fetch.timeout_dns",
    "fetch.timeout_connect",
    "fetch.timeout_first_byte",
    "fetch.timeout_total",
    "fetch.min_speed",
    "fetch.max_body",
    "fetch.max_redirects",
    "fetch.attempts",
    "fetch.backoff",
    "fetch.host_breaker",
    "fetch.tls_verify",
    "fetch.headers",
    "scope.include",
    "scope.exclude",
    "scope.max_depth",
    "limits.pages_per_host",
    "urls.pattern_budget",
});

constexpr std::string_view match_expected =
    "a host like \"example.org\", \"*.example.org\" or \"example.org:8080\", or a list of them";

bool is_site_key(std::string_view path) {
  return std::ranges::find(paths, path) != paths.end();
}

// "politeness.delay" for "delay", when one section alone has it.
std::string_view whole_path(std::string_view name) {
  std::string_view found;
  for (const std::string_view path : paths) {
    if (path.substr(path.find('.') + 1) != name) continue;
    if (!found.empty()) return {};
    found = path;
  }
  return found;
}

// The list of patterns that a key is; none for other keys. Its texts are kept as they were read,
// since reading them again compiles them.
using Patterns = std::vector<std::string> crawl::ScopeSpec::*;
Patterns patterns_of(std::string_view path) {
  if (path == "scope.include") return &crawl::ScopeSpec::include;
  return path == "scope.exclude" ? &crawl::ScopeSpec::exclude : nullptr;
}

std::shared_ptr<const toml::node> copy_of(const toml::node& node) {
  return node.visit([](const auto& value) -> std::shared_ptr<const toml::node> {
    return std::make_shared<std::remove_cvref_t<decltype(value)>>(value);
  });
}

// Reads one [[site]] table.
class SiteTable {
 public:
  SiteTable(std::size_t number, const std::string& file, LoadedJob& job, const Refuse& refuse)
      : name_(fmt::format("site[{}]", number)), file_(file), job_(job), refuse_(refuse) {}

  crawl::SiteSpec read(const toml::table& table) {
    remember({}, table);
    for (const Entry& entry : entries_of(table)) read_entry(entry);
    if (site_.match.empty() && !wrong_match_)
      refuse({}, table.source().begin, fmt::format("expected `match`, {}", match_expected));
    return std::move(site_);
  }

 private:
  struct Entry {
    std::string path;  // "politeness.delay", or what stands in the table itself
    const toml::key* key;
    const toml::node* node;
  };

  static std::vector<Entry> entries_of(const toml::table& table) {
    std::vector<Entry> entries;
    for (const auto& [name, node] : table) {
      const toml::table* section = is_section(name.str()) ? node.as_table() : nullptr;
      const std::string_view whole = whole_path(name.str());
      if (section == nullptr)
        entries.push_back({std::string{whole.empty() ? name.str() : whole}, &name, &node});
      else
        for (const auto& [key, value] : *section)
          entries.push_back({fmt::format("{}.{}", name.str(), key.str()), &key, &value});
    }
    std::ranges::sort(entries, std::less{}, [](const Entry& entry) {
      const auto& begin = entry.key->source().begin;
      return std::pair{begin.line, begin.column};
    });
    return entries;
  }

  void read_entry(const Entry& entry) {
    if (entry.path == "match") return read_match(*entry.node);
    if (!is_site_key(entry.path)) return refuse_key(entry);
    if (!seen_.insert(entry.path).second)
      return refuse(entry.path, entry.key->source().begin, "is there twice");
    const Key& key = *find_key(entry.path).first;
    if (!key.read_entry) return read_value_of(key, {}, *entry.node);
    const toml::table* table = entry.node->as_table();
    if (table == nullptr)
      return refuse(entry.path, entry.node->source().begin,
                    "expected a table like { Name = \"value\" }");
    if (table->size() > table_entries_max)
      return refuse(entry.path, entry.node->source().begin,
                    fmt::format("has {} entries, more than {}", table->size(), table_entries_max));
    for (const auto& [name, node] : *table) {
      const std::string path = fmt::format("{}.{}", entry.path, lower_ascii(name.str()));
      if (!seen_.insert(path).second)
        refuse(path, name.source().begin, "is there twice: names differ only in case");
      else
        read_value_of(key, name.str(), node);
    }
  }

  void read_match(const toml::node& node) {
    Problems problems;
    if (const auto text = text_of(node)) {
      std::string host{*text};
      const std::string expected = check_host_glob(host);
      if (expected.empty())
        site_.match = {std::move(host)};
      else
        mismatch(problems, node, match_expected.starts_with(expected) ? match_expected : expected);
    } else if (node.is_array() && !node.as_array()->empty()) {
      TextList{check_host_glob}.read(node, site_.match, problems);
    } else {
      mismatch(problems, node, match_expected);
    }
    wrong_match_ = !problems.empty();
    for (const Problem& problem : problems)
      refuse(fmt::format("match{}", problem.entry), problem.where, problem.message);
    remember("match", node);
  }

  // entry: the name within an open table, else empty.
  void read_value_of(const Key& key, std::string_view entry, const toml::node& node) {
    const auto read = [&key, name = std::string{entry}](const toml::node& value,
                                                        crawl::JobSpec& job, Problems& problems) {
      name.empty() ? key.read(value, job, problems) : key.read_entry(name, value, job, problems);
    };
    Problems problems;
    crawl::JobSpec alone;
    read(node, alone, problems);
    std::string path{key.path};
    if (!entry.empty()) path += fmt::format(".{}", lower_ascii(entry));
    for (const Problem& problem : problems)
      refuse(path + problem.entry, problem.where, problem.message);
    if (!problems.empty()) return;
    remember(path, node);
    if (const auto patterns = patterns_of(path)) {
      site_.values.push_back({path, [patterns, list = alone.scope.*patterns](crawl::JobSpec& job) {
                                job.scope.*patterns = list;
                              }});
      return;
    }
    site_.values.push_back({path, [read, value = copy_of(node)](crawl::JobSpec& job) {
                              Problems none;  // it was read before
                              read(*value, job, none);
                            }});
  }

  void refuse_key(const Entry& entry) {
    const auto& where = entry.key->source().begin;
    if (find_key(entry.path).first != nullptr)
      return refuse(entry.path, where,
                    fmt::format("holds for the whole job and can't differ by host; set it in [{}]",
                                section_of(entry.path)));
    if (is_section(entry.path))
      return refuse(entry.path, entry.node->source().begin,
                    fmt::format("expected a table, found {}", describe(*entry.node)));
    std::vector<std::string_view> candidates{paths.begin(), paths.end()};
    candidates.emplace_back("match");
    const std::string_view nearest = nearest_key(entry.path, candidates);
    refuse(entry.path, where,
           nearest.empty()
               ? "unknown key of a site"
               : fmt::format("unknown key of a site; the nearest known key is {}", nearest));
  }

  void refuse(std::string_view path, const toml::source_position& where, std::string message) {
    refuse_(at(where), name_of(path), std::move(message));
  }

  void remember(std::string_view path, const toml::node& node) {
    job_.origins.insert_or_assign(name_of(path), at(node.source().begin));
  }

  std::string name_of(std::string_view path) const {
    return path.empty() ? name_ : fmt::format("{}.{}", name_, path);
  }

  Origin at(const toml::source_position& where) const {
    return {file_, static_cast<int>(where.line), static_cast<int>(where.column)};
  }

  std::string name_;
  const std::string& file_;
  LoadedJob& job_;
  const Refuse& refuse_;
  crawl::SiteSpec site_;
  std::set<std::string> seen_;
  bool wrong_match_ = false;
};

}  // namespace

std::span<const std::string_view> site_keys() {
  return paths;
}

void read_sites(const toml::node& node, const std::string& file, LoadedJob& job,
                const Refuse& refuse) {
  const auto origin_of = [&](const toml::node& part) {
    const auto& begin = part.source().begin;
    return Origin{file, static_cast<int>(begin.line), static_cast<int>(begin.column)};
  };
  const toml::array* list = node.as_array();
  if (list == nullptr)
    return refuse(origin_of(node), "site",
                  fmt::format("expected tables, each one [[site]], found {}", describe(node)));
  if (list->size() > limits::sites_per_job_max)
    return refuse(origin_of(node), "site",
                  fmt::format("{} sites, more than {}; a glob or a list in `match` can stand for "
                              "many hosts",
                              list->size(), limits::sites_per_job_max));
  for (std::size_t i = 0; i < list->size(); ++i) {
    const toml::table* table = list->get(i)->as_table();
    if (table == nullptr) {
      refuse(origin_of(*list->get(i)), fmt::format("site[{}]", i),
             fmt::format("expected a table, found {}", describe(*list->get(i))));
      continue;
    }
    job.spec.sites.push_back(SiteTable{i, file, job, refuse}.read(*table));
  }
}

std::string print_sites(const LoadedJob& job) {
  std::string text;
  for (std::size_t i = 0; i < job.spec.sites.size(); ++i) {
    const crawl::SiteSpec& site = job.spec.sites[i];
    const std::string name = fmt::format("site[{}]", i);
    text += "\n" + print_assignment("[[site]]", job.origin(name));
    text += print_assignment(fmt::format("match = {}", toml_list(site.match)),
                             job.origin(name + ".match"));
    for (const crawl::SiteValue& value : site.values) {
      crawl::JobSpec alone;
      value.apply(alone);
      const Key& key = *find_key(value.key).first;
      for (const PrintedValue& printed : key.print(alone)) {
        const std::string entry =
            printed.entry.empty() ? "" : fmt::format(".{}", toml_key(printed.entry));
        text += print_assignment(fmt::format("{}{} = {}", key.path, entry, printed.text),
                                 job.origin(fmt::format("{}.{}", name, value.key)));
      }
    }
  }
  return text;
}

}  // namespace trawl::config
