// Not fmt::print(), which throws when the stream can't be written.
#include "service/run/say.hpp"

#include <cstdio>

namespace trawl::service {

void say_text(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
}

}  // namespace trawl::service
