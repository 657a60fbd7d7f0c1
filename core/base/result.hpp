#pragma once
// Result<T>: hostile input and network outcomes are values. A broken environment (store gone, disk
// full) throws Failure; a bug asserts. Never two of them for one cause.

#include "core/base/error.hpp"

#include <expected>
#include <stdexcept>
#include <string>
#include <utility>

namespace trawl {

template <class T = void>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(Errc code, std::string detail = {}) {
  return std::unexpected(Error{code, std::move(detail)});
}

// Thrown when the environment is broken; what() is the message for the user.
class Failure : public std::runtime_error {
 public:
  Failure(Errc code, std::string detail)
      : std::runtime_error(detail), error_{code, std::move(detail)} {}
  explicit Failure(Error error) : std::runtime_error(error.detail), error_(std::move(error)) {}

  const Error& error() const { return error_; }
  Errc code() const { return error_.code; }

 private:
  Error error_;
};

}  // namespace trawl
