// Session against a bare libcurl loop on the same pages of the same nginx, in turns, so that what
// else the machine does hits both alike.
//   fetch_bench [fetches a round] [rounds] [at once] [page bytes] [both|bare|session]
#include "core/coro/gather.hpp"
#include "core/coro/loop.hpp"
#include "core/http/client/session.hpp"
#include "tests/bench/bare_curl_loop.hpp"
#include "tests/support/nginx.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdlib>

namespace trawl::bench {
namespace {

constexpr std::size_t pages = 200;

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

struct Work {
  const std::vector<std::string>& urls;
  std::size_t next = 0;
  std::size_t good = 0;
};

coro::Task<> fetch_in_turn(http::Session& session, Work& work) {
  while (work.next < work.urls.size()) {
    http::DiscardSink sink;
    auto fetching = session.fetch({.url = work.urls[work.next++]}, sink);
    const auto response = co_await std::move(fetching);
    work.good += response && response->status == 200 ? 1 : 0;
  }
}

coro::Task<std::size_t> fetch_with_session(const std::vector<std::string>& urls,
                                           std::size_t at_once) {
  const auto executor = co_await coro::asio::this_coro::executor;
  http::Session session{executor,
                        {.user_agent = "bench",
                         .concurrency = at_once,
                         .guard = http::AddressGuard::create({"127.0.0.0/8"}).value()}};
  Work work{.urls = urls};
  std::vector<coro::Task<>> tasks;
  for (std::size_t i = 0; i < at_once; ++i) tasks.push_back(fetch_in_turn(session, work));
  auto gathering = coro::gather(std::move(tasks));
  co_await std::move(gathering);
  co_return work.good;
}

struct Cost {
  double fetches_per_s = 0;
  double cpu_us = 0;  // a fetch
};

template <class F>
Cost measure(std::size_t fetches, F fetch) {
  const Mono start = system_clock().now();
  const double cpu = cpu_seconds();
  if (const std::size_t good = fetch(); good != fetches) {
    fmt::print(stderr, "{} of {} fetches went well\n", good, fetches);
    std::exit(1);
  }
  const auto count = static_cast<double>(fetches);
  const std::chrono::duration<double> took = system_clock().now() - start;
  return {count / took.count(), (cpu_seconds() - cpu) / count * 1e6};
}

Cost median(std::vector<Cost> costs) {
  std::ranges::sort(costs, {}, &Cost::cpu_us);
  return costs[costs.size() / 2];
}

void print(std::string_view name, const std::vector<Cost>& costs) {
  for (const auto& cost : costs)
    fmt::print("{}: {:.0f}/s, {:.1f} µs of CPU a fetch\n", name, cost.fetches_per_s, cost.cpu_us);
  if (!costs.empty()) fmt::print("{}: median {:.1f} µs\n", name, median(costs).cpu_us);
}

std::size_t number(char** arguments, int count, int index, std::size_t otherwise) {
  return index < count ? static_cast<std::size_t>(std::atoll(arguments[index])) : otherwise;
}

}  // namespace
}  // namespace trawl::bench

int main(int count, char** arguments) {
  using namespace trawl;
  const std::size_t fetches = bench::number(arguments, count, 1, 30'000);
  const std::size_t rounds = bench::number(arguments, count, 2, 5);
  const std::size_t at_once = bench::number(arguments, count, 3, 64);
  const std::size_t bytes = bench::number(arguments, count, 4, 28'000);
  const support::TempDir dir;
  for (std::size_t i = 0; i < bench::pages; ++i)
    dir.write(fmt::format("{}.html", i), std::string(bytes, 'x'));
  const support::Nginx nginx{dir.string(), "access_log off;"};
  std::vector<std::string> urls;
  for (std::size_t i = 0; i < fetches; ++i)
    urls.push_back(nginx.url(fmt::format("/{}.html", i % bench::pages)));

  const std::string_view which = count > 5 ? arguments[5] : "both";

  std::vector<bench::Cost> bare, session;
  for (std::size_t round = 0; round < rounds; ++round) {
    if (which != "session")
      bare.push_back(bench::measure(fetches, [&] { return bench::fetch_bare(urls, at_once); }));
    if (which != "bare")
      session.push_back(bench::measure(
          fetches, [&] { return coro::run_root(bench::fetch_with_session(urls, at_once)); }));
  }
  bench::print("bare libcurl", bare);
  bench::print("session", session);
  if (bare.empty() || session.empty()) return 0;
  const auto one = bench::median(bare), other = bench::median(session);
  fmt::print("CPU of a fetch: {:.2f} times\n", other.cpu_us / one.cpu_us);
}
