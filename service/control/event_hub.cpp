// An event's text is made once and shared; a client costs pointers. What a crawl's thread does here
// is one short lock.
#include "service/control/event_hub.hpp"

#include "service/control/bounds.hpp"

#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace trawl::service::control {
namespace {

// A line end within would begin another field.
std::string one_line(std::string_view text) {
  std::string line{text};
  std::ranges::replace_if(line, [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return line;
}

// True when the item stands for an older one of its job.
bool replace_progress(std::deque<Subscription::Item>& queue, const Subscription::Item& item) {
  if (!item.progress) return false;
  for (auto& waiting : queue)
    if (waiting.progress && *waiting.job == *item.job) {
      waiting = item;
      return true;
    }
  return false;
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
  if (!replace_progress(queue_, item)) {
    if (queue_.size() < bounds::events_queued_max)
      queue_.push_back(item);
    else
      ++dropped_;
  }
  arrived_.set();
}

coro::Task<std::string> Subscription::next() {
  auto waiting = arrived_.wait_until(std::chrono::steady_clock::now() + bounds::heartbeat);
  if (!co_await std::move(waiting)) co_return ": still here\n\n";
  arrived_.reset();
  std::string text;
  for (const Item& item : queue_) text += *item.text;
  queue_.clear();
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
      .progress = event.type == "progress"};
  const std::lock_guard lock{mutex_};
  if (arrived_.size() >= bounds::events_arriving_max) return;
  arrived_.push_back(std::move(item));
  if (std::exchange(posted_, true)) return;
  // The hub outlives the loop's last step: both belong to the server.
  boost::asio::post(executor_, [this] { hand_out(); });
}

void EventHub::hand_out() {
  std::vector<Subscription::Item> items;
  {
    const std::lock_guard lock{mutex_};
    items.swap(arrived_);
    posted_ = false;
  }
  for (const auto& item : items)
    for (Subscription* listener : listeners_) listener->offer(item);
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
