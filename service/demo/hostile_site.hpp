#pragma once
// The hostile site: one page for each way in which a server can be wrong, slow or ill-meaning, with
// what trawl is to record of it under hostile_settings(). `trawl demo --hostile` crawls it; the
// tests fetch from the same table. Rows are those of docs/faults.md.

#include "service/demo/script_server.hpp"

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trawl::service::demo {

// Fields of the record. The error of a redirect is that of the hop at which its chain ends.
struct Expected {
  std::string_view state = "fetched";
  std::string_view error{};  // empty: null
  std::string_view note{};   // empty: null
  bool truncated = false;
};

struct Behaviour {
  std::string_view name;  // its path is "/" and the name
  int row = 0;
  std::string_view what;  // the server …
  Expected expected;
  std::function<Script(const ScriptRequest&)> script;
  bool listed = true;  // on the list page
};

// In the order of their rows.
std::span<const Behaviour> behaviours();
// Null when there is none of the name.
const Behaviour* find_behaviour(std::string_view name);

// The list page at "/", the behaviours, and well-behaved pages at "/good-1" and so on.
Script hostile_answer(const ScriptRequest& request);
inline constexpr int good_pages = 20;

// Keys of a job that make short work of the slow ones: one attempt, short times, small bodies.
std::vector<std::pair<std::string, std::string>> hostile_settings();

}  // namespace trawl::service::demo
