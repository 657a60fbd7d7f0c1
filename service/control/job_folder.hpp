#pragma once
// A job's output folder, for answers that come from it.

#include "core/coro/task.hpp"
#include "service/control/folders.hpp"
#include "service/control/message.hpp"

#include <expected>
#include <filesystem>
#include <string>
#include <utility>

namespace trawl::service::control {

struct Services;

struct JobFolder {
  std::filesystem::path path;
  SharedPool pool;  // null: nothing has been crawled yet
};

// The reply: why not.
coro::Task<std::expected<JobFolder, Reply>> find_folder(Services& services, std::string job);
// Also when nothing has been crawled yet.
coro::Task<std::expected<JobFolder, Reply>> need_folder(Services& services, std::string job);

}  // namespace trawl::service::control
