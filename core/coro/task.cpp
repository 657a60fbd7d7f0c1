// Cancellation is one exception value everywhere, so that it can be told from a network error.
#include "core/coro/task.hpp"

#include <boost/asio/error.hpp>

namespace trawl::coro {

boost::system::system_error cancelled_error() {
  return boost::system::system_error{asio::error::operation_aborted};
}

bool is_cancellation(const boost::system::system_error& error) {
  return error.code() == asio::error::operation_aborted;
}

bool is_cancellation(const std::exception_ptr& error) {
  if (!error) return false;
  try {
    std::rethrow_exception(error);
  } catch (const boost::system::system_error& e) {
    return is_cancellation(e);
  } catch (...) {
    return false;
  }
}

Task<bool> cancellation_requested() {
  const auto state = co_await asio::this_coro::cancellation_state;
  co_return state.cancelled() != asio::cancellation_type::none;
}

}  // namespace trawl::coro
