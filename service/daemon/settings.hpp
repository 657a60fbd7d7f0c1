#pragma once
// A job's settings as texts by key, for finding out what a change changes. Pure.

#include "config/job.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace trawl::service {

using SettingValues = std::map<std::string, std::string, std::less<>>;

// As `check --print` has them; secrets as "***", and a digest of them under a key of its own.
SettingValues setting_values(const config::LoadedJob& job);
std::string settings_digest(const SettingValues& values);

struct SettingChange {
  std::string key;
  std::string text;  // "politeness.delay: \"1s\" → \"2s\""
};
std::vector<SettingChange> changes_between(const SettingValues& before, const SettingValues& after);

// Whether a run that is live can take the change without a new start.
bool applies_live(std::string_view key);

}  // namespace trawl::service
