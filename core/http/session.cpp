// Several multi handles, picked by host: libcurl's cost per transfer grows with the connections in
// one handle (62 % of CPU at 4,096 in the prototype), and a host's connections must share one.
#include "core/http/session.hpp"

#include "core/base/limits.hpp"
#include "core/http/transfer.hpp"

#include <algorithm>
#include <functional>

namespace trawl::http {

Session::Session(const coro::Executor& executor, SessionOptions options)
    : executor_(executor),
      options_(std::move(options)),
      permits_(executor, options_.concurrency),
      poll_(executor),
      easies_(std::min(options_.concurrency, limits::easy_handles_pooled_max)),
      fields_(options_.user_agent, options_.accept_encoding, options_.headers) {
  const std::size_t handles = (options_.concurrency + limits::transfers_per_multi_max - 1) /
                              limits::transfers_per_multi_max;
  const auto connections = static_cast<long>(std::max<std::size_t>(options_.concurrency, 64));
  for (std::size_t i = 0; i < std::max<std::size_t>(handles, 1); ++i)
    multis_.push_back(std::make_unique<CurlMulti>(executor, poll_, connections));
}

Session::~Session() = default;

coro::Task<Result<Response>> Session::fetch(Request request, BodySink& sink) {
  auto acquiring = permits_.acquire();
  const coro::Permit permit = co_await std::move(acquiring);
  const HeaderList own_list = fields_.list_for(request);
  Transfer transfer{executor_,
                    {.multi = multi_for(request.url),
                     .easies = easies_,
                     .guard = options_.guard,
                     .request = request,
                     .headers = own_list ? own_list.get() : fields_.defaults(),
                     .sink = sink}};
  auto driving = drive(transfer, sink);
  const std::optional<Errc> expired = co_await std::move(driving);
  auto response = transfer.finish(expired);
  if (response) response->request_head = fields_.head_of(request);
  co_return response;
}

coro::Task<std::optional<Errc>> Session::drive(Transfer& transfer, BodySink& sink) {
  while (!transfer.done()) {
    auto waiting = transfer.activity().wait_until(transfer.deadline());
    co_await std::move(waiting);
    transfer.activity().reset();
    if (transfer.done()) break;
    // Asked after each wait: a transfer that keeps its sink busy is over its time some day too.
    if (const auto expired = transfer.expired()) co_return expired;
    if (!transfer.wants_flush()) continue;
    auto flushing = sink.flush();
    co_await std::move(flushing);
    transfer.resume();
  }
  co_return std::nullopt;
}

CurlMulti& Session::multi_for(std::string_view url) {
  if (multis_.size() == 1) return *multis_.front();
  return *multis_[std::hash<std::string_view>{}(authority_of(url)) % multis_.size()];
}

}  // namespace trawl::http
