#pragma once
// FolderWatch: says when something in a folder may have changed, through inotify, once things have
// been quiet for a moment; and every now and then without it, for file systems that don't tell.

#include "core/coro/task.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>

#include <filesystem>
#include <optional>

namespace trawl::service {

class FolderWatch {
 public:
  FolderWatch(const coro::Executor& executor, std::filesystem::path folder);

  // Returns when it is time to look. Loop thread only.
  coro::Task<> changed();

 private:
  void arm();
  coro::Task<> event();

  std::filesystem::path folder_;
  coro::Executor executor_;
  std::optional<coro::asio::posix::stream_descriptor> inotify_;
};

}  // namespace trawl::service
