// Any HTTP answer is "fetched", whatever its status; "failed" means that no complete answer came.
#include "core/crawl/engine/visit.hpp"

#include "core/base/limits.hpp"
#include "core/base/log.hpp"
#include "core/base/note.hpp"
#include "core/crawl/hosts/retry.hpp"
#include "core/crawl/pages/refetch.hpp"
#include "core/web/headers/content_disposition.hpp"

#include <fmt/format.h>

namespace trawl::crawl {
namespace {

constexpr std::size_t validator_bytes_max = 2048;

// A header's text as a column: what a terminal could take for a command is escaped there, and is
// exact in the archive alone.
std::string column(const http::Response& response, std::string_view header) {
  return printable(http::find_header(response.headers, header), validator_bytes_max);
}

std::string filename_of(const http::Response& response) {
  const auto field = http::find_header(response.headers, "content-disposition");
  if (field.empty()) return {};
  const auto name = web::parse_content_disposition(field).filename;
  return name ? web::safe_file_name(*name) : std::string{};
}

std::optional<std::int64_t> phase(Millis value) {
  return value.count() > 0 ? std::optional{value.count()} : std::nullopt;
}

void add_response(const http::Response& response, Outcome& outcome) {
  outcome.status = response.status;
  outcome.fetched_at = response.started;
  outcome.ip = response.ip;
  outcome.http_version = response.http_version;
  outcome.dns_ms = phase(response.phases.dns);
  outcome.connect_ms = phase(response.phases.connect);
  outcome.tls_ms = phase(response.phases.tls);
  outcome.ttfb_ms = response.phases.first_byte.count();
  outcome.total_ms = response.phases.total.count();
  outcome.bytes_wire = response.bytes_wire;
  outcome.etag = column(response, "etag");
  outcome.last_modified = column(response, "last-modified");
  outcome.filename = filename_of(response);
}

void add_facts(const Visit& visit, Outcome& outcome) {
  outcome.bytes_body = visit.facts.decoded_bytes;
  const bool cut = visit.body && visit.body->truncated();
  const bool unwanted = visit.body && visit.body->is_unwanted();
  outcome.truncated = visit.facts.truncated || cut || visit.response->broken;
  outcome.note = visit.response->note;
  add_note(outcome.note, cut ? "max_body" : "");
  add_note(outcome.note, unwanted ? "other_type" : "");
  add_note(outcome.note, visit.facts.note);
  outcome.content_type = visit.facts.content_type;
  outcome.charset = printable(visit.facts.charset);
  outcome.title = printable(visit.facts.title, 2 * limits::title_bytes_max);
  outcome.robots_meta = web::to_string(visit.facts.robots);
  if (!visit.facts.sha256.empty() && !unwanted) outcome.digest = "sha256:" + visit.facts.sha256;
}

// A cut body of its own has a note; one that takes no kept page's place is an error of the attempt.
void add_cut(const Visit& visit, Outcome& outcome) {
  outcome.error = Errc::body_truncated;
  const bool over_limit = has_note(outcome.note, "max_body");
  outcome.error_detail =
      over_limit ? std::string{over_max_body} : "the coded body unpacks to more than is credible";
  if (visit.body) outcome.error_detail += fmt::format("; {} bytes came", visit.body->bytes());
}

}  // namespace

Visit::~Visit() {
  std::error_code ignored;
  const bool kept = part && part_is_body;
  if (!body_file.empty() && !kept) std::filesystem::remove(body_file, ignored);
}

// The server is overloaded or away, and what the record has is to stay.
bool is_passed_over(const Visit& visit) {
  return visit.keeps_page && visit.earlier && has_page(*visit.earlier) &&
         retry_class(visit.response->status) == RetryClass::transient;
}

bool brings_page(const Visit& visit) {
  if (!visit.response || visit.response->broken || visit.excluded) return false;
  if (is_passed_over(visit)) return false;
  if (visit.body && visit.body->is_unwanted() && visit.earlier && has_page(*visit.earlier))
    return false;
  // Half of a page is more than the whole of what is none: a 503, a 404.
  const bool is_cut = visit.facts.truncated || (visit.body && visit.body->truncated());
  const bool cut =
      is_cut && (!visit.earlier || has_page(*visit.earlier) || visit.response->status / 100 != 2);
  const bool damaged =
      visit.error && (visit.error->code == Errc::checksum || visit.error->code == Errc::decode ||
                      visit.error->code == Errc::body_truncated);
  return !cut && !damaged && visit.response->status != 304 &&
         !unasked(*visit.response, visit.conditional);
}

Outcome make_outcome(const Visit& visit) {
  Outcome outcome;
  outcome.attempts = visit.attempts;
  if (visit.response) {
    add_response(*visit.response, outcome);
    if (!visit.retry_in) add_facts(visit, outcome);
  }
  outcome.served_by = visit.served_by;
  if (visit.error) {
    outcome.error = visit.error->code;
    outcome.error_detail = printable(visit.error->detail);
  }
  if (visit.retry_in)
    outcome.state = UrlState::queued;
  else if (visit.excluded)
    outcome.state = UrlState::excluded;
  else if (visit.response && !visit.response->broken && outcome.error != Errc::checksum)
    outcome.state = UrlState::fetched;
  else
    outcome.state = UrlState::failed;
  if (visit.is_outlink && (outcome.state == UrlState::fetched || outcome.state == UrlState::failed))
    add_note(outcome.note, outlink_note);
  // What was wrong with the record's own answer is not forgotten over an attempt without an error.
  if (visit.retry_in && visit.last && !visit.earlier && !outcome.error) {
    outcome.error = visit.last->error;
    outcome.error_detail = visit.last->error_detail;
  }
  if (visit.earlier && visit.retry_in)
    note_kept_page(*visit.earlier, outcome);
  else if (visit.earlier && !brings_page(visit)) {
    if (visit.response && !outcome.error && is_passed_over(visit)) {
      outcome.error = Errc::unavailable;
      outcome.error_detail = fmt::format("the server answered with {}", visit.response->status);
    }
    if (visit.response && !outcome.error && outcome.truncated) add_cut(visit, outcome);
    keep_page(*visit.earlier, visit.response && visit.conditional && visit.response->status == 304,
              outcome);
  }
  return outcome;
}

std::string_view redirect_location(const http::Response& response) {
  switch (response.status) {
    case 301:
    case 302:
    case 303:
    case 307:
    case 308:
      return http::find_header(response.headers, "location");
    default:
      return {};
  }
}

}  // namespace trawl::crawl
