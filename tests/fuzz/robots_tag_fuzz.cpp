// Any X-Robots-Tag has a meaning, and more lines never forbid less.

#include "core/web/robots/robots_tag.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trawl::web;
  const std::string_view value(reinterpret_cast<const char*>(data), size);
  const RobotsDirectives ours = parse_robots_tag(value, "trawl");
  RobotsDirectives both = parse_robots_meta(value);
  both |= ours;
  if ((ours.noindex && !both.noindex) || (ours.nofollow && !both.nofollow)) std::abort();
  // What nobody is named for is everybody's.
  const bool named = value.find(':') != std::string_view::npos;
  if (!named && !(parse_robots_meta(value) == ours)) std::abort();
  return 0;
}
