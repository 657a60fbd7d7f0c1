#include "core/http/client/phase_watch.hpp"

#include "tests/support/manual_clock.hpp"

#include <gtest/gtest.h>

namespace trawl::http {
namespace {

using namespace std::chrono_literals;

constexpr Timeouts timeouts{.dns = 1s,
                            .connect = 2s,
                            .first_byte = 3s,
                            .total = 60s,
                            .min_speed_bytes_per_s = 100,
                            .min_speed_time = 10s};

struct Watched {
  support::ManualClock clock{Wall{}};
  PhaseWatch watch{timeouts, clock};

  std::optional<Errc> after(Millis time) {
    clock.advance(time);
    return watch.expired();
  }
};

}  // namespace

TEST(PhaseWatch, EachPhaseHasItsOwnTime) {
  Watched fetch;
  EXPECT_EQ(fetch.after(999ms), std::nullopt);
  EXPECT_EQ(fetch.watch.deadline() - fetch.clock.now(), 1ms);
  EXPECT_EQ(fetch.after(1ms), Errc::dns_timeout);
  fetch.watch.on_resolved();
  EXPECT_EQ(fetch.after(1999ms), std::nullopt);
  fetch.watch.on_resolved();  // the second address of a name gets no more time
  EXPECT_EQ(fetch.after(1ms), Errc::connect_timeout);
  fetch.watch.on_request();
  EXPECT_EQ(fetch.after(2999ms), std::nullopt);
  EXPECT_EQ(fetch.after(1ms), Errc::first_byte_timeout);
}

TEST(PhaseWatch, APhaseThatBeginsUnseenIsStillLookedAtInTime) {
  support::ManualClock clock{Wall{}};
  PhaseWatch watch{{.dns = 10s, .connect = 10s, .first_byte = 1s, .total = 60s}, clock};
  const Mono look = watch.deadline();
  EXPECT_EQ(look - clock.now(), 1s);
  watch.on_request();
  clock.advance_to(look);
  EXPECT_EQ(watch.expired(), Errc::first_byte_timeout);
}

TEST(PhaseWatch, AKeptConnectionSkipsTheFirstPhases) {
  Watched fetch;
  fetch.watch.on_request();
  EXPECT_EQ(fetch.after(2999ms), std::nullopt);
  EXPECT_EQ(fetch.after(1ms), Errc::first_byte_timeout);
}

TEST(PhaseWatch, SlowIsLessThanTheSpeedOverItsTime) {
  Watched fetch;
  fetch.watch.on_request();
  fetch.watch.on_bytes(1000);
  EXPECT_EQ(fetch.after(10s), std::nullopt);
  fetch.watch.on_bytes(999);
  EXPECT_EQ(fetch.after(9999ms), std::nullopt);
  EXPECT_EQ(fetch.after(1ms), Errc::too_slow);
}

TEST(PhaseWatch, TimeWeTookOurselvesIsNotHeldAgainstTheServer) {
  Watched fetch;
  fetch.watch.on_request();
  fetch.watch.on_bytes(1);
  fetch.clock.advance(30s);
  fetch.watch.on_resumed();
  EXPECT_EQ(fetch.after(9999ms), std::nullopt);
}

TEST(PhaseWatch, TheWholeFetchIsBoundedHoweverQuickItIs) {
  Watched fetch;
  fetch.watch.on_request();
  for (int second = 0; second < 59; ++second) {
    fetch.watch.on_bytes(1'000'000);
    EXPECT_EQ(fetch.after(1s), std::nullopt);
  }
  EXPECT_EQ(fetch.after(1s), Errc::total_timeout);
}

TEST(PhaseWatch, NoSpeedWantedMeansNoneJudged) {
  support::ManualClock clock{Wall{}};
  Timeouts patient = timeouts;
  patient.min_speed_bytes_per_s = 0;
  PhaseWatch watch{patient, clock};
  watch.on_request();
  watch.on_bytes(1);
  clock.advance(59s);
  EXPECT_EQ(watch.expired(), std::nullopt);
  clock.advance(1s);
  EXPECT_EQ(watch.expired(), Errc::total_timeout);
}

}  // namespace trawl::http
