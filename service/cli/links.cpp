// Two passes: the first learns what became of every URL, the second reads the pages. So a crawl
// pays nothing for the question, and it can be asked of any that kept its pages.
#include "service/cli/links.hpp"

#include "core/base/clock.hpp"
#include "core/base/limits.hpp"
#include "core/base/log.hpp"
#include "core/base/note.hpp"
#include "core/web/digest.hpp"
#include "service/cli/command.hpp"
#include "service/links/link_folder.hpp"
#include "service/links/link_lines.hpp"
#include "service/links/link_policy.hpp"
#include "service/links/link_report.hpp"
#include "service/links/link_targets.hpp"
#include "service/links/page_anchors.hpp"
#include "service/records/each_record.hpp"
#include "service/records/page_links.hpp"
#include "service/records/record_filter.hpp"
#include "service/records/record_lookup.hpp"
#include "service/text/progress.hpp"

#include <CLI/CLI.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace trawl::service::cli {
namespace {

constexpr std::uint64_t warnings_max = 10;

class LinkList {
 public:
  LinkList(const LinksOptions& options, Output& out, Output& err)
      : options_(options),
        kinds_(link_kinds_of(options.kind)),
        out_(out),
        err_(err),
        conditions_(read_conditions(options)) {
    if (const auto format = link_report_format_from_string(options.format))
      report_.emplace(*format);
    else if (options.format != "jsonl" && options.format != "csv")
      throw Failure(Errc::usage,
                    fmt::format("\"{}\" is no format; they are jsonl, csv, text, github and junit",
                                options.format));
    if (report_ && options.format != "text" && !options.broken)
      throw Failure(Errc::usage, fmt::format("--format {} says what is broken: give --broken too",
                                             options.format));
    if (options.broken && options.unchecked)
      throw Failure(Errc::usage,
                    "no link is both broken and unchecked: give --broken or --unchecked");
    for (const std::string& file : options.ignore) policy_.ignore_by(file);
    policy_.accept(options.accept);
    if (!options.baseline.empty()) policy_.know(options.baseline);
    folders_ = open_link_folders(options.folders);
  }

  ExitCode run() {
    for (LinkFolder& folder : folders_)
      each_record(folder.db, [&](const crawl::Record& record) {
        targets_.add(record, folder.rules);
        return true;
      });
    for (const std::string& url : options_.to) add_wanted(url);
    if (options_.fragments) read_anchors();
    if (options_.format == "csv") text_ = link_heading_csv(fields_);
    for (const std::string& url : options_.from) list_page(url);
    if (options_.from.empty())
      for (LinkFolder& folder : folders_)
        each_record(folder.db, [&](const crawl::Record& page) {
          return has_note(page.outcome.note, crawl::outlink_note) || list(folder, page);
        });
    if (options_.broken && options_.from.empty() && options_.to.empty()) list_unlinked();
    if (answers_ == 0 && links_ == 0 && options_.limit != 0)
      throw Failure(
          Errc::not_found,
          fmt::format(
              "{} keeps no answers, so there are no links to be read: nothing was "
              "fetched (trawl stats DIR), or the pages were not kept (output.bodies, output.types)",
              fmt::join(options_.folders, ", ")));
    if (report_) text_ = report_->take();
    out_.write(text_);
    out_.flush();
    summarise();
    if (unreadable_ > too_large_) return ExitCode::damaged;
    return options_.broken && listed_ > 0 ? ExitCode::unwanted : ExitCode::ok;
  }

 private:
  static storage::RecordFilter read_conditions(const LinksOptions& options) {
    auto conditions =
        read_filter({.state = options.state, .status = options.status, .error = options.error},
                    system_clock().wall());
    if (!conditions) throw Failure(conditions.error());
    return std::move(*conditions);
  }

