// The table is made once; its parts are in files of their own, by subject.
#include "service/demo/hostile_site.hpp"

#include "service/demo/hostile_parts.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace trawl::service::demo {
namespace {

Behaviours make_behaviours() {
  Behaviours all;
  add_framing(all);
  add_heads(all);
  add_codings(all);
  add_bodies(all);
  add_redirects(all);
  return all;
}

std::string list_page() {
  std::string body =
      "<!DOCTYPE html><html lang=\"en\"><meta charset=\"utf-8\">\n"
      "<title>The hostile site</title>\n<h1>The hostile site</h1>\n"
      "<p>Each link leads to a server that misbehaves in its own way; numbers are rows of "
      "docs/faults.md.</p>\n<ul>\n";
  for (const Behaviour& behaviour : behaviours())
    if (behaviour.listed)
      body += fmt::format("<li><a href=\"/{0}\">{0}</a>: {1} ({2})</li>\n", behaviour.name,
                          behaviour.what, behaviour.row);
  body += "</ul>\n<p>And some that behave:";
  for (int i = 1; i <= good_pages; ++i) body += fmt::format(" <a href=\"/good-{0}\">{0}</a>", i);
  return body + "</p>\n</html>\n";
}

}  // namespace

std::function<Script(const ScriptRequest&)> steps(Script script) {
  return [script = std::move(script)](const ScriptRequest&) { return script; };
}

std::function<Script(const ScriptRequest&)> raw(std::string bytes) {
  return steps({send(std::move(bytes)), close()});
}

std::string answer(std::string_view lines, std::string_view body, std::string_view status) {
  return fmt::format("HTTP/1.1 {}\r\nContent-Type: text/html\r\n{}\r\n{}", status, lines, body);
}

std::string whole(std::string_view lines, std::string_view body, std::string_view status) {
  return answer(fmt::format("{}Content-Length: {}\r\n", lines, body.size()), body, status);
}

std::string page(std::string_view title) {
  return fmt::format("<!DOCTYPE html><title>{0}</title>\n<p>This is {0}.</p>\n", title);
}

std::span<const Behaviour> behaviours() {
  static const Behaviours all = make_behaviours();
  return all;
}

const Behaviour* find_behaviour(std::string_view name) {
  const auto found = std::ranges::find(behaviours(), name, &Behaviour::name);
  return found == behaviours().end() ? nullptr : &*found;
}

Script hostile_answer(const ScriptRequest& request) {
  std::string_view path = request.target.substr(0, request.target.find('?'));
  if (path == "/") return {send(whole("", list_page()))};
  path.remove_prefix(path.empty() ? 0 : 1);
  if (path.starts_with("good-")) return {send(whole("", page(path)))};
  if (const Behaviour* behaviour = find_behaviour(path)) return behaviour->script(request);
  return {send(whole("", page("not here"), "404 Not Found"))};
}

std::vector<std::pair<std::string, std::string>> hostile_settings() {
  return {{"fetch.attempts", "1"},        {"fetch.timeout_first_byte", "2s"},
          {"fetch.timeout_total", "20s"}, {"fetch.min_speed", "1KiB/s for 1s"},
          {"fetch.max_body", "1MiB"},     {"fetch.max_redirects", "5"},
          {"fetch.host_breaker", "off"},  {"politeness.delay", "0s"},
          {"politeness.adaptive", "off"}, {"politeness.delay_max", "500ms"},
          {"politeness.per_host", "32"},  {"fetch.allow_private_networks", "[\"127.0.0.0/8\"]"},
          {"limits.min_free_disk", "off"}};
}

}  // namespace trawl::service::demo
