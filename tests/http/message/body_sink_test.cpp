#include "core/http/message/body_sink.hpp"

#include "core/base/limits.hpp"
#include "core/coro/loop.hpp"
#include "tests/support/temp_dir.hpp"

#include <gtest/gtest.h>

namespace trawl::http {
namespace {

using Accepted = BodySink::Accepted;

constexpr auto sha256_of_hello = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

coro::Task<std::filesystem::path> flushed(SpoolSink& sink) {
  auto flushing = sink.flush();
  co_await std::move(flushing);
  auto taking = sink.take_file();
  co_return co_await std::move(taking);
}

}  // namespace

TEST(MemorySink, KeepsWhatFitsAndStopsThere) {
  MemorySink sink{5};
  EXPECT_EQ(sink.accept("abc"), Accepted::taken);
  EXPECT_EQ(sink.accept("de"), Accepted::taken);
  EXPECT_EQ(sink.accept("f"), Accepted::stop);
  EXPECT_EQ(sink.body(), "abcde");
}

TEST(DiscardSink, CountsWhatFits) {
  DiscardSink sink{4};
  EXPECT_EQ(sink.accept("abc"), Accepted::taken);
  EXPECT_EQ(sink.accept("def"), Accepted::stop);
  EXPECT_EQ(sink.bytes(), 4u);
}

TEST(SpoolSink, ASmallBodyStaysInMemoryAndIsDigested) {
  const support::TempDir dir;
  coro::Worker worker{"test", 4};
  SpoolSink sink{worker, {.memory_bytes_max = 5, .file = dir / "body"}};
  sink.begin(200, {{"Content-Length", "99999999999"}});
  EXPECT_EQ(sink.accept("hel"), Accepted::taken);
  EXPECT_EQ(sink.accept("lo"), Accepted::taken);
  EXPECT_FALSE(sink.wants_flush());
  EXPECT_FALSE(sink.in_file());
  EXPECT_EQ(sink.memory(), "hello");
  EXPECT_EQ(sink.sha256_hex(), sha256_of_hello);
}

TEST(SpoolSink, CodedBodiesAreNotDigested) {
  const support::TempDir dir;
  coro::Worker worker{"test", 4};
  SpoolSink sink{worker, {.memory_bytes_max = 5, .file = dir / "body"}};
  sink.begin(200, {{"content-encoding", "gzip"}});
  sink.accept("x");
  EXPECT_EQ(sink.sha256_hex(), "");
}

TEST(SpoolSink, ALargeBodyGoesToTheFileAndTheFileIsHandedOver) {
  const support::TempDir dir;
  coro::Worker worker{"test", 4};
  {
    SpoolSink sink{worker, {.memory_bytes_max = 2, .file = dir / "body"}};
    sink.begin(200, {});
    sink.accept("hello");
    EXPECT_EQ(coro::run_root(flushed(sink)), dir / "body");
    EXPECT_TRUE(sink.in_file());
    EXPECT_EQ(sink.sha256_hex(), sha256_of_hello);
  }
  EXPECT_EQ(dir.read("body"), "hello");
}

TEST(SpoolSink, ABodyThatCouldStayInMemoryIsInTheFileOnceThatWasTaken) {
  const support::TempDir dir;
  coro::Worker worker{"test", 4};
  SpoolSink sink{worker, {.memory_bytes_max = 5, .file = dir / "body"}};
  sink.begin(200, {});
  sink.accept("hello");
  EXPECT_FALSE(sink.is_over_memory());
  EXPECT_EQ(coro::run_root(sink.take_file()), dir / "body");
  EXPECT_TRUE(sink.is_over_memory());
  EXPECT_EQ(sink.known_sha256(), sha256_of_hello);
}

TEST(SpoolSink, TheDigestOfABodyInMemoryIsMadeWhenItIsAskedFor) {
  const support::TempDir dir;
  coro::Worker worker{"test", 4};
  SpoolSink sink{worker, {.memory_bytes_max = 5, .file = dir / "body"}};
  sink.begin(200, {});
  sink.accept("hel");
  sink.accept("lo");
  EXPECT_EQ(sink.known_sha256(), "");
  EXPECT_EQ(sink.sha256_hex(), sha256_of_hello);
  EXPECT_EQ(sink.known_sha256(), sha256_of_hello);
}

// A sink that is full asks for a flush, and what a flush can't write would wait for ever.
TEST(SpoolSink, IsNotFullBeforeThereIsSomethingToFlush) {
  const support::TempDir dir;
  coro::Worker worker{"test", 4};
  constexpr std::size_t bound = limits::sink_buffer_bytes_max;
  SpoolSink sink{worker, {.memory_bytes_max = bound, .file = dir / "body"}};
  sink.begin(200, {});
  EXPECT_EQ(sink.accept(std::string(bound, 'x')), Accepted::taken);
  EXPECT_FALSE(sink.wants_flush());
  std::size_t more = 0;
  while (sink.accept("y") == Accepted::taken && more < bound) ++more;
  EXPECT_GE(more, 1U);
  EXPECT_LE(more, 64U * 1024);
  EXPECT_EQ(sink.accept("z"), Accepted::full);
  EXPECT_TRUE(sink.wants_flush());
  coro::run_root(sink.flush());
  EXPECT_EQ(sink.accept("z"), Accepted::taken);
  coro::run_root(flushed(sink));
  EXPECT_EQ(dir.read("body"), std::string(bound, 'x') + std::string(more, 'y') + "z");
}

TEST(SpoolSink, AFileNobodyTookIsRemoved) {
  const support::TempDir dir;
  coro::Worker worker{"test", 4};
  {
    SpoolSink sink{worker, {.memory_bytes_max = 2, .file = dir / "body"}};
    sink.accept("hello");
    coro::run_root(sink.flush());
    EXPECT_TRUE(std::filesystem::exists(dir / "body"));
  }
  EXPECT_FALSE(std::filesystem::exists(dir / "body"));
}

TEST(SpoolSink, ABodyAnnouncedOverTheBoundIsNotWanted) {
  coro::Worker worker{"sink", 4};
  SpoolSink sink{worker, {.bytes_max = 100, .memory_bytes_max = 50}};
  sink.begin(200, {{"Content-Length", "100"}});
  EXPECT_TRUE(sink.wants_body());
  EXPECT_FALSE(sink.truncated());
  SpoolSink other{worker, {.bytes_max = 100, .memory_bytes_max = 50}};
  other.begin(200, {{"Content-Length", "101"}});
  EXPECT_FALSE(other.wants_body());
  EXPECT_TRUE(other.truncated());
  SpoolSink sitemap{worker, {.bytes_max = 100, .memory_bytes_max = 50, .part_is_wanted = true}};
  sitemap.begin(200, {{"Content-Length", "101"}});
  EXPECT_TRUE(sitemap.wants_body());
}

// A short one is let pass, so that the connection is there for the next fetch.
TEST(SpoolSink, AnUnwantedBodyIsForgotten) {
  coro::Worker worker{"sink", 4};
  const auto sink_of = [&worker](const char* length) {
    auto sink = std::make_unique<SpoolSink>(
        worker, SpoolSink::Options{.memory_bytes_max = 50,
                                   .is_wanted = [](int status, const Headers& headers) {
                                     return status != 200 || headers.empty();
                                   }});
    sink->begin(200, {{"Content-Length", length}});
    return sink;
  };
  const auto small = sink_of("10");
  EXPECT_TRUE(small->wants_body());
  EXPECT_EQ(small->accept("0123456789"), Accepted::taken);
  EXPECT_TRUE(small->is_unwanted());
  EXPECT_FALSE(small->truncated());
  EXPECT_EQ(small->bytes(), 0U);
  EXPECT_EQ(small->memory(), "");
  EXPECT_FALSE(sink_of("1000000")->wants_body());
  const auto unknown = sink_of("");
  EXPECT_TRUE(unknown->wants_body());
  const std::string block(SpoolSink::unwanted_bytes_max, 'x');
  EXPECT_EQ(unknown->accept(block), Accepted::taken);
  EXPECT_EQ(unknown->accept("x"), Accepted::stop);
}

TEST(SpoolSink, FullBuffersRefuseAndTheBoundTruncates) {
  const support::TempDir dir;
  coro::Worker worker{"test", 4};
  constexpr std::size_t buffer_bytes = 96 * 1024;  // 32 KiB beyond the memory
  SpoolSink sink{
      worker,
      {.bytes_max = buffer_bytes + 10, .memory_bytes_max = 64 * 1024, .file = dir / "body"}};
  const std::string half(buffer_bytes / 2, 'x');
  EXPECT_EQ(sink.accept(half), Accepted::taken);
  EXPECT_FALSE(sink.wants_flush());  // it may stay in memory
  EXPECT_EQ(sink.accept(half), Accepted::taken);
  EXPECT_TRUE(sink.wants_flush());
  EXPECT_EQ(sink.accept("y"), Accepted::full);
  coro::run_root(sink.flush());
  EXPECT_FALSE(sink.wants_flush());
  EXPECT_EQ(sink.accept("0123456789"), Accepted::taken);
  EXPECT_FALSE(sink.truncated());
  EXPECT_EQ(sink.accept("x"), Accepted::stop);
  EXPECT_TRUE(sink.truncated());
  EXPECT_EQ(sink.bytes(), buffer_bytes + 10);
}

// However little or much stays in memory, a flush makes room for what was refused.
TEST(SpoolSink, NeverRefusesForGood) {
  const support::TempDir dir;
  coro::Worker worker{"test", 4};
  for (const std::size_t kib : {0, 1, 16, 98, 256, 1024, 2000}) {
    SpoolSink sink{worker, {.memory_bytes_max = kib * 1024, .file = dir / "body"}};
    const std::string chunk(16 * 1024, 'x');
    for (int i = 0; i < 200; ++i) {
      if (sink.accept(chunk) == Accepted::taken) continue;
      coro::run_root(sink.flush());
      ASSERT_EQ(sink.accept(chunk), Accepted::taken) << kib << " KiB, chunk " << i;
    }
    EXPECT_EQ(sink.bytes(), 200 * chunk.size());
    EXPECT_EQ(std::filesystem::file_size(coro::run_root(sink.take_file())), 200 * chunk.size());
  }
}

// A sink that continues a body whose first bytes are "hel", and means this by any answer.
struct Continued {
  explicit Continued(Continuation meaning) {
    auto hasher = std::make_shared<web::Hasher>(web::Hasher::Algorithm::sha256);
    hasher->update("hel");
    sink.emplace(worker,
                 SpoolSink::Options{.memory_bytes_max = 1,
                                    .file = dir / "body",
                                    .on_head = [meaning](int, const Headers&) { return meaning; }},
                 SpoolSink::Part{dir.write("part", "hel"), 3, hasher});
    sink->begin(206, {});
  }
  support::TempDir dir;
  coro::Worker worker{"test", 4};
  std::optional<SpoolSink> sink;
};

TEST(SpoolSink, ARestIsAppendedAndTheDigestIsOfTheWhole) {
  Continued continued{Continuation::append};
  SpoolSink& sink = *continued.sink;
  EXPECT_EQ(sink.accept("lo"), Accepted::taken);
  EXPECT_EQ(sink.bytes(), 5u);
  EXPECT_EQ(coro::run_root(sink.take_file()), continued.dir / "part");
  EXPECT_EQ(continued.dir.read("part"), "hello");
  EXPECT_EQ(sink.sha256_hex(), sha256_of_hello);
}

TEST(SpoolSink, ARestSaysHowMuchThereIsAndWillBe) {
  const support::TempDir dir;
  coro::Worker worker{"test", 4};
  SpoolSink::Written written;
  const auto hasher = std::make_shared<web::Hasher>(web::Hasher::Algorithm::sha256);
  SpoolSink sink{worker,
                 {.memory_bytes_max = 0,
                  .file = dir / "body",
                  .on_head = [](int, const Headers&) { return Continuation::append; },
                  .on_written =
                      [&](const SpoolSink::Written& now) {
                        written = now;
                        return true;
                      }},
                 SpoolSink::Part{dir.write("part", "hel"), 3, hasher}};
  sink.begin(206, {{"Content-Length", "4"}});
  sink.accept("lo");
  coro::run_root(sink.flush());
  EXPECT_EQ(written.bytes, 5u);
  EXPECT_EQ(written.kept, 3u);
  EXPECT_EQ(written.expected, 7u);
}

TEST(SpoolSink, SaysWhatHasComeWhenTheTransferPauses) {
  coro::Worker worker{"test", 4};
  std::vector<SpoolSink::Written> told;
  SpoolSink sink{worker,
                 {.memory_bytes_max = 1024,
                  .on_paused = [&](const SpoolSink::Written& came) { told.push_back(came); }}};
  sink.begin(200, {{"Content-Length", "9"}});
  sink.accept("hello");
  coro::run_root(sink.flush());
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].bytes, 5u);
  EXPECT_EQ(told[0].expected, 9u);
}