  void add_wanted(const std::string& text) {
    const auto prints = link_prints(folders_, text);
    if (!prints)
      throw Failure(Errc::bad_url,
                    fmt::format("--to {}: {}", printable(text), printable(prints.error().detail)));
    wanted_.insert(wanted_.end(), prints->begin(), prints->end());
    if (std::ranges::none_of(*prints,
                             [this](auto print) { return targets_.end_of(print).has_value(); }))
      log("links")->warn("--to {}: no crawl here knows that URL", printable(text));
  }

  void list_page(const std::string& url) {
    bool known = false, kept = false;
    for (LinkFolder& folder : folders_) {
      const auto record = look_up(folder.db, url);
      if (!record) throw Failure(record.error());
      known = known || record->has_value();
      if (!*record || !may_have_links(**record)) continue;
      kept = true;
      list(folder, **record);
    }
    if (known && !kept)
      throw Failure(Errc::not_found, fmt::format("{}: no page of it is kept", printable(url)));
    if (!known) throw Failure(Errc::not_found, fmt::format("{} is not known", printable(url)));
  }

  // False: no more are wanted.
  bool list(const LinkFolder& folder, const crawl::Record& page) {
    if (options_.limit && listed_ >= *options_.limit) return false;
    if (!may_have_links(page)) return true;
    ++answers_;
    const auto links = read_page_links(folder.path, page, options_.text || options_.broken);
    if (!links) {
      if (links.error().code == Errc::limit_exceeded) ++too_large_;
      if (++unreadable_ <= warnings_max)
        log("links")->warn("{}: {}", printable(page.url), printable(links.error().message()));
      return true;
    }
    if (has_linking_body(page) || !links->links.empty()) ++pages_;
    if (links->cut) ++cut_;
    for (std::size_t i = 0; i < links->links.size(); ++i) {
      const web::Link& link = links->links[i];
      const auto url = web::Url::parse(link.url);
      if (!url || !url->is_http()) continue;
      const auto canonical = web::canonicalise(*url, folder.rules);
      const std::string_view name = canonical ? canonical->href() : url->without_fragment();
      const std::uint64_t print = web::fingerprint(name);
      const auto end = targets_.end_of(print);
      FoundLink found{page, link, name, end, place_of(*url, end)};
      if (options_.text) found.text = links->texts[i];
      ++links_;
      if (found.is_unchecked()) ++unchecked_;
      if (end && is_broken(*end)) {
        linked_.insert(print);
        linked_.insert(end->url);
      }
      if (is_wanted(found, print)) add(found);
      if (listed_ == options_.limit) break;
    }
    if (options_.broken) list_malformed(page, *links);
    return write_if_much();
  }

  // What is no URL leads nowhere. Without --broken they are no links.
  void list_malformed(const crawl::Record& page, const PageLinks& links) {
    const std::optional<LinkEnd> end{
        {.state = crawl::UrlState::failed, .status = {}, .error = Errc::bad_url}};
    for (const web::LinkText& written : links.malformed) {
      if (listed_ == options_.limit) return;
      const web::Link link{.url = written.href, .tag = "a", .attribute = "href", .rel = {}};
      FoundLink found{page, link, {}, end};
      if (options_.text) found.text = written.text;
      ++links_;
      if (is_wanted(found, 0)) add(found);
    }
  }

  void add(const FoundLink& found) {
    if (is_let_pass(found)) return;
    if (report_)
      report_->add(found);
    else
      options_.format == "csv" ? append_link_csv(text_, found, fields_)
                               : append_link_json(text_, found, fields_);
    ++listed_;
  }

  // With seeds.sitemaps = "auto" many a site has none.
  static bool is_guessed(const crawl::Record& record) {
    return record.via.empty() && record.url.ends_with("/sitemap.xml") &&
           (record.outcome.status == 404 || record.outcome.status == 410);
  }

