#pragma once
#include "pch_plain.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <spdlog/spdlog.h>

#include <condition_variable>
#include <coroutine>
#include <exception>
#include <filesystem>
#include <future>
#include <random>
#include <thread>

// Templates that nearly every file with Asio instantiates: it is done once, here.
inline boost::asio::any_io_executor precompiled_executor(boost::asio::io_context& context) {
  const boost::asio::steady_timer timer{context};
  return context.get_executor();
}
