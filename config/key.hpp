#pragma once
// The table of keys: a key of the job file is one entry in one of keys_*.cpp, with its reader,
// its printer and its sentence for docs/jobs.md. Nothing else has to change for a new key.

#include "config/key_paths.hpp"
#include "config/value.hpp"
#include "core/crawl/job/job.hpp"

#include <toml++/toml.h>

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trawl::config {

struct PrintedValue {
  std::string entry;  // the name within an open table, empty for ordinary keys
  std::string text;   // as TOML
};

struct Key {
  std::string_view path;  // "fetch.timeout_total"
  std::string_view doc;   // what it does, as docs/jobs.md has it
  // Puts the value into the job, or appends what is wrong with it.
  std::function<void(const toml::node&, crawl::JobSpec&, Problems&)> read;
  std::function<std::vector<PrintedValue>(const crawl::JobSpec&)> print;
  // Set for tables whose names are free (fetch.headers): reads one entry. `read` then only clears.
  std::function<void(std::string_view name, const toml::node&, crawl::JobSpec&, Problems&)>
      read_entry;
};

// A key for the member that `members` lead to, one pointer after the other.
template <class Codec, class... Members>
Key make_key(std::string_view path, std::string_view doc, const Codec& codec, Members... members) {
  return {
      .path = path,
      .doc = doc,
      .read = [=](const toml::node& node, crawl::JobSpec& job,
                  Problems& problems) { read_value(codec, node, (job.*....*members), problems); },
      .print =
          [=](const crawl::JobSpec& job) {
            return std::vector{PrintedValue{{}, codec.print((job.*....*members))}};
          },
      .read_entry = {}};
}

// Every key, in the order of docs/jobs.md and of `check --print`.
std::span<const Key> job_keys();

// The entry for a path; for "fetch.headers.X" the one of fetch.headers, with "X" in second.
std::pair<const Key*, std::string_view> find_key(std::string_view path);

// "fetch" of "fetch.http".
std::string_view section_of(std::string_view path);
bool is_section(std::string_view name);

// The sections' entries, called once by job_keys().
void add_job_keys(std::vector<Key>& keys);
void add_scope_keys(std::vector<Key>& keys);
void add_politeness_keys(std::vector<Key>& keys);
void add_fetch_keys(std::vector<Key>& keys);
void add_breaker_key(std::vector<Key>& keys);  // by add_fetch_keys()
void add_state_keys(std::vector<Key>& keys);
void add_dns_keys(std::vector<Key>& keys);
void add_network_keys(std::vector<Key>& keys);
void add_recrawl_keys(std::vector<Key>& keys);
void add_output_keys(std::vector<Key>& keys);
void add_hook_keys(std::vector<Key>& keys);

// One that stands among those of add_fetch_keys().
Key http_version_key();

}  // namespace trawl::config
