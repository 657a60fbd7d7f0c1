#pragma once
// A Resolver inside a loop's root task, and what it says as text.

#include "core/coro/gather.hpp"
#include "core/coro/loop.hpp"
#include "core/http/dns/resolver.hpp"

#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace trawl::http::dns {

using namespace std::chrono_literals;

// The machine's time, which a test can put forward.
class ShiftedClock final : public Clock {
 public:
  Mono now() const override { return system_clock().now() + shift; }
  Wall wall() const override { return system_clock().wall(); }
  Millis shift{0};
};

struct Asker {
  Asker(const coro::Executor& executor, ResolverOptions options, const Clock& clock)
      : poll(executor), resolver(executor, poll, std::move(options), clock) {}
  SocketPoll poll;
  Resolver resolver;
};

// Of a server with an address().
inline ResolverOptions asking(const auto& server) {
  return {.servers = {*ServerAddress::parse(server.address())}};
}

template <class F, class... Args>
auto in_loop(ResolverOptions options, const Clock& clock, F use, Args... args)
    -> std::invoke_result_t<F, Resolver&, Args...> {
  const auto executor = co_await coro::asio::this_coro::executor;
  Asker asker{executor, std::move(options), clock};
  auto using_it = std::invoke(use, asker.resolver, std::move(args)...);
  co_return co_await std::move(using_it);
}

template <class F, class... Args>
auto with_resolver(ResolverOptions options, F use, Args... args) {
  return coro::run_root(in_loop(std::move(options), system_clock(), use, std::move(args)...));
}

inline std::string text_of(const ResolutionPtr& resolution) {
  if (resolution->error) return resolution->error->message();
  std::string text;
  for (const auto& address : resolution->addresses) text += address.to_string() + " ";
  return text;
}

inline coro::Task<std::string> resolve(Resolver& resolver, std::string name, Millis timeout = 5s) {
  auto resolving = resolver.resolve(std::move(name), timeout);
  const auto resolution = co_await std::move(resolving);
  co_return text_of(resolution);
}

inline coro::Task<std::vector<std::string>> resolve_all(Resolver& resolver,
                                                        std::vector<std::string> names,
                                                        Millis timeout) {
  std::vector<coro::Task<std::string>> tasks;
  for (auto& name : names) tasks.push_back(resolve(resolver, std::move(name), timeout));
  auto gathering = coro::gather(std::move(tasks));
  co_return co_await std::move(gathering);
}

inline std::string ask(ResolverOptions options, std::string name, Millis timeout = 5s) {
  return with_resolver(std::move(options), &resolve, std::move(name), timeout);
}

inline std::size_t entries_of(const char* folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator{folder},
                                                std::filesystem::directory_iterator{}));
}

}  // namespace trawl::http::dns
