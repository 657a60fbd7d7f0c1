// libcurl has CURLOPT_PIPEWAIT for this, but 7.88 wakes one waiting transfer at a time, whichever
// server it waits for: one that waits for a dead server would hold up others until it gives up.
#include "core/http/client/first_connection.hpp"

#include <utility>

namespace trawl::http {

struct FirstConnections::Place::Origin {
  Origin(const coro::Executor& executor, std::string text)
      : name(std::move(text)), connected(executor) {}

  std::string name;
  coro::Event connected;  // or the first has ended without
  std::size_t fetches = 0;
};

FirstConnections::Place::Place(Place&& other) noexcept
    : owner_(std::exchange(other.owner_, nullptr)),
      origin_(std::move(other.origin_)),
      first_(other.first_) {}

FirstConnections::Place::~Place() {
  if (owner_ == nullptr) return;
  if (first_) origin_->connected.set();
  if (--origin_->fetches == 0) owner_->origins_.erase(origin_->name);
}

void FirstConnections::Place::on_connected() {
  if (first_) origin_->connected.set();
}

coro::Task<FirstConnections::Place> FirstConnections::enter(std::string origin) {
  auto& known = origins_[origin];
  if (!known) known = std::make_shared<Place::Origin>(executor_, std::move(origin));
  Place place;
  place.owner_ = this;
  place.origin_ = known;
  place.first_ = known->fetches++ == 0;
  if (!place.first_) {
    auto waiting = place.origin_->connected.wait();
    co_await std::move(waiting);
  }
  co_return place;
}

}  // namespace trawl::http
