#pragma once
// What is made from the command line's tree: scripts that complete it in a shell, and the manual
// page. Pure: the same tree gives the same text.

#include "service/cli/command_tree.hpp"

#include <span>
#include <string>
#include <string_view>

namespace trawl::service::cli {

// keys: those of a job file, for --set.
std::string bash_completion(const CommandEntry& root, std::span<const std::string_view> keys);
std::string zsh_completion(const CommandEntry& root, std::span<const std::string_view> keys);
std::string fish_completion(const CommandEntry& root, std::span<const std::string_view> keys);

// trawl(1) in man(7)'s macros.
std::string manual_page(const CommandEntry& root, std::string_view version);

}  // namespace trawl::service::cli
