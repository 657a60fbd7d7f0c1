// A file is compiled to the rules of the one group that applies, sorted so that the first match is
// the verdict: a check is one pass over short strings. Wildcards are matched segment by segment,
// leftmost first, which is exact for '*' and never goes back.
#include "core/web/robots/robots.hpp"

#include "core/web/robots/robots_text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <string>
#include <tuple>
#include <utility>

namespace trawl::web {
namespace {

constexpr char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c;
}

bool equals_ignore_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           return to_lower(x) == to_lower(y);
         });
}

// "Bot/1.0" and "Bot (x)" are the product Bot.
std::string_view product_of(std::string_view text) {
  text = text.substr(0, text.find('/'));
  while (text.ends_with(' ')) text.remove_suffix(1);
  while (text.starts_with(' ')) text.remove_prefix(1);
  return text;
}

bool is_everyone(std::string_view value) {
  return value == "*" || value.starts_with("* ") || value.starts_with("*\t");
}

// RFC 9309 2.2.1 has letters, '_' and '-' in a product token, and what follows is not compared.
// Tokens of real crawlers have digits and more, so the whole product is compared as well.
bool names_agent(std::string_view value, std::string_view agent) {
  const auto is_token = [](char c) {
    const char lower = to_lower(c);
    return (lower >= 'a' && lower <= 'z') || c == '_' || c == '-';
  };
  const auto token_end = std::find_if_not(value.begin(), value.end(), is_token);
  const auto token = value.substr(0, std::size_t(token_end - value.begin()));
  if (!token.empty() && equals_ignore_case(token, agent)) return true;
  const std::string_view product = product_of(value);
  return equals_ignore_case(product, agent) ||
         equals_ignore_case(product.substr(0, product.find_first_of(" \t")), agent);
}

// Which agents the lines being read are for. Consecutive user-agent lines add up.
struct Group {
  bool ours = false;
  bool everyone = false;
  bool closed = true;  // a rule was seen, so the next user-agent line starts a new group

  void add(bool names_us, bool names_everyone) {
    if (closed) *this = {.closed = false};
    ours |= names_us;
    everyone |= names_everyone;
  }
};

std::optional<double> parse_seconds(std::string_view value) {
  double seconds = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), seconds);
  if (error != std::errc{} || end != value.data() + value.size()) return std::nullopt;
  if (!std::isfinite(seconds) || seconds < 0) return std::nullopt;
  return seconds;
}

void keep_longer(std::optional<double>& delay, double seconds) {
  delay = std::max(delay.value_or(0), seconds);
}

std::size_t find_from(std::string_view text, std::string_view part, std::size_t from) {
  if (part.empty()) return from;
  const void* found =
      memmem(text.data() + from, text.size() - from, part.data(), part.size());  // linear time
  if (found == nullptr) return std::string_view::npos;
  return std::size_t(static_cast<const char*>(found) - text.data());
}

bool matches(std::string_view pattern, std::string_view path) {
  const bool anchored = pattern.ends_with('$');
  if (anchored) pattern.remove_suffix(1);
  auto star = pattern.find('*');
  if (star == std::string_view::npos) return anchored ? path == pattern : path.starts_with(pattern);
  if (!path.starts_with(pattern.substr(0, star))) return false;
  std::size_t position = star;
  for (;;) {
    pattern.remove_prefix(star + 1);
    star = pattern.find('*');
    if (star == std::string_view::npos) break;
    position = find_from(path, pattern.substr(0, star), position);
    if (position == std::string_view::npos) return false;
    position += star;
  }
  if (anchored) return path.size() - position >= pattern.size() && path.ends_with(pattern);
  return find_from(path, pattern, position) != std::string_view::npos;
}

// Several '*' in a row are one, and one at the end says nothing.
std::string compact(std::string pattern) {
  const auto both_stars = [](char a, char b) { return a == '*' && b == '*'; };
  pattern.erase(std::unique(pattern.begin(), pattern.end(), both_stars), pattern.end());
  if (pattern.ends_with('*')) pattern.pop_back();
  if (pattern.ends_with("*$")) pattern.resize(pattern.size() - 2);
  return pattern;
}

}  // namespace

Robots Robots::allow_all() {
  return {};
}

Robots Robots::disallow_all() {
  Robots robots;
  robots.keep({{.pattern = "/", .length = 1}});
  return robots;
}

