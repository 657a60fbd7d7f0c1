// The answer has a channel of its own, which closes when the push is dropped, whoever dropped it.
#include "core/crawl/engine/push_queue.hpp"

namespace trawl::crawl {

coro::Task<Result<Pushed>> PushQueue::push(std::shared_ptr<PushQueue> queue, UrlSource source,
                                           std::vector<std::string> urls) {
  const auto ended = fail(Errc::cancelled, "the run is at its end and takes no more URLs");
  if (!source) co_return ended;
  Push push{std::move(urls), std::move(source)};
  const auto answers = push.answers();
  auto sending = queue->line_.send(std::move(push));
  const bool sent = co_await std::move(sending);
  if (!sent) co_return ended;
  auto receiving = answers->next();
  auto answer = co_await std::move(receiving);
  if (!answer) co_return ended;
  co_return std::move(*answer);
}

void PushQueue::shut() {
  line_.close();
  while (line_.try_next()) continue;
}

}  // namespace trawl::crawl