  // What is broken and no page that is kept leads to: seeds, and what sitemaps list.
  void list_unlinked() {
    for (LinkFolder& folder : folders_)
      each_record(folder.db, [&](const crawl::Record& record) {
        if (options_.limit && listed_ >= *options_.limit) return false;
        if (record.depth > 0 || is_guessed(record)) return true;
        const std::uint64_t print = web::fingerprint(record.url);
        const auto end = targets_.end_of(print);
        // Behind a broken link there may be more of them.
        if (!record.via.empty() && linked_.contains(web::fingerprint(record.via))) return true;
        if (!end || !is_broken(*end) || !linked_.insert(print).second) return true;
        linked_.insert(end->url);
        crawl::Record from;
        from.url = record.via;
        const web::Link link{.url = record.url, .tag = record.via.empty() ? "seed" : ""};
        const FoundLink found{from, link, record.url, end};
        ++links_;
        if (is_wanted(found, print)) add(found);
        return write_if_much();
      });
  }

  // What can't be read is told of when its links are.
  void read_anchors() {
    for (LinkFolder& folder : folders_)
      each_record(folder.db, [&](const crawl::Record& record) {
        static_cast<void>(anchors_.add(folder.path, record));
        return true;
      });
  }

  // A redirect without a fragment leads to the same one of another page (RFC 9110, 10.2.2).
  std::optional<bool> place_of(const web::Url& link, const std::optional<LinkEnd>& end) const {
    const std::string_view href = link.href();
    const auto hash = href.find('#');
    if (!options_.fragments || hash == href.npos || !end || is_broken(*end) || end->fragment)
      return std::nullopt;
    return anchors_.has(end->url, href.substr(hash + 1));
  }

  bool is_wanted(const FoundLink& found, std::uint64_t print) const {
    const auto& status = conditions_.status;
    const std::optional<LinkEnd>& end = found.end;
    const bool broken = (end && is_broken(*end)) || found.place == false;
    if (options_.broken && !broken) return false;
    if (options_.unchecked && !found.is_unchecked()) return false;
    if (!kinds_.empty() && std::ranges::count(kinds_, found.link.kind) == 0) return false;
    if (options_.redirected && !(end && !end->place.empty())) return false;
    const auto& states = conditions_.states;
    if (!states.empty() && !(end && std::ranges::count(states, end->state) > 0)) return false;
    const auto& errors = conditions_.errors;
    if (!errors.empty() && !(end && end->error && std::ranges::count(errors, *end->error) > 0))
      return false;
    if (!status.empty() &&
        !(end && end->status && std::ranges::any_of(status, [&end](const auto& range) {
            return range.first <= *end->status && *end->status <= range.last;
          })))
      return false;
    return wanted_.empty() || std::ranges::any_of(wanted_, [&](std::uint64_t other) {
             return targets_.leads_to(print, other);
           });
  }

  // Counted, and not listed.
  bool is_let_pass(const FoundLink& found) {
    const auto verdict = policy_.judge(found);
    if (verdict == LinkPolicy::Verdict::ignored) ++ignored_;
    if (verdict == LinkPolicy::Verdict::known) ++known_;
    return verdict != LinkPolicy::Verdict::counts;
  }

  bool write_if_much() {
    constexpr std::size_t much = 64 * 1024;
    if (text_.size() < much) return true;
    const bool open = out_.write(text_);
    text_.clear();
    return open;
  }

  void summarise() {
    if (options_.quiet) return;
    std::string more;
    if (!options_.baseline.empty())
      more += fmt::format(", {} more in {}", grouped(known_), printable(options_.baseline));
    if (ignored_ > 0) more += fmt::format(", {} ignored", grouped(ignored_));
    if (options_.broken && unchecked_ > 0)
      more += fmt::format(", {} not checked (--unchecked lists them)", grouped(unchecked_));
    if (unreadable_ > 0) more += fmt::format(", {} unreadable", grouped(unreadable_));
    if (cut_ > 0)
      more += fmt::format("; {} with more links than the {} that are read", counted(cut_, "page"),
                          grouped(limits::links_per_page_max));
    const std::string of = counted(pages_, "page") + " read" + more + "\n";
    err_.write(options_.broken ? fmt::format("{} of {} on {}", counted(listed_, "broken link"),
                                             grouped(links_), of)
                               : fmt::format("{} of {}", counted(listed_, "link"), of));
    err_.flush();
  }

