// Read as text: what is wrong with a value is said by read_filter(), as for the API.
#include "service/cli/filter_options.hpp"

#include "service/cli/command.hpp"

#include <CLI/CLI.hpp>

namespace trawl::service::cli {

void add_filter_options(CLI::App& command, FilterText& filter) {
  command.add_option("--state", filter.state,
                     "queued, fetched, failed or excluded; several with commas between");
  command.add_option("--status", filter.status, "HTTP statuses: 200,404,5xx,300-308");
  command.add_option("--host", filter.host, "only URLs of this host[:port]");
  command.add_option("--type", filter.type,
                     "content types: text/html,image/*,pdf; a word alone is either half");
  command
      .add_option("--url", filter.urls,
                  "URLs like a pattern: '*/docs/*', or re: and a regular expression; repeatable")
      ->option_text("PATTERN")
      ->take_all()
      ->allow_extra_args(false);
  command.add_option("--since", filter.since,
                     "fetched since a time (2026-01-31T23:59:59Z) or so long ago (2h)");
  command.add_option("--changed-since", filter.changed_since,
                     "whose page is new or another one since then, whenever it was fetched");
  command.add_option("--error", filter.error, "error codes: dns_timeout,reset");
  command.add_option("--note", filter.note, "notes: outlink,max_body");
  command.add_flag(
      "--live", filter.live,
      "pages that an index should have: a 2xx is kept, not excluded since, no noindex");
  command.add_option("--limit", filter.limit, "at most so many records")->check(refuse_negative);
}

void add_text_option(CLI::App& command, std::string& part) {
  command
      .add_option("--with-text", part,
                  "with each page what it says: text, description, language, canonical URL, "
                  "headings; main leaves out navigation and the like; jsonl alone")
      ->option_text("main|all")
      ->check(CLI::IsMember({"main", "all"}));
}

void add_select_option(CLI::App& command, std::vector<std::string>& wanted) {
  command
      .add_option(
          "--select", wanted,
          "what is to be taken out of each HTML page: 'price=.price', 'links=a::attr(href)' "
          "(CSS), 'author=//meta[@name=\"author\"]/@content' (XPath); repeatable; jsonl "
          "and csv")
      ->option_text("NAME=EXPRESSION")
      ->take_all()
      ->allow_extra_args(false);
}

}  // namespace trawl::service::cli
