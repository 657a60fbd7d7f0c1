#pragma once
// Why a URL was or wasn't fetched: facts in, text or JSON out. Pure; explain_facts.hpp gathers.

#include "core/base/clock.hpp"
#include "core/crawl/job/job.hpp"
#include "core/crawl/scope/scope.hpp"
#include "core/crawl/state/store.hpp"
#include "core/web/robots/robots.hpp"
#include "storage/sqlite/url_facts.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace trawl::service {

// What the job's rules say about the URL now.
struct RuleFacts {
  int depth = 1;                  // of the record; of a link on a seed when the URL is not known
  crawl::Scope::Verdict verdict;  // as if it were found at that depth; "urls": see other_form
  bool outlink = false;           // outside of the mode, and taken as what a page refers to
  bool former_seed = false;       // of an earlier run; the job names it no more
  bool left_out = false;          // queued, it would be excluded by the verdict
  std::string place;              // "scope.exclude[1], entry 2 of 3 (docs.toml:7:1)"; may be empty
  std::optional<std::string> trap;
  std::optional<crawl::PatternState> pattern;  // what its kind of page has brought
  int priority = 0;                            // of the record, or as it would be
  std::string priority_reason;                 // what gave it; empty: nothing did
};

struct RobotsFacts {
  std::string origin;
  std::optional<crawl::RobotsState> stored;  // absent: not fetched yet; without its body
  bool unreachable = false;                  // the stored answer stands for no rules and no leave
  web::RobotsVerdict verdict;
  std::optional<Millis> crawl_delay;
};

struct Explanation {
  std::string asked;                 // as typed
  std::string url;                   // canonical
  std::vector<std::string> changes;  // from the one to the other, in words
  std::string refusal;               // why it could be no URL of the crawl at all; empty: it could
  std::string other_form;            // by [urls] as it is now, of a record that is left for it
  std::string note;                  // about the job's settings
  crawl::JobSpec job;
  Wall now;

  std::optional<storage::UrlRow> row;  // absent: the URL is not known
  bool is_line = false;               // that is no URL, and its refusal is all that there is to say
  std::vector<storage::ViaStep> via;  // how it was found, the nearest first
  bool via_cut = false;               // the chain goes on
  std::vector<std::string> redirected_from;
  std::optional<storage::HostFacts> host;
  std::optional<crawl::PageHistory> history;  // absent: never fetched
  struct Hold {
    std::optional<Wall> until;
    std::string_view why;
  };
  std::optional<Hold> hold;  // of its host, by the run that goes on; where that can be asked
  RuleFacts rules;
  RobotsFacts robots;
  std::string folder;             // for the commands that are named
  std::vector<std::string> near;  // known URLs that differ little; of an unknown URL
};

// Several lines, the last one ended. Text from outside is made printable.
std::string explanation_text(const Explanation& facts);
// One object, one line; names are documented in docs/explain.md.
std::string explanation_json(const Explanation& facts);

// Shared by both: the time before which the URL will not be fetched, the verdict in a word, and
// what can be done about its error.
struct NextFetch {
  std::optional<Wall> not_before;  // absent: at once, or never
  std::string why;                 // "the retry after attempt 2", "the host's pause"
};
NextFetch next_fetch(const Explanation& facts);
// "fetched", "queued", …; of an unknown URL "would_be_queued" or "would_be_excluded".
std::string verdict_word(const Explanation& facts);
// Empty: nothing, or no more than to run the job again.
std::string advice_on(const Explanation& facts);

// A command that is pasted into a shell: `trawl COMMAND DIR URL`, made printable.
std::string command_for(std::string_view command, const std::string& folder, std::string_view url);
// A URL or another text from outside, made printable.
std::string shown(std::string_view text);

}  // namespace trawl::service
