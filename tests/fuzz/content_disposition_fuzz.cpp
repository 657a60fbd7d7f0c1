// Any value gives a name that is UTF-8, and one that is safe to be a file's.

#include "core/base/limits.hpp"
#include "core/web/headers/content_disposition.hpp"
#include "core/web/utf8.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

bool is_safe(const std::string& name) {
  if (name.size() > trawl::limits::filename_bytes_max || !trawl::web::utf8::is_valid(name))
    return false;
  if (name.starts_with('.') || name.find_first_of("/\\\x7F") != name.npos) return false;
  for (const char c : name)
    if (static_cast<unsigned char>(c) < 0x20) return false;
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trawl::web;
  const std::string value(reinterpret_cast<const char*>(data), size);
  if (const auto name = parse_content_disposition(value).filename) {
    if (!utf8::is_valid(*name) || !is_safe(safe_file_name(*name))) std::abort();
  }
  if (!is_safe(safe_file_name(value))) std::abort();
  return 0;
}
