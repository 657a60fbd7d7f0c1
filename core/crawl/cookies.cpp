// Changes are taken by the writer thread just before it commits: one thread, so that they reach the
// store in the order in which they were made, and never later than the page that they came with.
#include "core/crawl/cookies.hpp"

#include "core/base/limits.hpp"

#include <algorithm>

namespace trawl::crawl {

SharedCookies::SharedCookies(std::vector<web::Cookie> cookies, bool keep_changes, Wall now)
    : jar_(keep_changes) {
  std::ranges::sort(cookies, {}, &web::Cookie::order);
  for (web::Cookie& cookie : cookies) jar_.restore(std::move(cookie), now);
  static_cast<void>(jar_.take_changes());  // the store has them
}

std::string SharedCookies::field_for(const web::Url& url, Wall now) {
  const std::lock_guard lock{mutex_};
  return jar_.field_for(url, now);
}

void SharedCookies::on_answer(const web::Url& url, const http::Headers& headers, Wall now) {
  std::size_t lines = 0;
  for (const auto& [name, value] : headers) {
    if (!http::same_name(name, "set-cookie")) continue;
    if (++lines > limits::cookies_per_answer_max) return;
    const std::lock_guard lock{mutex_};
    jar_.accept(url, value, now);
  }
}

std::vector<web::CookieChange> SharedCookies::take_changes() {
  const std::lock_guard lock{mutex_};
  return jar_.take_changes();
}

}  // namespace trawl::crawl
