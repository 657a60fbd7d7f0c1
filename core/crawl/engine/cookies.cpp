// Changes are taken by the writer thread just before it commits: one thread, so that they reach the
// store in the order in which they were made, and never later than the page that they came with.
#include "core/crawl/engine/cookies.hpp"

#include "core/base/limits.hpp"
#include "core/web/digest.hpp"

#include <algorithm>
#include <utility>

namespace trawl::crawl {
namespace {

constexpr std::size_t redirected_half_max = 32 * 1024;

}  // namespace

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

void SharedCookies::note_redirected(std::uint64_t request, std::string_view field) {
  const std::lock_guard lock{mutex_};
  if (redirected_.size() >= redirected_half_max)
    redirected_earlier_ = std::exchange(redirected_, {});
  redirected_[request] = web::fingerprint(field);
}

bool SharedCookies::has_changed_for(std::uint64_t request, const web::Url& url, Wall now) {
  const std::lock_guard lock{mutex_};
  const std::string field = jar_.field_for(url, now);
  for (const auto* half : {&redirected_, &redirected_earlier_})
    if (const auto sent = half->find(request); sent != half->end())
      return sent->second != web::fingerprint(field);
  return !field.empty();
}

std::vector<web::CookieChange> SharedCookies::take_changes() {
  const std::lock_guard lock{mutex_};
  return jar_.take_changes();
}

}  // namespace trawl::crawl
