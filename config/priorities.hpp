#pragma once
// [[priority]]: tables of the job file that say which URLs go out before or after the others of
// their host.

#include "config/job.hpp"
#include "config/sites.hpp"

#include <toml++/toml.h>

#include <string>

namespace trawl::config {

// Adds the rules of the document's node `priority` to the job, with the origins of their values as
// "priority[0].match". What is wrong goes to refuse.
void read_priorities(const toml::node& node, const std::string& file, LoadedJob& job,
                     const Refuse& refuse);

// As print_job() has them, each value with its origin.
std::string print_priorities(const LoadedJob& job);

}  // namespace trawl::config
