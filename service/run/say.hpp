#pragma once
// What people read: to standard error. A terminal that is gone or a full disk behind it must not
// end a crawl, so that it can't be written is ignored.

#include <fmt/format.h>

#include <string_view>
#include <utility>

namespace trawl::service {

void say_text(std::string_view text);

template <class... Args>
void say(fmt::format_string<Args...> format, Args&&... args) {
  say_text(fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace trawl::service
