// Any bytes are a robots.txt, and any path has a verdict. The first line is the path.
#include "core/web/robots/robots.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using trawl::web::Robots;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto end = input.find('\n');
  const std::string path = "/" + std::string(input.substr(0, end));
  const std::string_view body = end == std::string_view::npos ? "" : input.substr(end + 1);
  const Robots robots = Robots::parse(body, "trawl");
  const auto verdict = robots.check(path);
  if (verdict.allowed != robots.check(path).allowed) std::abort();
  if (!verdict.allowed && verdict.rule.empty()) std::abort();
  if (robots.memory_bytes() > (64u << 20)) std::abort();
  return 0;
}
