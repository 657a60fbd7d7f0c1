// Redirects that lead nowhere, round in circles, or out of the web.
#include "service/demo/hostile_parts.hpp"

#include <fmt/format.h>

namespace trawl::service::demo {
namespace {

constexpr Expected bad{.error = "redirect_bad"};
constexpr Expected loop{.error = "redirect_loop"};

std::function<Script(const ScriptRequest&)> to(std::string_view location) {
  return steps({send(whole(fmt::format("Location: {}\r\n", location), "", "302 Found"))});
}

// A Location of so many bytes, without holding it.
std::function<Script(const ScriptRequest&)> to_long(std::size_t kilobytes) {
  return steps({send("HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: /"),
                send(std::string(1000, 'a'), kilobytes), send("\r\n\r\n"), close()});
}

Script grow(const ScriptRequest& request) {
  const bool first = request.target.find('?') == request.target.npos;
  return to(fmt::format("{}{}x", request.target, first ? "?" : ""))(request);
}

}  // namespace

void add_redirects(Behaviours& all) {
  all.push_back({"redirect_self", 29, "redirects to itself", loop, to("/redirect_self")});
  all.push_back(
      {"redirect_pair", 29, "redirects to one that redirects back", loop, to("/redirect_pair_2")});
  all.push_back({"redirect_pair_2", 29, "redirects back", loop, to("/redirect_pair"), false});
  all.push_back({"redirect_growing",
                 29,
                 "redirects to an ever longer URL",
                 {.error = "too_many_redirects"},
                 grow});
  all.push_back(
      {"redirect_file", 30, "redirects to file:///etc/passwd", bad, to("file:///etc/passwd")});
  all.push_back(
      {"redirect_gopher", 30, "redirects to gopher://", bad, to("gopher://127.0.0.1:1/_x")});
  all.push_back({"redirect_ftp", 30, "redirects to ftp://", bad, to("ftp://127.0.0.1:1/")});
  all.push_back({"redirect_mailto", 30, "redirects to mailto:", bad, to("mailto:a@example.com")});
  all.push_back(
      {"redirect_javascript", 30, "redirects to javascript:", bad, to("javascript:alert(1)")});
  all.push_back({"redirect_data", 30, "redirects to data:", bad, to("data:text/html,x")});
  all.push_back({"redirect_bad_host", 31, "redirects to http://]/", bad, to("http://]/")});
  all.push_back({"redirect_text", 31, "redirects to a sentence", bad,
                 to("http://No, that is not how this works")});
  all.push_back({"redirect_empty", 31, "redirects with an empty Location", {}, to("")});
  all.push_back(
      {"redirect_none", 31, "redirects without a Location", {}, raw(whole("", "", "302 Found"))});
  all.push_back({"redirect_two",
                 31,
                 "redirects to two places",
                 {.note = "two_locations"},
                 to("/good-1\r\nLocation: /good-2")});
  all.push_back({"redirect_70_kb", 32, "redirects to a URL of 70 KB", bad, to_long(70)});
  all.push_back({"redirect_9_mb",
                 32,
                 "redirects to a URL of 9 MB",
                 {.state = "failed", .error = "header_too_large"},
                 to_long(9000)});
}

}  // namespace trawl::service::demo
