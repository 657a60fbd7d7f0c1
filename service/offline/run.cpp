// Signals are listened to here again, since the crawl's listener has ended with the crawl.
#include "service/offline/run.hpp"

#include "core/base/log.hpp"
#include "core/coro/group.hpp"
#include "core/coro/worker.hpp"
#include "service/offline/tree.hpp"
#include "service/text/progress.hpp"

#include <boost/asio/signal_set.hpp>
#include <fmt/format.h>

#include <atomic>
#include <csignal>
#include <cstdio>

namespace trawl::service {
namespace {

struct Conversion {
  const crawl::JobSpec& job;
  std::atomic<bool> stop = false;
  OfflineSummary summary = {};
};

coro::Task<> stop_on_signal(Conversion& conversion) {
  const auto executor = co_await coro::asio::this_coro::executor;
  coro::asio::signal_set signals{executor, SIGINT, SIGTERM};
  co_await signals.async_wait(coro::asio::use_awaitable);
  log("offline")->info("stopping; run the job again to finish the offline pages");
  conversion.stop = true;
}

coro::Task<> convert(Conversion& conversion, coro::Group& group) {
  coro::Worker worker{"offline", 1};
  auto working = worker.run(
      [&conversion] { conversion.summary = make_offline_tree(conversion.job, conversion.stop); });
  co_await std::move(working);
  group.cancel();
}

coro::Task<> convert_parts(Conversion& conversion, coro::Group& group) {
  group.spawn(stop_on_signal(conversion));
  group.spawn(convert(conversion, group));
  co_return;
}

}  // namespace

coro::Task<bool> convert_crawl(const crawl::JobSpec& job, bool quiet) {
  Conversion conversion{.job = job};
  if (!quiet) log("offline")->info("making {}/offline", job.output.dir);
  auto running = coro::with_group(convert_parts, std::ref(conversion));
  co_await std::move(running);
  const OfflineSummary& summary = conversion.summary;
  if (!quiet && summary.whole)
    fmt::print(
        stderr, "offline: {} converted, {} more, {} new or changed{}; in {}/offline\n",
        counted(summary.converted, "page"), counted(summary.copied, "file"),
        grouped(summary.written),
        summary.unreadable > 0 ? fmt::format(", {} unreadable", grouped(summary.unreadable)) : "",
        job.output.dir);
  co_return summary.whole;
}

}  // namespace trawl::service
