#pragma once
// What a page asks of robots: the directives of <meta name="robots"> and of X-Robots-Tag.
// There is no standard; the rules are those that Google documents ("Robots meta tag,
// data-nosnippet, and X-Robots-Tag specifications"), which Bing and Yandex share.

#include <string_view>

namespace trawl::web {

struct RobotsDirectives {
  bool noindex = false;
  bool nofollow = false;

  // Of several sources, whatever one of them forbids is forbidden.
  constexpr RobotsDirectives& operator|=(RobotsDirectives other) {
    noindex |= other.noindex;
    nofollow |= other.nofollow;
    return *this;
  }
  constexpr bool operator==(const RobotsDirectives&) const = default;
};

// As the record shows them: "noindex", "nofollow", "noindex,nofollow" or nothing.
std::string_view to_string(RobotsDirectives directives);

// The content of a robots meta element: directives separated by commas, in any case; "none" is both
// of ours. Unknown ones (all, noarchive, max-snippet:20, …) ask nothing. Linear.
RobotsDirectives parse_robots_meta(std::string_view content);

// One X-Robots-Tag value: the same list, where "NAME:" before a directive makes it and those after
// it hold for that robot alone, until another name. robots_token: our product token, compared
// without regard to case; "*" names every robot. The dates of unavailable_after are no names.
// Linear.
RobotsDirectives parse_robots_tag(std::string_view value, std::string_view robots_token);

}  // namespace trawl::web
