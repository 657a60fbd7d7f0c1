// Any HTTP answer is "fetched", whatever its status; "failed" means that no complete answer came.
#include "core/crawl/visit.hpp"

#include "core/base/log.hpp"

namespace trawl::crawl {
namespace {

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
  outcome.etag = http::find_header(response.headers, "etag");
  outcome.last_modified = http::find_header(response.headers, "last-modified");
}

void add_facts(const Visit& visit, Outcome& outcome) {
  outcome.bytes_body = visit.facts.decoded_bytes;
  outcome.truncated = visit.facts.truncated || (visit.body && visit.body->truncated());
  outcome.content_type = visit.facts.content_type;
  outcome.charset = visit.facts.charset;
  outcome.title = visit.facts.title;
  outcome.robots_meta = web::to_string(visit.facts.robots);
  if (!visit.facts.sha256.empty()) outcome.digest = "sha256:" + visit.facts.sha256;
}

}  // namespace

Visit::~Visit() {
  std::error_code ignored;
  if (!body_file.empty()) std::filesystem::remove(body_file, ignored);
}

Outcome make_outcome(const Visit& visit) {
  Outcome outcome;
  outcome.attempts = visit.attempts;
  if (visit.response) {
    add_response(*visit.response, outcome);
    if (!visit.retry_in) add_facts(visit, outcome);
  }
  if (visit.error) {
    outcome.error = visit.error->code;
    outcome.error_detail = printable(visit.error->detail);
  }
  if (visit.retry_in)
    outcome.state = UrlState::queued;
  else if (visit.excluded)
    outcome.state = UrlState::excluded;
  else if (visit.response && !visit.response->broken)
    outcome.state = UrlState::fetched;
  else
    outcome.state = UrlState::failed;
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
