#include "core/base/limits.hpp"
#include "core/coro/time.hpp"
#include "tests/http/client/client.hpp"
#include "tests/support/temp_dir.hpp"

#include <atomic>
#include <thread>

namespace trawl::http {
namespace {

std::string pattern(std::size_t bytes) {
  std::string text(bytes, '\0');
  std::uint32_t state = 12345;
  for (char& c : text) {
    state = state * 1'664'525 + 1'013'904'223;
    c = static_cast<char>(state >> 24);
  }
  return text;
}

coro::Task<Result<Response>> fetch_into(Session& session, std::string url, SpoolSink& sink) {
  auto fetching = session.fetch({.url = std::move(url)}, sink);
  auto response = co_await std::move(fetching);
  if (sink.in_file()) {
    auto taking = sink.take_file();
    co_await std::move(taking);
  }
  co_return response;
}

// What a SpoolSink has taken, for the worker's thread to see.
class SeenSink final : public BodySink {
 public:
  explicit SeenSink(SpoolSink& sink) : sink_(sink) {}
  void begin(int status, const Headers& headers) override { sink_.begin(status, headers); }
  Accepted accept(std::string_view bytes) override {
    const auto accepted = sink_.accept(bytes);
    taken = sink_.bytes();
    refused = refused || accepted == Accepted::full;
    return accepted;
  }
  bool wants_flush() const override { return sink_.wants_flush(); }
  coro::Task<> flush() override { return sink_.flush(); }
  std::uint64_t bytes() const override { return sink_.bytes(); }

  std::atomic<std::uint64_t> taken = 0;
  std::atomic<bool> refused = false;

