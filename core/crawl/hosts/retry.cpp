// Which failures pass by themselves. Full jitter, because the URLs of a host that went down fail
// together and must not come back together.
#include "core/crawl/hosts/retry.hpp"

#include <algorithm>

namespace trawl::crawl {

RetryClass retry_class(Errc error) {
  switch (error) {
    case Errc::dns:
    case Errc::dns_timeout:
    case Errc::connect_refused:
    case Errc::connect_timeout:
    case Errc::first_byte_timeout:
    case Errc::total_timeout:
    case Errc::too_slow:
    case Errc::reset:
    case Errc::body_truncated:
    case Errc::proxy:
    case Errc::robots_unreachable:
      return RetryClass::transient;
    case Errc::tls:       // a handshake that broke off may go through; a refused one won't
    case Errc::protocol:  // damaged framing may be a passing fault of a proxy
    case Errc::checksum:  // damaged on the way, or cached so; fetched afresh it may be right
      return RetryClass::once;
    default:
      return RetryClass::permanent;
  }
}

RetryClass retry_class(int status) {
  switch (status) {
    case 408:  // Request Timeout
    case 425:  // Too Early
    case 429:  // Too Many Requests
    case 500:
    case 502:
    case 503:
    case 504:
    case 520:  // 520 to 524: a content network could not reach its origin
    case 521:
    case 522:
    case 523:
    case 524:
      return RetryClass::transient;
    default:
      return RetryClass::permanent;
  }
}

RetryPolicy::Bounds::Bounds(const FetchSpec& spec)
    : attempts(spec.attempts),
      backoff_min(std::max(spec.backoff_min, Millis{0})),
      backoff_max(std::max(spec.backoff_max, backoff_min)) {}

Millis longest_backoff(const FetchSpec& spec) {
  return std::max({spec.backoff_max, spec.backoff_min, Millis{0}});
}

RetryPolicy::RetryPolicy(const FetchSpec& spec, std::uint64_t seed) : job_(spec), random_(seed) {}

std::optional<Millis> RetryPolicy::next(int attempts_made, Errc error) {
  return next(job_, attempts_made, retry_class(error));
}

std::optional<Millis> RetryPolicy::next(int attempts_made, int status) {
  return next(job_, attempts_made, retry_class(status));
}

std::optional<Millis> RetryPolicy::next(const FetchSpec& spec, int attempts_made, Errc error) {
  return next(Bounds{spec}, attempts_made, retry_class(error));
}

std::optional<Millis> RetryPolicy::next(const FetchSpec& spec, int attempts_made, int status) {
  return next(Bounds{spec}, attempts_made, retry_class(status));
}

std::optional<Millis> RetryPolicy::next(const FetchSpec& spec, int attempts_made, RetryClass kind) {
  return next(Bounds{spec}, attempts_made, kind);
}

std::optional<Millis> RetryPolicy::next(const Bounds& bounds, int attempts_made, RetryClass kind) {
  const int attempts = kind == RetryClass::once ? std::min(bounds.attempts, 2) : bounds.attempts;
  if (kind == RetryClass::permanent || attempts_made >= attempts) return std::nullopt;
  Millis ceiling = bounds.backoff_min;
  for (int i = 0; i < attempts_made && ceiling < bounds.backoff_max; ++i) {
    ceiling = std::min(ceiling * 2, bounds.backoff_max);
    if (ceiling == Millis{0}) break;
  }
  return between(bounds.backoff_min, ceiling);
}

Millis RetryPolicy::between(Millis least, Millis most) {
  std::uniform_int_distribution<std::int64_t> wait_ms(least.count(), most.count());
  return Millis{wait_ms(random_)};
}

}  // namespace trawl::crawl
