#pragma once
// gather: runs tasks side by side and returns their results in the order given. The first exception
// cancels the rest, which are awaited, and comes out.

#include "core/coro/group.hpp"

#include <tuple>
#include <vector>

namespace trawl::coro {

namespace detail {

template <class T>
Task<> keep(Task<T> task, std::optional<T>& result) {
  result.emplace(co_await std::move(task));
}

}  // namespace detail

template <class T>
  requires(!std::is_void_v<T>)
Task<std::vector<T>> gather(std::vector<Task<T>> tasks) {
  std::vector<std::optional<T>> results(tasks.size());
  Group group{co_await asio::this_coro::executor};
  for (std::size_t i = 0; i < tasks.size(); ++i)
    group.spawn(detail::keep(std::move(tasks[i]), results[i]));
  co_await group.join();
  std::vector<T> values;
  values.reserve(results.size());
  for (auto& result : results) values.push_back(std::move(*result));
  co_return values;
}

inline Task<> gather(std::vector<Task<>> tasks) {
  Group group{co_await asio::this_coro::executor};
  for (auto& task : tasks) group.spawn(std::move(task));
  co_await group.join();
}

template <class... T>
  requires(sizeof...(T) > 1 && (!std::is_void_v<T> && ...))
Task<std::tuple<T...>> gather(Task<T>... tasks) {
  std::tuple<std::optional<T>...> results;
  Group group{co_await asio::this_coro::executor};
  std::apply([&](auto&... result) { (group.spawn(detail::keep(std::move(tasks), result)), ...); },
             results);
  co_await group.join();
  co_return std::apply([](auto&... result) { return std::tuple<T...>{std::move(*result)...}; },
                       results);
}

}  // namespace trawl::coro
