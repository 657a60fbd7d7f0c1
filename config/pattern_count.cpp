// A file of 1 MiB has room for patterns that compile for an hour. So all are counted here, one by
// one, and what follows the first one too many is not read at all.
#include "config/pattern_count.hpp"

#include <fmt/format.h>

#include <utility>

namespace trawl::config {

std::optional<PatternCount::OneTooMany> PatternCount::add(const toml::table& document) {
  if (const toml::table* scope = document["scope"].as_table())
    for (const char* key : {"include", "exclude"})
      if (auto found = replace(fmt::format("scope.{}", key), scope->get(key))) return found;
  if (const toml::array* sites = document["site"].as_array())
    for (std::size_t i = 0; i < sites->size(); ++i)
      if (auto found = add_site(i, *sites->get(i))) return found;
  if (const toml::array* rules = document["priority"].as_array())
    for (std::size_t i = 0; i < rules->size(); ++i)
      if (const toml::table* rule = rules->get(i)->as_table())
        if (auto found = add_list(fmt::format("priority[{}].match", i), rule->get("match")))
          return found;
  return std::nullopt;
}

std::optional<PatternCount::OneTooMany> PatternCount::add(std::string_view key,
                                                          const toml::node& value) {
  if (key != "scope.include" && key != "scope.exclude") return std::nullopt;
  return replace(std::string{key}, &value);
}

std::optional<PatternCount::OneTooMany> PatternCount::replace(const std::string& key,
                                                              const toml::node* value) {
  if (value == nullptr) return std::nullopt;
  budget_.give_back(std::exchange(values_[key], {}));
  const auto before = budget_.counted();
  auto found = add_list(key, value);
  const auto after = budget_.counted();
  values_[key] = {after.patterns - before.patterns, after.instructions - before.instructions};
  return found;
}

std::optional<PatternCount::OneTooMany> PatternCount::add_scope(const std::string& name,
                                                                const toml::table& table) {
  for (const char* key : {"include", "exclude"})
    if (auto found = add_list(fmt::format("{}.{}", name, key), table.get(key))) return found;
  return std::nullopt;
}

// A site has these keys with their section or without it.
std::optional<PatternCount::OneTooMany> PatternCount::add_site(std::size_t number,
                                                               const toml::node& site) {
  const toml::table* table = site.as_table();
  if (table == nullptr) return std::nullopt;
  const std::string name = fmt::format("site[{}].scope", number);
  if (auto found = add_scope(name, *table)) return found;
  const toml::node* scope = table->get("scope");
  if (scope == nullptr || !scope->is_table()) return std::nullopt;
  return add_scope(name, *scope->as_table());
}

std::optional<PatternCount::OneTooMany> PatternCount::add_list(const std::string& name,
                                                               const toml::node* value) {
  if (value == nullptr) return std::nullopt;
  const toml::array* list = value->as_array();
  if (list == nullptr) return add_text(name, *value);
  for (std::size_t i = 0; i < list->size(); ++i)
    if (auto found = add_text(name, *list->get(i))) {
      found->key += fmt::format("[{}]", i);
      return found;
    }
  return std::nullopt;
}

std::optional<PatternCount::OneTooMany> PatternCount::add_text(const std::string& name,
                                                               const toml::node& item) {
  const auto* text = item.as_string();
  if (text == nullptr) return std::nullopt;
  const auto pattern = budget_.create(text->get());
  if (pattern || !budget_.is_spent()) return std::nullopt;
  return OneTooMany{name, item.source().begin, pattern.error().detail};
}

}  // namespace trawl::config
