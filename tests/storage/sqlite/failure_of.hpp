#pragma once
#include "core/base/result.hpp"

#include <optional>

namespace trawl::test {

// The Error that an action throws as a Failure; absent when it throws none.
template <class Action>
std::optional<Error> failure_of(Action action) {
  try {
    action();
  } catch (const Failure& failure) {
    return failure.error();
  }
  return std::nullopt;
}

template <class Action>
std::optional<Errc> code_of(Action action) {
  const auto error = failure_of(action);
  return error ? std::optional{error->code} : std::nullopt;
}

}  // namespace trawl::test
