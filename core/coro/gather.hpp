#pragma once
// gather: runs tasks side by side and returns their results in the order given. The first exception
// cancels the rest, which are awaited, and comes out. Results that are all there when the caller is
// cancelled are returned all the same.

#include "core/coro/group.hpp"

#include <algorithm>
#include <optional>
#include <tuple>
#include <vector>

namespace trawl::coro {

namespace detail {

template <class T>
Task<> keep(Task<T> task, std::optional<OrMonostate<T>>& result) {
  if constexpr (std::is_void_v<T>) {
    co_await std::move(task);
    result.emplace();
  } else {
    result.emplace(co_await std::move(task));
  }
}

template <class T>
Task<std::vector<OrMonostate<T>>> gather_all(std::vector<Task<T>> tasks) {
  std::vector<std::optional<OrMonostate<T>>> results(tasks.size());
  Group group{co_await asio::this_coro::executor};
  const auto begin = [&] {
    for (std::size_t i = 0; i < tasks.size(); ++i)
      group.start(keep(std::move(tasks[i]), results[i]), Begin::at_once);
  };
  auto running = group.run(begin);
  co_await std::move(running);
  if (group.error()) std::rethrow_exception(group.error());
  std::vector<OrMonostate<T>> values;
  values.reserve(results.size());
  for (auto& result : results) {
    if (!result) throw cancelled_error();
    values.push_back(std::move(*result));
  }
  co_return values;
}

}  // namespace detail

template <class T>
  requires(!std::is_void_v<T>)
Task<std::vector<T>> gather(std::vector<Task<T>> tasks) {
  return detail::gather_all(std::move(tasks));
}

inline Task<> gather(std::vector<Task<>> tasks) {
  auto gathering = detail::gather_all(std::move(tasks));
  co_await std::move(gathering);
}

// std::monostate stands for void.
template <class... T>
  requires(sizeof...(T) > 0)
Task<std::tuple<OrMonostate<T>...>> gather(Task<T>... tasks) {
  std::tuple<std::optional<OrMonostate<T>>...> results;
  Group group{co_await asio::this_coro::executor};
  const auto begin = [&](auto&... result) {
    (group.start(detail::keep(std::move(tasks), result), Begin::at_once), ...);
  };
  auto running = group.run([&] { std::apply(begin, results); });
  co_await std::move(running);
  if (group.error()) std::rethrow_exception(group.error());
  const auto take = [](auto&... result) {
    if (!(result && ...)) throw cancelled_error();
    return std::tuple<OrMonostate<T>...>{std::move(*result)...};
  };
  co_return std::apply(take, results);
}

}  // namespace trawl::coro
