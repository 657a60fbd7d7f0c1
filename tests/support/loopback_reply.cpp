// Misbehaviour is data: a reply becomes a list of steps, so that the server's loop has six things
// to do whatever the test thought of.
#include "tests/support/loopback_reply.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace trawl::support {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

std::string_view find(const HeaderList& headers, std::string_view name) {
  for (const auto& [key, value] : headers)
    if (std::ranges::equal(key, name, {}, lower, lower)) return value;
  return {};
}

std::string_view reason(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 304:
      return "Not Modified";
    case 404:
      return "Not Found";
    case 429:
      return "Too Many Requests";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    default:
      return "Status";
  }
}

bool bodyless(const Reply& reply, const SeenRequest& request) {
  return request.method == "HEAD" || reply.status == 204 || reply.status == 304 ||
         reply.status < 200;
}

std::string head(const Reply& reply, const SeenRequest& request) {
  std::string text = fmt::format("HTTP/1.1 {} {}\r\n", reply.status, reason(reply.status));
  const auto add = [&](std::string_view name, std::string_view value) {
    if (find(reply.headers, name).empty()) text += fmt::format("{}: {}\r\n", name, value);
  };
  if (!reply.content_type.empty() && !reply.body.empty()) add("Content-Type", reply.content_type);
  if (reply.chunked)
    add("Transfer-Encoding", "chunked");
  else if (!reply.endless && (request.method == "HEAD" || !bodyless(reply, request)))
    add("Content-Length", fmt::to_string(reply.body.size()));
  if (reply.close || (reply.endless && !reply.chunked)) add("Connection", "close");
  for (const auto& [name, value] : reply.headers) text += fmt::format("{}: {}\r\n", name, value);
  return text + "\r\n";
}

std::string framed(const Reply& reply, std::string_view body) {
  if (!reply.chunked) return std::string{body};
  std::string text;
  const std::size_t step = std::max<std::size_t>(reply.chunk_bytes, 1);
  for (std::size_t at = 0; at < body.size(); at += step) {
    const auto piece = body.substr(at, step);
    text += fmt::format("{:x}\r\n{}\r\n", piece.size(), piece);
  }
  return text;
}

Step cut_step(Cut cut) {
  switch (cut) {
    case Cut::stall:
      return {.kind = Step::Kind::hang};
    case Cut::reset:
      return {.kind = Step::Kind::reset};
    case Cut::none:
    case Cut::close:
      break;
  }
  return {.kind = Step::Kind::close};
}

void append_body(std::vector<Step>& steps, const Reply& reply, std::string_view body) {
  if (reply.drip_bytes == 0) {
    steps.push_back({.bytes = framed(reply, body)});
    return;
  }
  for (std::size_t at = 0; at < body.size(); at += reply.drip_bytes) {
    steps.push_back({.bytes = framed(reply, body.substr(at, reply.drip_bytes))});
    steps.push_back({.kind = Step::Kind::wait, .time = reply.drip_every});
  }
}

}  // namespace

std::string_view SeenRequest::header(std::string_view name) const {
  return find(headers, name);
}

Reply redirect_to(std::string location, int status) {
  return {.status = status, .headers = {{"Location", std::move(location)}}};
}
Reply never_answer() {
  return {.cut = Cut::stall, .cut_before_head = true};
}
Reply reset_before_head() {
  return {.cut = Cut::reset, .cut_before_head = true};
}
Reply reset_after_head() {
  return {.body = "never sent", .cut = Cut::reset};
}

std::vector<Step> steps_of(const Reply& reply, const SeenRequest& request) {
  std::vector<Step> steps;
  if (reply.delay > Millis{0}) steps.push_back({.kind = Step::Kind::wait, .time = reply.delay});
  if (reply.raw) {
    steps.push_back({.bytes = *reply.raw});
    steps.push_back({.kind = Step::Kind::close});
    return steps;
  }
  if (reply.cut != Cut::none && reply.cut_before_head) {
    steps.push_back(cut_step(reply.cut));
    return steps;
  }
  steps.push_back({.bytes = head(reply, request)});
  if (reply.endless && !bodyless(reply, request)) {
    const auto block = reply.body.empty() ? std::string(4096, 'x') : reply.body;
    steps.push_back({.kind = Step::Kind::repeat, .bytes = framed(reply, block)});
    return steps;
  }
  if (!bodyless(reply, request)) {
    const std::string_view body{reply.body};
    append_body(steps, reply, reply.cut == Cut::none ? body : body.substr(0, reply.cut_after));
    if (reply.cut != Cut::none) {
      steps.push_back(cut_step(reply.cut));
      return steps;
    }
    if (reply.chunked) steps.push_back({.bytes = "0\r\n\r\n"});
  }
  if (reply.close) steps.push_back({.kind = Step::Kind::close});
  return steps;
}

}  // namespace trawl::support