  const LinksOptions& options_;
  const std::vector<web::LinkKind> kinds_;
  const LinkFields fields_{options_.fragments, options_.text};
  Output& out_;
  Output& err_;
  const storage::RecordFilter conditions_;
  std::vector<LinkFolder> folders_;
  std::vector<std::uint64_t> wanted_;  // fingerprints; empty: all
  LinkTargets targets_;
  PageAnchors anchors_;
  std::string text_;  // not written yet
  std::uint64_t listed_ = 0;
  boost::unordered_flat_set<std::uint64_t> linked_;  // broken, and known to be linked
  std::optional<LinkReport> report_;
  LinkPolicy policy_;
  std::uint64_t links_ = 0, unchecked_ = 0, ignored_ = 0, known_ = 0;
  std::uint64_t answers_ = 0;
  std::uint64_t pages_ = 0;
  std::uint64_t unreadable_ = 0;
  std::uint64_t too_large_ = 0;  // of the unreadable
  std::uint64_t cut_ = 0;        // of the pages
};

}  // namespace

ExitCode run_links(const LinksOptions& options, Output& out, Output& err) {
  return LinkList{options, out, err}.run();
}

void add_links(CLI::App& app, Invocation& invocation) {
  auto* command =
      app.add_subcommand("links", "list the links of a crawl's pages, and where they end");
  const auto options = std::make_shared<LinksOptions>();
  command->add_option("DIR", options->folders, "output folders; one may know what others link to")
      ->required();
  command->add_flag("--broken", options->broken,
                    "only links that end with no answer, 4xx or 5xx; exit code 12 for any");
  command->add_flag("--redirected", options->redirected,
                    "only links that are redirected; end_url says where to");
  command->add_flag("--unchecked", options->unchecked,
                    "only links that nobody followed: of nofollow, robots.txt, the scope, a limit");
  command
      ->add_option("--ignore", options->ignore,
                   "a file with a pattern a line: links (or page:PATTERN, pages) not to be listed")
      ->option_text("FILE")
      ->allow_extra_args(false);
  command->add_option("--accept", options->accept, "HTTP statuses that are no faults: 403,429,999");
  command
      ->add_option("--baseline", options->baseline,
                   "a file that this command wrote as jsonl: what is in it is not listed again")
      ->option_text("FILE");
  command->add_flag("--text", options->text, "with the text of each link, as readers see it");
  command->add_flag("--fragments", options->fragments,
                    "also whether pages have the places that fragments (#name) lead to");
  command->add_option("--status", options->status, "HTTP statuses at their end: 404,5xx,300-308");
  command->add_option(
      "--state", options->state,
      "queued, fetched, failed or excluded; at their end, several with commas between");
  command->add_option("--error", options->error, "error codes at their end: dns_timeout,reset");
  command->add_option("--kind", options->kind,
                      "page, embed, style, script, redirect, canonical, alternate, feed, other; "
                      "several with commas between");
  command->add_option("--from", options->from, "only links of this page; repeatable")
      ->option_text("URL")
      ->allow_extra_args(false);
  command
      ->add_option("--to", options->to,
                   "only links that lead to this URL, or through it; repeatable")
      ->option_text("URL")
      ->allow_extra_args(false);
  command->add_option("--limit", options->limit, "at most so many links")->check(refuse_negative);
  command
      ->add_option("--format", options->format,
                   "jsonl or csv, a line a link; text, github or junit, by where links lead")
      ->capture_default_str()
      ->check(CLI::IsMember({"jsonl", "csv", "text", "github", "junit"}));
  command->footer(
      "A link ends at its URL, or where that redirects to. Needs a crawl that kept its "
      "pages.");
  command->callback([options, &invocation] {
    invocation.run = [options, &invocation] {
      options->quiet = invocation.globals.quiet;
      DescriptorOutput out{STDOUT_FILENO}, err{STDERR_FILENO};
      return run_links(*options, out, err);
    };
  });
}

}  // namespace trawl::service::cli
