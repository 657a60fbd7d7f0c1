// An event's text is made once and shared; a client costs pointers. What a crawl's thread does here
// is one short lock.
#include "service/control/event_hub.hpp"

#include "service/control/bounds.hpp"

#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace trawl::service::control {
namespace {

// A line end within would begin another field.
std::string one_line(std::string_view text) {
  std::string line{text};
  std::ranges::replace_if(line, [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return line;
}

// The place of an older one that the item stands for: of progress only the last counts.
Subscription::Item* find_outdated(std::deque<Subscription::Item>& queue,
                                  const Subscription::Item& item) {
  if (!item.progress) return nullptr;
  const auto place = std::ranges::find_if(
      queue, [&](const auto& older) { return older.progress && *older.job == *item.job; });
  return place == queue.end() ? nullptr : &*place;
}

}  // namespace

Subscription::Subscription(EventHub& hub, std::string job)
    : hub_(hub),
      job_(std::move(job)),
      arrived_(hub.executor_),
      place_(hub.listeners_.insert(hub.listeners_.end(), this)) {}

Subscription::~Subscription() {
  hub_.listeners_.erase(place_);
}

void Subscription::offer(const Item& item) {
  if (!job_.empty() && job_ != *item.job) return;
  Item* outdated = find_outdated(queue_, item);
  const std::size_t gone = outdated != nullptr ? outdated->text->size() : 0;
  const std::size_t bytes = queued_bytes_ - gone + item.text->size();
  if (bytes > bounds::events_queued_bytes_max ||
      (outdated == nullptr && queue_.size() == bounds::events_queued_max))
    return add_dropped(1);
  queued_bytes_ = bytes;
  if (outdated != nullptr)
    *outdated = item;
  else
    queue_.push_back(item);
  arrived_.set();
}

void Subscription::add_dropped(std::uint64_t count) {
  dropped_ += count;
  arrived_.set();
}

coro::Task<std::string> Subscription::next() {
  auto waiting = arrived_.wait_until(std::chrono::steady_clock::now() + bounds::heartbeat);
  if (!co_await std::move(waiting)) co_return ": still here\n\n";
  arrived_.reset();
  std::string text;
  for (const Item& item : queue_) text += *item.text;
  queue_.clear();
  queued_bytes_ = 0;
  if (dropped_ > 0) text += fmt::format("event: lagged\ndata: {{\"dropped\":{}}}\n\n", dropped_);
  dropped_ = 0;
  co_return text;
}

coro::Task<> EventHub::run() {
  coro::Event never{executor_};
  const auto watch = jobs_.watch([this](const JobEvent& event) { take(event); });
  co_await never.wait();
}

void EventHub::take(const JobEvent& event) {
  Subscription::Item item{
      .text = std::make_shared<std::string>(
          fmt::format("event: {}\ndata: {}\n\n", one_line(event.type), one_line(event.data))),
      .job = std::make_shared<std::string>(event.job),
      .progress = event.type == "progress",
      .state = event.type == "state" || event.type == "removed"};
  const std::lock_guard lock{mutex_};
  if (arrived_.size() < bounds::events_arriving_max)
    arrived_.push_back(std::move(item));
  else
    ++overflowed_;
  if (std::exchange(posted_, true)) return;
  // The hub outlives the loop's last step: both belong to the server.
  boost::asio::post(executor_, [this] { hand_out(); });
}

void EventHub::hand_out() {
  std::vector<Subscription::Item> items;
  std::uint64_t overflowed = 0;
  {
    const std::lock_guard lock{mutex_};
    items.swap(arrived_);
    overflowed = std::exchange(overflowed_, 0);
    posted_ = false;
  }
  // What did not fit may have been a state.
  if (on_state_ && (overflowed > 0 || std::ranges::any_of(items, &Subscription::Item::state)))
    on_state_();
  for (const auto& item : items)
    for (Subscription* listener : listeners_) listener->offer(item);
  if (overflowed == 0) return;
  for (Subscription* listener : listeners_) listener->add_dropped(overflowed);
}

coro::AsyncGenerator<std::string> event_text(std::unique_ptr<Subscription> subscription,
                                             coro::Permit) {
  co_yield ": trawl\nretry: 3000\n\n";
  for (;;) {
    auto waiting = subscription->next();
    std::string text = co_await std::move(waiting);
    co_yield std::move(text);
  }
}

}  // namespace trawl::service::control
