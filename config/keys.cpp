// The table itself, put together once, and the questions that are asked of it.
#include "config/key.hpp"

#include <algorithm>
#include <array>

namespace trawl::config {
namespace {

const std::vector<Key>& table() {
  static const std::vector<Key> keys = [] {
    std::vector<Key> all;
    add_job_keys(all);
    add_scope_keys(all);
    add_politeness_keys(all);
    add_fetch_keys(all);
    add_state_keys(all);
    add_dns_keys(all);
    add_network_keys(all);
    add_recrawl_keys(all);
    add_output_keys(all);
    add_hook_keys(all);
    return all;
  }();
  return keys;
}

}  // namespace

std::span<const Key> job_keys() {
  return table();
}

std::span<const std::string_view> job_key_paths() {
  static const std::vector<std::string_view> paths = [] {
    std::vector<std::string_view> all;
    for (const Key& key : table()) all.push_back(key.path);
    return all;
  }();
  return paths;
}

std::pair<const Key*, std::string_view> find_key(std::string_view path) {
  for (const Key& key : table()) {
    if (key.path == path) return {&key, {}};
    const bool entry = key.read_entry && path.size() > key.path.size() + 1 &&
                       path.starts_with(key.path) && path[key.path.size()] == '.';
    if (entry) return {&key, path.substr(key.path.size() + 1)};
  }
  return {nullptr, {}};
}

std::string_view section_of(std::string_view path) {
  return path.substr(0, path.find('.'));
}

bool is_section(std::string_view name) {
  return std::ranges::any_of(table(), [&](const Key& key) { return section_of(key.path) == name; });
}

}  // namespace trawl::config