Robots Robots::parse(std::string_view body, std::string_view product_token) {
  const std::string_view agent = product_of(product_token);
  Robots robots;
  std::vector<ParsedRule> ours, everyone;
  std::optional<double> our_delay, everyone_delay;
  bool named = false;
  // Crawl-delay is no directive of RFC 9309 and must not end a group of rules (2.2.4); for delays
  // alone it does, or "crawl-delay" of one agent would pass to the next one named.
  Group rules, delays;

  const auto add_rule = [&](bool allow, std::string_view path, std::uint32_t line) {
    std::string pattern = normalise_robots_rule(path);
    const auto length = std::uint32_t(pattern.size());
    ParsedRule rule{compact(std::move(pattern)), length, line, allow};
    if (rules.ours) ours.push_back(rule);
    if (rules.everyone) everyone.push_back(std::move(rule));
  };
  each_robots_directive(body, [&](const RobotsDirective& directive) {
    const std::string_view value = directive.value;
    switch (directive.key) {
      case RobotsKey::user_agent: {
        const bool all = is_everyone(value);
        const bool us = !all && names_agent(value, agent);
        named |= us;
        rules.add(us, all);
        delays.add(us, all);
        break;
      }
      case RobotsKey::allow:
      case RobotsKey::disallow: {
        rules.closed = delays.closed = true;
        if (value.empty()) break;
        const bool allow = directive.key == RobotsKey::allow;
        add_rule(allow, value, directive.line);
        // Google's parser: whoever allows the index page allows its folder's address as well.
        const auto slash = value.rfind('/');
        if (allow && slash != std::string_view::npos &&
            value.substr(slash + 1).starts_with("index.htm"))
          add_rule(true, std::string(value.substr(0, slash + 1)) + '$', directive.line);
        break;
      }
      case RobotsKey::crawl_delay:
        delays.closed = true;
        if (const auto seconds = parse_seconds(value)) {
          if (delays.ours) keep_longer(our_delay, *seconds);
          if (delays.everyone) keep_longer(everyone_delay, *seconds);
        }
        break;
      case RobotsKey::sitemap:
        if (!value.empty()) robots.sitemaps_.emplace_back(value);
        break;
      case RobotsKey::unknown:
        break;
    }
  });

  robots.crawl_delay_s_ = named ? our_delay : everyone_delay;
  robots.sitemaps_.shrink_to_fit();
  robots.keep(named ? std::move(ours) : std::move(everyone));
  return robots;
}

void Robots::keep(std::vector<ParsedRule> rules) {
  const auto order = [](const ParsedRule& rule) {
    return std::tuple(~rule.length, !rule.allow, std::string_view(rule.pattern), rule.line);
  };
  std::sort(rules.begin(), rules.end(),
            [&](const ParsedRule& a, const ParsedRule& b) { return order(a) < order(b); });
  const auto same = [](const ParsedRule& a, const ParsedRule& b) {
    return a.allow == b.allow && a.pattern == b.pattern;
  };
  rules.erase(std::unique(rules.begin(), rules.end(), same), rules.end());
  rules_.reserve(rules.size());
  for (const ParsedRule& rule : rules) {
    patterns_ += rule.pattern;
    rules_.push_back({std::uint32_t(patterns_.size()), rule.line, rule.allow});
  }
  patterns_.shrink_to_fit();
}

RobotsVerdict Robots::check(std::string_view path_and_query) const {
  if (rules_.empty() || path_and_query == "/robots.txt") return {};  // RFC 9309 2.2.2
  if (path_and_query.empty()) path_and_query = "/";
  std::string storage;
  std::string_view path = path_and_query;
  if (!is_normal_robots_path(path)) path = storage = normalise_robots_path(path);
  std::size_t begin = 0;
  for (const Rule& rule : rules_) {
    const auto pattern = std::string_view(patterns_).substr(begin, rule.end - begin);
    begin = rule.end;
    if (!matches(pattern, path)) continue;
    return {rule.allow, rule.line, (rule.allow ? "Allow: " : "Disallow: ") + std::string(pattern)};
  }
  return {};
}

std::size_t Robots::memory_bytes() const {
  const auto heap = [](const std::string& text) {
    return text.capacity() > std::string().capacity() ? text.capacity() + 1 : 0;
  };
  std::size_t bytes = sizeof(*this) + rules_.capacity() * sizeof(Rule) + heap(patterns_) +
                      sitemaps_.capacity() * sizeof(std::string);
  for (const std::string& sitemap : sitemaps_) bytes += heap(sitemap);
  return bytes;
}

}  // namespace trawl::web
