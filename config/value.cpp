// Readers are strict: a number without its unit, a boolean for a word or a text for a number is an
// error at its place, and never a guess.
#include "config/value.hpp"

#include "config/check.hpp"
#include "config/job.hpp"
#include "core/base/log.hpp"

#include <cmath>

namespace trawl::config {
namespace {

constexpr std::size_t found_bytes_max = 60;

bool is_zero(const toml::node& node) {
  return node.is_integer() && node.as_integer()->get() == 0;
}

bool within(Millis value, Millis min, Millis max) {
  return value >= min && value <= max;
}

// What the fields of fetch accept as pauses and times; below a millisecond nothing is left of them.
constexpr Duration pause{.min = Millis{1}};

}  // namespace

std::optional<std::string_view> text_of(const toml::node& node) {
  const auto* text = node.as_string();
  if (text == nullptr) return std::nullopt;
  return text->get();
}

std::string describe(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::string:
      return fmt::format("\"{}\" (string)",
                         printable(hide_password(node.as_string()->get()), found_bytes_max));
    case toml::node_type::integer:
      return fmt::format("{} (integer)", node.as_integer()->get());
    case toml::node_type::floating_point:
      return fmt::format("{} (float)", node.as_floating_point()->get());
    case toml::node_type::boolean:
      return fmt::format("{} (boolean)", node.as_boolean()->get());
    case toml::node_type::array:
      return "a list";
    case toml::node_type::table:
      return "a table";
    default:
      return "a date or time";
  }
}

void mismatch(Problems& problems, const toml::node& node, std::string_view expected,
              std::string entry) {
  problems.push_back({std::move(entry), node.source().begin,
                      fmt::format("expected {}, found {}", expected, describe(node))});
}

bool Flag::read(const toml::node& node, bool& out) const {
  const auto* value = node.as_boolean();
  if (value == nullptr) return false;
  out = value->get();
  return true;
}

std::string Count::expected() const {
  if (max == Count{}.max) return fmt::format("a whole number of at least {}", min);
  return fmt::format("a whole number from {} to {}", min, max);
}

bool Number::read(const toml::node& node, double& out) const {
  const auto value = node.value_exact<double>();
  const auto whole = node.value_exact<std::int64_t>();
  if (!value && !whole) return false;
  const double number = value ? *value : static_cast<double>(*whole);
  if (!(number >= min && number <= max)) return false;  // NaN fails both
  out = number;
  return true;
}

std::string Number::print(double value) const {
  return value == std::floor(value) ? fmt::format("{:.1f}", value) : fmt::format("{}", value);
}

bool Duration::read(const toml::node& node, Millis& out) const {
  const auto text = text_of(node);
  if (!text && !is_zero(node)) return false;
  const auto value = parse_duration(text.value_or("0"));
  if (!value || !within(*value, min, max)) return false;
  out = *value;
  return true;
}

std::string Duration::expected() const {
  std::string text = "a duration like \"2s\"";
  if (min > Millis{1}) text += fmt::format(" of at least \"{}\"", format_duration(min));
  if (min == Millis{1}) text += " above zero";
  if (max != Duration{}.max) text += fmt::format(" of at most \"{}\"", format_duration(max));
  return text;
}

bool Bytes::read(const toml::node& node, std::uint64_t& out) const {
  const auto text = text_of(node);
  if (!text && !is_zero(node)) return false;
  const auto value = parse_bytes(text.value_or("0"));
  if (!value || *value < min) return false;
  out = *value;
  return true;
}

std::string Bytes::expected() const {
  std::string text = "a size like \"32MiB\"";
  if (min == 1) text += " above zero";
  if (min > 1) text += fmt::format(" of at least \"{}\"", format_bytes(min));
  return text;
}

bool Speed::read(const toml::node& node, std::uint64_t& out) const {
  auto text = text_of(node);
  if (!text) return false;
  constexpr std::string_view unit = "/s";
  if (text->ends_with(unit)) text->remove_suffix(unit.size());
  const auto value = parse_bytes(*text);
  if (!value || *value < min) return false;
  out = *value;
  return true;
}

std::string Speed::expected() const {
  return fmt::format("a speed like \"2MiB/s\" of at least \"{}/s\"", format_bytes(min));
}

