#pragma once
// The table of the daemon's keys: one entry a key, with its reader, printer and sentence for
// docs/daemon.md.

#include "config/daemon.hpp"
#include "config/value.hpp"

#include <toml++/toml.h>

#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace trawl::config {

struct DaemonKey {
  std::string_view path;  // "log.level"
  std::string_view doc;
  bool live = false;  // a reload applies it
  std::function<void(const toml::node&, DaemonSpec&, Problems&)> read;
  std::function<std::string(const DaemonSpec&)> print;
  std::function<void(const DaemonSpec& from, DaemonSpec& to)> copy;

  std::string variable() const;  // "TRAWL_LOG__LEVEL"
};

std::span<const DaemonKey> daemon_keys();
const DaemonKey* find_daemon_key(std::string_view path);

}  // namespace trawl::config
