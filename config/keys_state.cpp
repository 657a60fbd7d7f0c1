// [fetch]: what one fetch knows of those before it.
#include "config/check.hpp"
#include "config/key.hpp"

namespace trawl::config {

using crawl::CookieMode;
using crawl::FetchSpec;
using crawl::JobSpec;

void add_state_keys(std::vector<Key>& keys) {
  keys.push_back(make_key("fetch.conditional",
                          "A page that the record has is asked for only if it changed, with "
                          "If-None-Match and If-Modified-Since.",
                          Flag{}, &JobSpec::fetch, &FetchSpec::conditional));
  keys.push_back(make_key("fetch.types",
                          "Content types whose bodies are received: `text/html`, `image/*`, `pdf`. "
                          "Of others, with 2xx, the head is enough, and the record has the note "
                          "`other_type`. Empty: all.",
                          TextList{.check = check_type, .entries_max = types_max}, &JobSpec::fetch,
                          &FetchSpec::types));
  keys.push_back(make_key("fetch.keep_pages",
                          "A page that the record has stays when the server is overloaded or away "
                          "(429, 500, 503 and the like); the record's error is `unavailable` then.",
                          Flag{}, &JobSpec::fetch, &FetchSpec::keep_pages));
  keys.push_back(make_key("fetch.hsts",
                          "A host that asks for https alone (Strict-Transport-Security) is not "
                          "asked over plain text any more, in later runs either.",
                          Flag{}, &JobSpec::fetch, &FetchSpec::hsts));
  keys.push_back(make_key("fetch.cookies",
                          "Cookies of servers are ignored (`\"off\"`), sent back during the run "
                          "(`\"session\"`), or kept in the output folder for later runs too "
                          "(`\"persist\"`).",
                          Choice<CookieMode>{{{"off", CookieMode::off},
                                              {"session", CookieMode::session},
                                              {"persist", CookieMode::persist}},
                                             {}},
                          &JobSpec::fetch, &FetchSpec::cookies));
  keys.push_back(make_key("fetch.cookies_file",
                          "Cookies to begin with, as Netscape's `cookies.txt`. Needs "
                          "`fetch.cookies`.",
                          Text{check_text}, &JobSpec::fetch, &FetchSpec::cookies_file));
}

}  // namespace trawl::config
