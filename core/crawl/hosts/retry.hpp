#pragma once
// RetryPolicy: whether a URL whose fetch did not succeed is tried again, and when. Exponential
// back-off with full jitter: uniform between backoff_min and backoff_min x 2^attempts, which is
// capped by backoff_max. The table of what is transient is in docs/politeness.md.

#include "core/base/clock.hpp"
#include "core/base/error.hpp"
#include "core/crawl/job/job.hpp"

#include <cstdint>
#include <optional>
#include <random>

namespace trawl::crawl {

enum class RetryClass : std::uint8_t {
  permanent,  // the next attempt would end the same way
  once,       // worth a second attempt, not more
  transient,  // worth all attempts of the job
};

RetryClass retry_class(Errc error);
RetryClass retry_class(int status);

// No wait of RetryPolicy is longer.
Millis longest_backoff(const FetchSpec& spec);

class RetryPolicy {
 public:
  // seed: of the jitter; the same seed gives the same waits.
  RetryPolicy(const FetchSpec& spec, std::uint64_t seed);

  // attempts_made: including the one that just ended, at least 1. Absent: that was the last.
  std::optional<Millis> next(int attempts_made, Errc error);
  std::optional<Millis> next(int attempts_made, int status);
  // The same by what holds for the URL's host instead of by the job's.
  std::optional<Millis> next(const FetchSpec& spec, int attempts_made, Errc error);
  std::optional<Millis> next(const FetchSpec& spec, int attempts_made, int status);
  std::optional<Millis> next(const FetchSpec& spec, int attempts_made, RetryClass kind);
  // Anything between the two, so that many don't come back together.
  Millis between(Millis least, Millis most);

 private:
  struct Bounds {
    explicit Bounds(const FetchSpec& spec);
    int attempts;
    Millis backoff_min;
    Millis backoff_max;
  };

  std::optional<Millis> next(const Bounds& bounds, int attempts_made, RetryClass kind);

  Bounds job_;
  std::mt19937_64 random_;
};

}  // namespace trawl::crawl