bool MinSpeed::read(const toml::node& node, http::Timeouts& out) const {
  const auto text = text_of(node);
  if (!text) return false;
  if (*text == "off") {
    out.min_speed_bytes_per_s = 0;
    return true;
  }
  constexpr std::string_view separator = "/s for ";
  const auto at = text->find(separator);
  if (at == std::string_view::npos) return false;
  const auto speed = parse_bytes(text->substr(0, at));
  const auto time = parse_duration(text->substr(at + separator.size()));
  if (!speed || *speed == 0 || !time || !within(*time, Millis{1000}, pause.max)) return false;
  out.min_speed_bytes_per_s = *speed;
  out.min_speed_time = *time;
  return true;
}

std::string MinSpeed::print(const http::Timeouts& value) const {
  if (value.min_speed_bytes_per_s == 0) return "\"off\"";
  return fmt::format("\"{}/s for {}\"", format_bytes(value.min_speed_bytes_per_s),
                     format_duration(value.min_speed_time));
}

bool Backoff::read(const toml::node& node, crawl::FetchSpec& out) const {
  const auto text = text_of(node);
  if (!text) return false;
  const auto at = text->find("..");
  if (at == std::string_view::npos) return false;
  const auto min = parse_duration(text->substr(0, at));
  const auto max = parse_duration(text->substr(at + 2));
  if (!min || !max || *min > *max || !within(*min, pause.min, pause.max) || *max > pause.max)
    return false;
  out.backoff_min = *min;
  out.backoff_max = *max;
  return true;
}

std::string Backoff::expected() const {
  return "a range of durations like \"1s..10m\", the smaller one first and above zero";
}

std::string Backoff::print(const crawl::FetchSpec& value) const {
  return fmt::format("\"{}..{}\"", format_duration(value.backoff_min),
                     format_duration(value.backoff_max));
}

void Text::read(const toml::node& node, std::string& out, Problems& problems) const {
  const auto text = text_of(node);
  if (!text) return mismatch(problems, node, "a string");
  std::string value{*text};
  if (const std::string expected = check(value); !expected.empty())
    return mismatch(problems, node, expected);
  out = std::move(value);
}

std::string Text::print(const std::string& value) const {
  return toml_string(value);
}

void TextList::read(const toml::node& node, std::vector<std::string>& out,
                    Problems& problems) const {
  constexpr std::string_view kind = "a list of strings like [\"a\", \"b\"]";
  const toml::array* list = node.as_array();
  if (list == nullptr) return mismatch(problems, node, kind);
  if (list->size() > entries_max)
    return problems.push_back({{},
                               node.source().begin,
                               fmt::format("expected a list of at most {} strings, found one of {}",
                                           entries_max, list->size())});
  std::vector<std::string> values;
  values.reserve(list->size());
  for (std::size_t i = 0; i < list->size(); ++i) {
    const toml::node& item = *list->get(i);
    const auto text = text_of(item);
    std::string value{text.value_or("")};
    const std::string expected = text ? check(value) : "a string";
    const std::string entry = fmt::format("[{}]", i);
    if (!expected.empty() && shown != &hide_password)  // nobody is shown what it is
      problems.push_back({entry, item.source().begin, fmt::format("expected {}", expected)});
    else if (!expected.empty())
      mismatch(problems, item, expected, entry);
    values.push_back(std::move(value));
  }
  out = std::move(values);
}

std::string TextList::print(const std::vector<std::string>& values) const {
  std::vector<std::string> shown_texts;
  shown_texts.reserve(values.size());
  for (const std::string& value : values) shown_texts.push_back(shown(value));
  return toml_list(shown_texts);
}

void Sitemaps::read(const toml::node& node, crawl::SitemapSpec& out, Problems& problems) const {
  using crawl::SitemapMode;
  if (node.is_array()) {
    crawl::SitemapSpec list{.mode = SitemapMode::list, .urls = {}};
    TextList{check}.read(node, list.urls, problems);
    if (list.urls.empty()) list.mode = SitemapMode::off;
    out = std::move(list);
    return;
  }
  const auto text = text_of(node);
  std::string url{text.value_or("")};
  if (text == "off" || text == "auto")
    out = {.mode = text == "off" ? SitemapMode::off : SitemapMode::automatic, .urls = {}};
  else if (text && check(url).empty())
    out = {.mode = SitemapMode::list, .urls = {std::move(url)}};
  else
    mismatch(problems, node, "\"off\", \"auto\" or a list of sitemap URLs");
}

std::string Sitemaps::print(const crawl::SitemapSpec& value) const {
  if (value.mode == crawl::SitemapMode::list) return TextList{check}.print(value.urls);
  return value.mode == crawl::SitemapMode::off ? "\"off\"" : "\"auto\"";
}

}  // namespace trawl::config
