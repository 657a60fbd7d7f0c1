// An answer's head and what comes behind it, in pieces of any size: the verdict is that of the
// whole at once, and no more is called body than there is.
#include "core/http/message/framing.hpp"
#include "core/http/message/response_head.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

// The verdict in a word; the body is counted as libcurl would hand it over.
std::string verdict(trawl::http::Framing framing, std::string_view bytes, std::size_t step) {
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    const auto piece = bytes.substr(at, step);
    const bool good = framing.on_raw(piece).has_value();
    const std::size_t body = framing.body_room(piece.size());
    if (body > piece.size()) std::abort();
    framing.on_body(body);
    if (!good) return "bad";
  }
  return framing.note();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trawl;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  http::ResponseHead head;
  while (!text.empty() && !head.complete()) {
    const auto line = text.substr(0, text.find('\n') + 1);
    if (line.empty() || !head.add_line(line)) return 0;
    text.remove_prefix(line.size());
  }
  http::Response response;
  if (!head.complete() || !head.take(response)) return 0;
  http::Framing framing;
  if (!framing.begin("GET", response)) return 0;
  if (verdict(framing, text, size + 1) != verdict(framing, text, 1)) std::abort();
  return 0;
}
