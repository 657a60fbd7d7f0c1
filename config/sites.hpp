#pragma once
// [[site]]: tables of the job file that set some of its keys for some hosts.

#include "config/job.hpp"
#include "config/key.hpp"

#include <toml++/toml.h>

#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace trawl::config {

// The keys that a site may set; all others are the whole job's. A key belongs here once whoever
// reads it asks SiteSettings for the host's value.
std::span<const std::string_view> site_keys();

// Adds the sites of the document's node `site` to the job, with the origins of their values as
// "site[0].politeness.delay". What is wrong goes to refuse.
using Refuse = std::function<void(const Origin&, std::string_view key, std::string message)>;
void read_sites(const toml::node& node, const std::string& file, LoadedJob& job,
                const Refuse& refuse);

// As print_job() has them, each value with its origin.
std::string print_sites(const LoadedJob& job);

// One line of print_job(): an assignment and where it comes from.
std::string print_assignment(std::string_view assignment, const Origin& origin);
// A part of a dotted key, in quotes when it needs them.
std::string toml_key(std::string_view name);

}  // namespace trawl::config