 private:
  SpoolSink& sink_;
};

// However small the pieces are, what there is is copied a few times and not for each of them.
TEST(Spool, BytesThatComeOneAtATimeCostNoMoreThanTheirNumber) {
  const support::TempDir dir;
  coro::Worker worker{"files", 4};
  SpoolSink sink{worker, {.memory_bytes_max = 1 << 20, .file = dir / "body"}};
  sink.begin(200, {});
  std::size_t capacity = 0, grown = 0;
  while (sink.accept("x") == BodySink::Accepted::taken) {
    if (sink.memory().capacity() != capacity) ++grown;
    capacity = sink.memory().capacity();
  }
  EXPECT_GT(sink.bytes(), 1U << 20);
  EXPECT_LT(grown, 30U);
}

coro::Task<> hold_up(coro::Worker& worker, SeenSink& sink, std::uint64_t& taken_meanwhile) {
  auto holding = worker.run([&] {
    for (int i = 0; i < 500 && !sink.refused; ++i) std::this_thread::sleep_for(10ms);
    std::this_thread::sleep_for(30ms);  // more would come now if the transfer were not paused
    taken_meanwhile = sink.taken;
  });
  co_await std::move(holding);
}

coro::Task<Result<Response>> fetch_with_slow_disk(Session& session, std::string url,
                                                  coro::Worker& worker, SeenSink& sink,
                                                  std::uint64_t& taken_meanwhile) {
  coro::Group group{co_await coro::asio::this_coro::executor};
  group.spawn(hold_up(worker, sink, taken_meanwhile));
  auto fetching = session.fetch({.url = std::move(url)}, sink);
  auto response = co_await std::move(fetching);
  auto joining = group.join();
  co_await std::move(joining);
  co_return response;
}

struct Beside {
  std::atomic<bool> release = false;
  std::atomic<bool> held = false;
  int small_fetched = 0;
  bool large_done = false;
  std::uint64_t taken = 0;
};

coro::Task<> hold_until_released(coro::Worker& worker, Beside& seen) {
  auto holding = worker.run([&seen] {
    seen.held = true;
    while (!seen.release) std::this_thread::sleep_for(1ms);
  });
  co_await std::move(holding);
}

coro::Task<> fetch_large(Session& session, std::string url, SeenSink& sink, Beside& seen) {
  auto fetching = session.fetch({.url = std::move(url)}, sink);
  const auto response = co_await std::move(fetching);
  EXPECT_TRUE(response && !response->broken);
  seen.large_done = true;
}

coro::Task<> fetch_small(Session& session, std::string url, SeenSink& sink, Beside& seen) {
  while (!sink.refused) co_await coro::sleep_for(1ms);
  for (int i = 0; i < 20; ++i) {
    auto fetching = fetch_in(session, {.url = url});
    const auto fetched = co_await std::move(fetching);
    if (fetched.status() == 200 && !seen.large_done) ++seen.small_fetched;
  }
  seen.taken = sink.taken;
  seen.release = true;
}

coro::Task<> fetch_side_by_side(Session& session, std::string url, coro::Worker& worker,
                                SeenSink& sink, Beside& seen) {
  coro::Group group{co_await coro::asio::this_coro::executor};
  group.spawn(hold_until_released(worker, seen));
  group.spawn(fetch_large(session, url + "large", sink, seen));
  group.spawn(fetch_small(session, url + "small", sink, seen));
  auto joining = group.join();
  co_await std::move(joining);
}

}  // namespace

TEST(Spool, TwentyMegabytesArriveByteForByte) {
  const support::TempDir dir;
  const std::string body = pattern(20 << 20);
  LoopbackServer server;
  server.on("/", Reply{.body = body, .chunked = true, .chunk_bytes = 100'000});
  coro::Worker worker{"test", 4};
  SpoolSink sink{worker, {.memory_bytes_max = 256 * 1024, .file = dir / "body"}};
  const auto response =
      coro::run_root(with_session(loopback_options(), &fetch_into, server.url(), std::ref(sink)));
  ASSERT_TRUE(response);
  EXPECT_FALSE(response->broken);
  EXPECT_EQ(response->bytes_body, body.size());
  EXPECT_TRUE(dir.read("body") == body);
  web::Hasher hasher{web::Hasher::Algorithm::sha256};
  hasher.update(body);
  EXPECT_EQ(sink.sha256_hex(), hasher.hex());
}

TEST(Spool, ASlowDiskPausesTheTransferInsteadOfFillingMemory) {
  const support::TempDir dir;
  const std::string body = pattern(6 << 20);
  LoopbackServer server;
  server.on("/", Reply{.body = body});
  coro::Worker worker{"test", 4};
  SpoolSink spool{worker, {.memory_bytes_max = 0, .file = dir / "body"}};
  SeenSink sink{spool};
  std::uint64_t taken_meanwhile = 0;
  const auto response =
      coro::run_root(with_session(loopback_options(), &fetch_with_slow_disk, server.url(),
                                  std::ref(worker), std::ref(sink), std::ref(taken_meanwhile)));
  ASSERT_TRUE(response);
  EXPECT_FALSE(response->broken);
  EXPECT_TRUE(sink.refused);
  EXPECT_LE(taken_meanwhile, 96U * 1024);
  EXPECT_EQ(coro::run_root(spool.take_file()), dir / "body");
  EXPECT_TRUE(dir.read("body") == body);
}

TEST(Spool, ASlowDiskHoldsUpItsOwnTransferAndNotTheLoop) {
  const support::TempDir dir;
  LoopbackServer server;
  server.on("/large", Reply{.body = pattern(6 << 20)});
  server.on("/small", Reply{.body = "small"});
  coro::Worker worker{"test", 4};
  SpoolSink spool{worker, {.memory_bytes_max = 0, .file = dir / "body"}};
  SeenSink sink{spool};
  Beside seen;
  coro::run_root(with_session(loopback_options(), &fetch_side_by_side, server.url(),
                              std::ref(worker), std::ref(sink), std::ref(seen)));
  EXPECT_EQ(seen.small_fetched, 20);
  EXPECT_LE(seen.taken, 96U * 1024);
  EXPECT_TRUE(seen.large_done);
  EXPECT_EQ(spool.bytes(), 6U << 20);
}

TEST(Spool, ABoundThatIsReachedInThePauseEndsTheTransfer) {
  const support::TempDir dir;
  LoopbackServer server;
  server.on("/", Reply{.endless = true});
  coro::Worker worker{"test", 4};
  SpoolSink spool{worker,
                  {.bytes_max = limits::sink_buffer_bytes_max + 16 * 1024,
                   .memory_bytes_max = 0,
                   .file = dir / "body"}};
  SeenSink sink{spool};
  std::uint64_t taken_meanwhile = 0;
  Fetched got;
  const auto took = time_of([&] {
    got.response =
        coro::run_root(with_session(loopback_options(), &fetch_with_slow_disk, server.url(),
                                    std::ref(worker), std::ref(sink), std::ref(taken_meanwhile)));
  });
  ASSERT_TRUE(got.response);
  EXPECT_TRUE(sink.refused);
  EXPECT_FALSE(got.response->broken);
  EXPECT_TRUE(spool.truncated());
  EXPECT_EQ(spool.bytes(), limits::sink_buffer_bytes_max + 16 * 1024);
  EXPECT_LT(took, 3s);
}

TEST(Spool, AFullDiskComesOutOfTheFetch) {
  const support::TempDir dir;
  std::filesystem::create_symlink("/dev/full", dir / "body");  // what is removed is the link
  LoopbackServer server;
  server.on("/", Reply{.body = std::string(3 << 20, 'x')});
  coro::Worker worker{"test", 4};
  SpoolSink sink{worker, {.memory_bytes_max = 0, .file = dir / "body"}};
  try {
    (void)coro::run_root(
        with_session(loopback_options(), &fetch_into, server.url(), std::ref(sink)));
    FAIL() << "nothing was thrown";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), Errc::disk_full);
  }
  EXPECT_TRUE(std::filesystem::exists("/dev/full"));
}

}  // namespace trawl::http
