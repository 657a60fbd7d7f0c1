#pragma once
// kill -9 at random moments of a crawl, again and again on the same folder, and what must hold
// then.

#include "tests/e2e/program.hpp"

#include <cstdint>
#include <functional>
#include <random>

namespace trawl::e2e {

// TRAWL_KILLS and the like from the environment.
std::uint64_t setting(const char* name, std::uint64_t otherwise);

struct KillFigures {
  int kills = 0;
  int runs = 0;
  Millis recovery_max{0};  // from the start of a run after a kill to its first request
};

struct KillPlan {
  Arguments crawl;
  std::filesystem::path folder;           // of the crawl
  std::function<std::size_t()> requests;  // answered so far
  int kills = 0;
  Millis undisturbed{0};  // how long the crawl takes when it is left alone
};

// Ends early when the crawl is done before all kills.
void kill_again_and_again(const KillPlan& plan, std::mt19937_64& random, KillFigures& figures);

// Fails the test unless the folder has exactly these records, in the same states and with the same
// digests, and is sound. Prints the figures. Returns how many were lost.
std::size_t expect_nothing_lost(const Records& expected, const KillPlan& plan,
                                const KillFigures& figures);

}  // namespace trawl::e2e
