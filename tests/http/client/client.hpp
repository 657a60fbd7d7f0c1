#pragma once
// What these tests share: a Session inside a loop's root task, allowed to reach loopback.

#include "core/coro/gather.hpp"
#include "core/coro/loop.hpp"
#include "core/coro/timeout.hpp"
#include "core/http/client/session.hpp"
#include "tests/http/client/names.hpp"
#include "tests/support/loopback_server.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>

namespace trawl::http {

using namespace std::chrono_literals;
using support::Cut;
using support::LoopbackServer;
using support::Reply;
using support::SeenRequest;

inline SessionOptions loopback_options(std::size_t concurrency = 8) {
  return {.user_agent = "trawl-test/1",
          .headers = {},
          .accept_encoding = "gzip",
          .concurrency = concurrency,
          .guard = AddressGuard::create({"127.0.0.0/8", "::1/128"}).value(),
          .dns = test_names()};
}

// use: a function of Session& and the arguments; the session lives as long as its task.
template <class F, class... Args>
auto with_session(SessionOptions options, F use, Args... args)
    -> std::invoke_result_t<F, Session&, Args...> {
  const auto executor = co_await coro::asio::this_coro::executor;
  Session session{executor, std::move(options)};
  auto using_it = std::invoke(use, session, std::move(args)...);
  co_return co_await std::move(using_it);
}

// A Result<Response> and what the sink took.
struct Fetched {
  Result<Response> response;
  std::string body;

  Errc error() const {
    if (!response) return response.error().code;
    return response->broken ? response->broken->code : Errc::internal;
  }
  int status() const { return response ? response->status : 0; }
};

inline coro::Task<Fetched> fetch_in(Session& session, Request request,
                                    std::size_t bytes_max = 64 << 20) {
  MemorySink sink{bytes_max};
  auto fetching = session.fetch(std::move(request), sink);
  auto response = co_await std::move(fetching);
  co_return Fetched{std::move(response), sink.body()};
}

// One fetch with a session of its own.
inline Fetched fetch(Request request, std::size_t bytes_max = 64 << 20,
                     SessionOptions options = loopback_options()) {
  return coro::run_root(with_session(std::move(options), &fetch_in, std::move(request), bytes_max));
}

inline Fetched fetch(const std::string& url) {
  return fetch(Request{.url = url});
}

// One after the other on one session.
inline coro::Task<std::vector<Fetched>> fetch_each(Session& session,
                                                   std::vector<Request> requests) {
  std::vector<Fetched> all;
  for (auto& request : requests) {
    auto fetching = fetch_in(session, std::move(request));
    all.push_back(co_await std::move(fetching));
  }
  co_return all;
}

// Side by side on one session.
inline coro::Task<std::vector<Fetched>> fetch_all(Session& session, std::vector<Request> requests) {
  std::vector<coro::Task<Fetched>> tasks;
  for (auto& request : requests) tasks.push_back(fetch_in(session, std::move(request)));
  auto gathering = coro::gather(std::move(tasks));
  co_return co_await std::move(gathering);
}

inline Millis time_of(const std::function<void()>& action) {
  const Mono start = system_clock().now();
  action();
  return std::chrono::duration_cast<Millis>(system_clock().now() - start);
}

}  // namespace trawl::http