TEST(SpoolSink, AnotherBodyIsAFileOfItsOwnAndLeavesThePart) {
  for (const auto meaning : {Continuation::anew, Continuation::other}) {
    Continued continued{meaning};
    SpoolSink& sink = *continued.sink;
    EXPECT_EQ(sink.accept("hello"), Accepted::taken);
    EXPECT_EQ(coro::run_root(sink.take_file()), continued.dir / "body");
    EXPECT_EQ(sink.sha256_hex(), sha256_of_hello);
    EXPECT_EQ(continued.dir.read("part"), "hel");
  }
}

TEST(SpoolSink, OfARefusedAnswerNothingIsTaken) {
  Continued continued{Continuation::refused};
  EXPECT_EQ(continued.sink->accept("lo"), Accepted::stop);
  EXPECT_EQ(continued.sink->bytes(), 0u);
  continued.sink.reset();
  EXPECT_EQ(continued.dir.read("part"), "hel");
}

TEST(SpoolSink, AFileThatWasSavedOutlivesItsSink) {
  const support::TempDir dir;
  coro::Worker worker{"test", 4};
  for (const bool spare : {false, true}) {
    std::uint64_t written = 0;
    {
      SpoolSink sink{
          worker, {.memory_bytes_max = 0, .file = dir / "body", .on_written = [&](const auto& now) {
                     written = now.bytes;
                     return spare;
                   }}};
      sink.begin(200, {});
      sink.accept("hello");
      coro::run_root(sink.flush());
    }
    EXPECT_EQ(written, 5u);
    EXPECT_EQ(std::filesystem::exists(dir / "body"), spare);
  }
}

}  // namespace trawl::http
