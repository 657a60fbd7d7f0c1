#pragma once
// Small tasks that leave a trace of what happened to them.

#include "core/coro/loop.hpp"
#include "core/coro/time.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>
#include <string>

namespace trawl::coro {

using namespace std::chrono_literals;  // NOLINT: test code

// Appends "name+" when it begins and "name-" when it is unwound, however that happens.
class Trace {
 public:
  Trace(std::string& log, std::string name) : log_(log), name_(std::move(name)) {
    log_ += name_ + "+ ";
  }
  ~Trace() { log_ += name_ + "- "; }
  Trace(const Trace&) = delete;
  Trace& operator=(const Trace&) = delete;

 private:
  std::string& log_;
  std::string name_;
};

inline Task<> wait_traced(std::string& log, std::string name,
                          std::chrono::steady_clock::duration time) {
  const Trace trace{log, std::move(name)};
  co_await sleep_for(time);
  log += "done ";
}

inline Task<int> give(int value, std::chrono::steady_clock::duration after = 0ms) {
  co_await sleep_for(after);
  co_return value;
}

inline Task<int> give_at_once(int value) {
  co_return value;
}

inline Task<> fail_after(std::chrono::steady_clock::duration time, std::string what) {
  co_await sleep_for(time);
  throw std::runtime_error(what);
}

inline Task<int> fail_with_int(std::chrono::steady_clock::duration time, std::string what) {
  co_await sleep_for(time);
  throw std::runtime_error(what);
}

// The message of what run() throws; "" when it returns.
template <class T>
std::string thrown_by(Task<T> task) {
  try {
    run_root(std::move(task));
  } catch (const boost::system::system_error& error) {
    return is_cancellation(error) ? "cancelled" : error.what();
  } catch (const std::exception& error) {
    return error.what();
  }
  return "";
}

}  // namespace trawl::coro
