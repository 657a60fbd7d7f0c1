// Clients that ask for much and then take nothing of it, or are gone.
#include "service/control/bounds.hpp"
#include "service/run/process_figures.hpp"
#include "tests/service/cli/small_crawl.hpp"
#include "tests/service/control/client.hpp"
#include "tests/service/control/running_server.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace trawl::test {
namespace {

namespace bounds = service::control::bounds;
using testing::HasSubstr;
using testing::StartsWith;

// Of AddressSanitizer's own memory there is no telling.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr std::uint64_t held_bytes_max = UINT64_MAX;
#else
constexpr std::uint64_t held_bytes_max = 100 << 20;
#endif
#endif

// Records of which a filter is asked for a long time each: the pattern fails at every place.
constexpr std::size_t slow_records = 10'000;

std::string slow_url(std::size_t number) {
  return fmt::format("http://a.example/{}/{}", number, std::string(2'000, 'a'));
}

void admit_slow(SmallCrawl& crawl) {
  crawl::StoreBatch batch;
  for (std::size_t i = 0; i < slow_records; ++i)
    batch.admitted.push_back({.url = slow_url(i), .host = "a.example"});
  crawl.apply(batch);
}

}  // namespace

// They would hold all connections to the folder's database until their last record was looked at.
TEST(AbsentClient, OneThatIsGoneIsNotSearchedForAnyMore) {
  SmallCrawl crawl;
  admit_slow(crawl);
  RunningServer server;
  server.jobs.add({.name = "big", .dir = crawl.folder()});
  const std::string pattern = "*" + std::string(1'000, 'a') + "b";
  std::vector<Client> clients;
  for (std::size_t i = 0; i < bounds::folder_connections_max; ++i) {
    clients.emplace_back(server.port());
    clients.back().ask("GET /api/v1/jobs/big/results?url=" + pattern);
    EXPECT_THAT(clients.back().read_until("\r\n\r\n"), StartsWith("HTTP/1.1 200"));
  }
  for (Client& client : clients) client.reset();
  const auto first = ask(server.port(), "GET /api/v1/jobs/big/results?limit=1");
  EXPECT_TRUE(first.whole);
  EXPECT_THAT(first.body, HasSubstr("http://a.example/0/"));
}

// RFC 9112, 9.6: who has sent all that it has to say may still read.
TEST(AbsentClient, OneThatHasOnlyClosedItsSideGetsItsAnswer) {
  SmallCrawl crawl;
  crawl.admit_many("a.example", 1'000);
  RunningServer server;
  server.jobs.add({.name = "big", .dir = crawl.folder()});
  Client client{server.port()};
  client.ask("GET /api/v1/jobs/big/results");
  client.close_sending();
  const auto all = client.receive();
  EXPECT_TRUE(all.whole);
  EXPECT_THAT(all.body, HasSubstr("http://a.example/999\""));
}

TEST(AbsentClient, TheListOfJobsIsHeldOnceForAllWhoDoNotTakeIt) {
  RunningServer server;
  for (int i = 0; i < 4'000; ++i)
    server.jobs.add({.name = fmt::format("job-{}", i), .detail = std::string(2'000, 'x')});
  std::vector<Client> clients;
  const auto ask_for_all = [&] {
    clients.emplace_back(server.port(), 4'096);
    clients.back().ask("GET /api/v1/jobs");
    EXPECT_THAT(clients.back().read_until("\r\n"), StartsWith("HTTP/1.1 200"));
  };
  ask_for_all();
  const std::uint64_t before = service::read_process_figures().resident_bytes;
  for (int i = 0; i < 50; ++i) ask_for_all();
  const std::uint64_t after = service::read_process_figures().resident_bytes;
  EXPECT_LT(after - before, held_bytes_max);
}

}  // namespace trawl::test
