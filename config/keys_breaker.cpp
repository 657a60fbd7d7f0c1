// fetch.host_breaker: two values in one text, because neither means anything without the other.
#include "config/key.hpp"

#include <charconv>

namespace trawl::config {
namespace {

using crawl::BreakerSpec;

constexpr Duration pause{.min = Millis{100}, .max = Millis{std::chrono::days{7}}};
constexpr int failures_max = 1000;

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

// "5 failures, 10m".
struct Breaker {
  bool read(const toml::node& node, BreakerSpec& out) const {
    const std::string_view text = text_of(node).value_or("");
    const auto comma = text.find(',');
    if (comma == text.npos) return false;
    std::string_view first = trimmed(text.substr(0, comma));
    int failures = 0;
    const auto [end, error] = std::from_chars(first.data(), first.data() + first.size(), failures);
    first.remove_prefix(static_cast<std::size_t>(end - first.data()));
    const std::string_view noun = trimmed(first);
    const auto time = parse_duration(trimmed(text.substr(comma + 1)));
    if (error != std::errc{} || failures < 1 || failures > failures_max) return false;
    if ((noun != "failures" && noun != "failure") || first == noun) return false;
    if (!time || *time < pause.min || *time > pause.max) return false;
    out = {failures, *time};
    return true;
  }
  std::string expected() const {
    return "failures in a row and a pause like \"5 failures, 10m\" (1 to 1000, \"100ms\" to "
           "\"7d\")";
  }
  std::string print(const BreakerSpec& value) const {
    return fmt::format("\"{} failure{}, {}\"", value.failures, value.failures == 1 ? "" : "s",
                       format_duration(value.pause));
  }
};

}  // namespace

void add_breaker_key(std::vector<Key>& keys) {
  using crawl::JobSpec;
  keys.push_back(make_key("fetch.host_breaker",
                          "After so many failures in a row without any answer, or without a "
                          "robots.txt to go by, a host is left alone for the pause; then one fetch "
                          "tries it.",
                          or_off(Breaker{}), &JobSpec::fetch, &crawl::FetchSpec::host_breaker));
}

}  // namespace trawl::config
