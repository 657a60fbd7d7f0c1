#pragma once
// What tests of requests, mirrors and continued bodies share: a list as a file, a body that can be
// told from any part of it, and a server that knows ranges.

#include "core/web/digest.hpp"
#include "tests/crawl/engine/crawl_run.hpp"

#include <fmt/format.h>

#include <charconv>
#include <string>
#include <string_view>

namespace trawl::crawl {

using support::Cut;
using support::LoopbackServer;
using support::Reply;
using support::SeenRequest;
using test::MemoryStore;

inline std::string pattern(std::size_t bytes) {
  std::string text(bytes, '\0');
  std::uint32_t state = 12345;
  for (char& c : text) {
    state = state * 1'664'525 + 1'013'904'223;
    c = static_cast<char>(state >> 24);
  }
  return text;
}

inline std::string digest_of(std::string_view body) {
  return "sha256:" + web::sha256_hex(body);
}

// A job in fetch mode over a list with these lines.
class ListJob {
 public:
  explicit ListJob(std::string_view lines) {
    spec = impatient_job({});
    spec.mode = JobMode::fetch;
    spec.seeds.files = {dir_.write("list", std::string{lines}).string()};
  }
  JobSpec spec;
  // "FILE:LINE", as messages name a line.
  std::string place(int line) const { return fmt::format("{}:{}", spec.seeds.files[0], line); }

 private:
  support::TempDir dir_;
};

// The first byte that a request asks for; 0 when it asks for all of them.
inline std::size_t first_byte(const SeenRequest& request) {
  const auto range = request.header("range");
  std::size_t first = 0;
  if (range.starts_with("bytes="))
    std::from_chars(range.data() + 6, range.data() + range.size(), first);
  return first;
}

inline Reply rest_of(const std::string& body, std::size_t first, support::HeaderList headers) {
  headers.emplace_back("Content-Range",
                       fmt::format("bytes {}-{}/{}", first, body.size() - 1, body.size()));
  return {.status = 206,
          .headers = std::move(headers),
          .body = body.substr(first),
          .content_type = "application/octet-stream"};
}

inline Reply file(const std::string& body, support::HeaderList headers = {{"ETag", "\"v1\""}}) {
  return {.headers = std::move(headers), .body = body, .content_type = "application/octet-stream"};
}

inline Reply broken_file(const std::string& body, std::size_t after,
                         support::HeaderList headers = {{"ETag", "\"v1\""}}) {
  Reply reply = file(body, std::move(headers));
  reply.cut = Cut::close;
  reply.cut_after = after;
  return reply;
}

// The requests for a path, robots.txt and others left out.
inline std::vector<SeenRequest> requests_for(const LoopbackServer& server, std::string_view path) {
  auto all = server.requests();
  std::erase_if(all, [&](const SeenRequest& request) { return request.path != path; });
  return all;
}

}  // namespace trawl::crawl
