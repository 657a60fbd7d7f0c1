// A mistyped state or code would silently match nothing, so each word is checked.
#include "service/record_filter.hpp"

#include "config/nearest.hpp"
#include "core/base/units.hpp"
#include "core/web/ascii.hpp"
#include "core/web/host.hpp"

#include <fmt/format.h>

#include <chrono>
#include <vector>

namespace trawl::service {
namespace {

// Reads digits and fixed characters from the front of a text.
class TimeText {
 public:
  explicit TimeText(std::string_view text) : rest_(text) {}

  // Exactly `digits` digits.
  std::optional<int> number(std::size_t digits) {
    if (rest_.size() < digits) return std::nullopt;
    int value = 0;
    for (const char c : rest_.substr(0, digits)) {
      if (c < '0' || c > '9') return std::nullopt;
      value = value * 10 + (c - '0');
    }
    rest_.remove_prefix(digits);
    return value;
  }
  // One of these characters.
  bool take(std::string_view any_of) {
    if (rest_.empty() || !any_of.contains(rest_.front())) return false;
    taken_ = rest_.front();
    rest_.remove_prefix(1);
    return true;
  }
  char taken() const { return taken_; }
  bool at_end() const { return rest_.empty(); }

  // The digits after a decimal point, in milliseconds; further ones are dropped.
  std::optional<int> fraction_ms() {
    int value = 0, scale = 100, digits = 0;
    for (; !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; ++digits) {
      value += (rest_.front() - '0') * scale;
      scale /= 10;
      rest_.remove_prefix(1);
    }
    return digits > 0 ? std::optional{value} : std::nullopt;
  }

 private:
  std::string_view rest_;
  char taken_ = '\0';
};

std::optional<Wall> read_day(TimeText& text) {
  const auto year = text.number(4);
  const bool dash_1 = text.take("-");
  const auto month = text.number(2);
  const bool dash_2 = text.take("-");
  const auto day = text.number(2);
  if (!year || !dash_1 || !month || !dash_2 || !day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{*year},
                                         std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok()) return std::nullopt;
  return Wall{std::chrono::sys_days{date}};
}

// "23:59" and its length; hours_max is 23 for a time of day, and so for an offset.
std::optional<std::chrono::minutes> read_clock(TimeText& text) {
  const auto hours = text.number(2);
  const bool colon = text.take(":");
  const auto minutes = text.number(2);
  if (!hours || !colon || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  return std::chrono::hours{*hours} + std::chrono::minutes{*minutes};
}

// RFC 3339, section 5.6.
std::optional<Wall> read_time(std::string_view written) {
  TimeText text{written};
  auto time = read_day(text);
  if (!time || text.at_end()) return time;
  if (!text.take("Tt ")) return std::nullopt;
  const auto clock = read_clock(text);
  if (!clock || !text.take(":")) return std::nullopt;
  const auto seconds = text.number(2);
  if (!seconds || *seconds > 60) return std::nullopt;  // 60: a leap second
  *time += *clock + std::chrono::seconds{*seconds};
  if (text.take(".")) {
    const auto fraction = text.fraction_ms();
    if (!fraction) return std::nullopt;
    *time += Millis{*fraction};
  }
  if (text.take("+-")) {
    const bool ahead = text.taken() == '+';
    const auto offset = read_clock(text);
    if (!offset) return std::nullopt;
    *time += ahead ? -*offset : *offset;
  } else if (!text.take("Zz")) {
    return std::nullopt;
  }
  return text.at_end() ? time : std::nullopt;
}

std::vector<std::string_view> all_error_names() {
  std::vector<std::string_view> names;
  for (int code = 0; code <= static_cast<int>(Errc::internal); ++code)
    names.push_back(to_string(static_cast<Errc>(code)));
  return names;
}

// A host as people type it, or paste it from a URL.
Result<std::string> read_host(std::string_view text) {
  std::string url{text};
  if (!text.contains("://")) url.insert(0, "http://");
  const auto parsed = web::Url::parse(url);
  if (!parsed || !parsed->is_http())
    return fail(Errc::usage,
                fmt::format("\"{}\" is no host; write example.org or [::1]:8080", text));
  return web::host_key(*parsed);
}

// What is between commas; of an empty text nothing.
std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  if (text.empty()) return words;
  for (;;) {
    const auto comma = text.find(',');
    words.push_back(web::ascii::trim(text.substr(0, comma)));
    if (comma == text.npos) return words;
    text.remove_prefix(comma + 1);
  }
}

Result<std::vector<crawl::UrlState>> read_states(std::string_view text) {
  std::vector<crawl::UrlState> states;
  for (const std::string_view word : words_of(text)) {
    const auto state = crawl::url_state_from_string(word);
    if (!state)
      return fail(
          Errc::usage,
          fmt::format("\"{}\" is no state; they are queued, fetched, failed and excluded", word));
    states.push_back(*state);
  }
  return states;
}

Result<std::vector<Errc>> read_errors(std::string_view text) {
  std::vector<Errc> errors;
  for (const std::string_view word : words_of(text)) {
    const auto error = errc_from_string(word);
    if (!error)
      return fail(Errc::usage, fmt::format("\"{}\" is no error code; did you mean \"{}\"?", word,
                                           config::nearest_key(word, all_error_names())));
    errors.push_back(*error);
  }
  return errors;
}

}  // namespace

Result<Wall> read_since(std::string_view text, Wall now) {
  if (const auto time = read_time(text)) return *time;
  if (const auto duration = parse_duration(text)) return now - *duration;
  return fail(Errc::usage, fmt::format("\"{}\" is no time; write 2026-01-31T23:59:59Z, 2026-01-31, "
                                       "or how long ago: 30m, 2h, 7d",
                                       text));
}

Result<storage::RecordFilter> read_filter(const FilterText& text, Wall now) {
  storage::RecordFilter filter{.limit = text.limit};
  if (auto states = read_states(text.state))
    filter.states = std::move(*states);
  else
    return std::unexpected(states.error());
  if (!text.status.empty()) {
    auto status = storage::parse_status_filter(text.status);
    if (!status) return std::unexpected(status.error());
    filter.status = std::move(*status);
  }
  if (!text.host.empty()) {
    auto host = read_host(text.host);
    if (!host) return std::unexpected(host.error());
    filter.host = std::move(*host);
  }
  if (!text.since.empty()) {
    const auto since = read_since(text.since, now);
    if (!since) return std::unexpected(since.error());
    filter.since_ms = since->time_since_epoch().count();
  }
  if (!text.changed_since.empty()) {
    const auto since = read_since(text.changed_since, now);
    if (!since) return std::unexpected(since.error());
    filter.changed_since_ms = since->time_since_epoch().count();
  }
  if (auto errors = read_errors(text.error))
    filter.errors = std::move(*errors);
  else
    return std::unexpected(errors.error());
  return filter;
}

}  // namespace trawl::service
