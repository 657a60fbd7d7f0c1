#pragma once
// PatternCount: whether a job's patterns are within the bounds for all of them together, before
// anything else reads them.

#include "core/crawl/job/pattern_budget.hpp"

#include <toml++/toml.h>

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace trawl::config {

class PatternCount {
 public:
  // The first pattern that there is no room for.
  struct OneTooMany {
    std::string key;  // "site[2].scope.exclude[7]"
    toml::source_position where;
    std::string message;
  };

  // All lists of a job file. Of what is no pattern nothing is said; its readers do that.
  std::optional<OneTooMany> add(const toml::table& document);
  // The value of one key, which takes the place of the one before; of keys without patterns it is
  // none.
  std::optional<OneTooMany> add(std::string_view key, const toml::node& value);

 private:
  std::optional<OneTooMany> add_scope(const std::string& name, const toml::table& table);
  std::optional<OneTooMany> add_site(std::size_t number, const toml::node& site);
  std::optional<OneTooMany> replace(const std::string& key, const toml::node* value);
  std::optional<OneTooMany> add_list(const std::string& name, const toml::node* value);
  std::optional<OneTooMany> add_text(const std::string& name, const toml::node& item);

  crawl::PatternBudget budget_;
  std::map<std::string, crawl::PatternBudget::Count> values_;  // of the job's own keys
};

}  // namespace trawl::config
