#pragma once
// HookEvent: what a hook is told, and in which form: a JSON object for webhooks and for a command's
// standard input, variables for its environment. Pure. docs/hooks.md promises the names.

#include "core/base/clock.hpp"
#include "core/crawl/state/store.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trawl::service {

enum class HookKind : std::uint8_t { finish, error, host_blocked };
std::string_view to_string(HookKind kind);  // "finish", "error", "host_blocked"

struct HookEvent {
  HookKind kind = HookKind::finish;
  std::string job;
  std::string dir;  // its output folder
  Wall at{};
  std::string end;     // of finish: "done", "limit"
  std::string detail;  // which limit, what went wrong, why a host is blocked
  std::optional<crawl::StoreTotals> totals;
  std::string host;  // of host_blocked
  std::optional<Wall> until;
};

// The same event has the same id, however often it is delivered.
std::string hook_id(const HookEvent& event);
std::string hook_payload(const HookEvent& event);
// The event of a payload, with the same id; nothing when that is none.
std::optional<HookEvent> read_hook_payload(std::string_view payload);
// TRAWL_EVENT, TRAWL_JOB, …; what is absent has no variable.
std::vector<std::pair<std::string, std::string>> hook_environment(const HookEvent& event);

}  // namespace trawl::service
