#pragma once
// robots.txt as RFC 9309 and Google's published behaviour have it, in a compact compiled form.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trawl::web {

struct RobotsVerdict {
  bool allowed = true;
  std::uint32_t line = 0;  // 1-based line of the rule that decided; 0 when none did
  std::string rule;        // that rule, "Disallow: /private"; empty when none did
};

class Robots {
 public:
  // body: raw bytes, any encoding, cut at limits::robots_bytes_max by the parser.
  // product_token: the crawler's name as RFC 9309 2.2.1 has it, compared case-insensitively.
  static Robots parse(std::string_view body, std::string_view product_token);
  static Robots allow_all();
  static Robots disallow_all();

  // path_and_query begins with '/', percent-encoded as in a URL. Longest match wins, Allow on ties.
  RobotsVerdict check(std::string_view path_and_query) const;

  std::optional<double> crawl_delay_s() const { return crawl_delay_s_; }
  const std::vector<std::string>& sitemaps() const { return sitemaps_; }
  // Nothing is forbidden, asked for or announced.
  bool says_nothing() const { return rules_.empty() && sitemaps_.empty() && !crawl_delay_s_; }
  std::size_t memory_bytes() const;

 private:
  struct ParsedRule {
    std::string pattern;       // normalised, see robots_text.hpp
    std::uint32_t length = 0;  // octets of the pattern as written: its precedence
    std::uint32_t line = 0;
    bool allow = false;
  };
  // Twelve bytes and the pattern: a cache holds the rules of tens of thousands of hosts.
  struct Rule {
    std::uint32_t end = 0;  // of its pattern in patterns_, which begins where the last one ends
    std::uint32_t line = 0;
    bool allow = false;
  };
  void keep(std::vector<ParsedRule> rules);

  std::vector<Rule> rules_;  // the first match is the verdict
  std::string patterns_;
  std::vector<std::string> sitemaps_;
  std::optional<double> crawl_delay_s_;
};

}  // namespace trawl::web
