// A rule has few keys, and none of them is one of the job; so they are read one by one here, by the
// codecs that the job's keys have.
#include "config/priorities.hpp"

#include "config/check.hpp"
#include "config/nearest.hpp"
#include "config/value.hpp"
#include "core/crawl/state/lane.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <utility>
#include <vector>

namespace trawl::config {
namespace {

constexpr auto names = std::to_array<std::string_view>({"match", "max_depth", "priority"});
constexpr std::string_view match_expected =
    "a glob on the URL like \"https://example.org/news/*\", \"re:…\", or a list of them";
constexpr std::size_t rules_max = 100;  // each is asked for every link
constexpr Count depth{.min = 0, .max = 1'000'000};
constexpr Count priority{.min = -crawl::priority_max, .max = crawl::priority_max};

// Reads one [[priority]] table.
class RuleTable {
 public:
  RuleTable(std::size_t number, const std::string& file, LoadedJob& job, const Refuse& refuse)
      : name_(fmt::format("priority[{}]", number)), file_(file), job_(job), refuse_(refuse) {}

  crawl::PriorityRule read(const toml::table& table) {
    remember({}, table);
    for (const auto& [key, node] : table) read_entry(key, node);
    const auto& begin = table.source().begin;
    if (!table.contains("priority"))
      refuse({}, begin, fmt::format("expected `priority`, {}", priority.expected()));
    if (!table.contains("match") && !table.contains("max_depth"))
      refuse({}, begin, fmt::format("expected `match`, {}, or `max_depth`", match_expected));
    return std::move(rule_);
  }

 private:
  void read_entry(const toml::key& key, const toml::node& node) {
    Problems problems;
    if (key.str() == "match") {
      read_match(node, problems);
    } else if (key.str() == "max_depth") {
      int value = 0;
      read_value(depth, node, value, problems);
      rule_.max_depth = value;
    } else if (key.str() == "priority") {
      read_value(priority, node, rule_.priority, problems);
    } else {
      const std::string_view nearest = nearest_key(key.str(), names);
      return refuse(key.str(), key.source().begin,
                    nearest.empty() ? "unknown key of a priority"
                                    : fmt::format("unknown key of a priority; the nearest known "
                                                  "key is {}",
                                                  nearest));
    }
    for (const Problem& problem : problems)
      refuse(fmt::format("{}{}", key.str(), problem.entry), problem.where, problem.message);
    remember(key.str(), node);
  }

  void read_match(const toml::node& node, Problems& problems) {
    if (text_of(node)) {
      std::string pattern;
      Text{check_pattern}.read(node, pattern, problems);
      rule_.match = {std::move(pattern)};
    } else if (node.is_array() && !node.as_array()->empty()) {
      TextList{check_pattern}.read(node, rule_.match, problems);
    } else {
      mismatch(problems, node, match_expected);
    }
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
  crawl::PriorityRule rule_;
};

}  // namespace

void read_priorities(const toml::node& node, const std::string& file, LoadedJob& job,
                     const Refuse& refuse) {
  const auto origin_of = [&](const toml::node& part) {
    const auto& begin = part.source().begin;
    return Origin{file, static_cast<int>(begin.line), static_cast<int>(begin.column)};
  };
  const toml::array* list = node.as_array();
  if (list == nullptr)
    return refuse(origin_of(node), "priority",
                  fmt::format("expected tables, each one [[priority]], found {}", describe(node)));
  if (list->size() > rules_max)
    return refuse(origin_of(node), "priority",
                  fmt::format("{} rules, more than {}; one rule may have a list in `match`",
                              list->size(), rules_max));
  for (std::size_t i = 0; i < list->size(); ++i) {
    const toml::table* table = list->get(i)->as_table();
    if (table == nullptr) {
      refuse(origin_of(*list->get(i)), fmt::format("priority[{}]", i),
             fmt::format("expected a table, found {}", describe(*list->get(i))));
      continue;
    }
    job.spec.priorities.push_back(RuleTable{i, file, job, refuse}.read(*table));
  }
}

std::string print_priorities(const LoadedJob& job) {
  std::string text;
  for (std::size_t i = 0; i < job.spec.priorities.size(); ++i) {
    const crawl::PriorityRule& rule = job.spec.priorities[i];
    const std::string name = fmt::format("priority[{}]", i);
    const auto add = [&](std::string_view key, std::string_view value) {
      text += print_assignment(fmt::format("{} = {}", key, value),
                               job.origin(fmt::format("{}.{}", name, key)));
    };
    text += "\n" + print_assignment("[[priority]]", job.origin(name));
    if (!rule.match.empty()) add("match", toml_list(rule.match));
    if (rule.max_depth) add("max_depth", depth.print(*rule.max_depth));
    add("priority", priority.print(rule.priority));
  }
  return text;
}

}  // namespace trawl::config
