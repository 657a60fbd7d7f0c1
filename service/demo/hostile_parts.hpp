#pragma once
// The parts of the table of behaviours, and what they are made of.

#include "service/demo/hostile_site.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace trawl::service::demo {

using Behaviours = std::vector<Behaviour>;

void add_framing(Behaviours& all);    // rows 1 to 7
void add_heads(Behaviours& all);      // rows 8 to 15
void add_codings(Behaviours& all);    // rows 17 to 22
void add_bodies(Behaviours& all);     // rows 23 to 28
void add_redirects(Behaviours& all);  // rows 29 to 32

// Bytes as they are, then an orderly close.
std::function<Script(const ScriptRequest&)> raw(std::string bytes);
// Any steps.
std::function<Script(const ScriptRequest&)> steps(Script script);
// An answer: status line, Content-Type, further lines ("A: b\r\n"), its end and the body.
std::string answer(std::string_view lines, std::string_view body = {},
                   std::string_view status = "200 OK");
// The same with the Content-Length of the body.
std::string whole(std::string_view lines, std::string_view body,
                  std::string_view status = "200 OK");
// A small page with that title.
std::string page(std::string_view title);

}  // namespace trawl::service::demo
