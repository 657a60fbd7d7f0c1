#pragma once
// Visit: everything about one URL between its lease and its commit.

#include "core/crawl/engine/robots_gate.hpp"
#include "core/crawl/hosts/frontier.hpp"
#include "core/crawl/hosts/politeness.hpp"
#include "core/crawl/job/live_settings.hpp"
#include "core/crawl/pages/page_reader.hpp"
#include "core/crawl/state/kept_part.hpp"
#include "core/crawl/state/record.hpp"
#include "core/crawl/state/store.hpp"
#include "core/http/client/speed_limit.hpp"
#include "core/http/message/body_sink.hpp"
#include "core/http/message/message.hpp"
#include "core/web/url/url.hpp"

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

namespace trawl::crawl {

// Counts transfers whose bodies are kept in part when all is broken off.
class Arriving {
 public:
  ~Arriving() {
    while (own_ > 0) end();
  }
  void begin(std::atomic<std::size_t>& all) {
    all_ = &all;
    ++*all_;
    ++own_;
  }
  void end() {
    --*all_;
    --own_;
  }

 private:
  std::atomic<std::size_t>* all_ = nullptr;
  std::size_t own_ = 0;
};

struct Visit {
  Visit(Lease lease, web::Url parsed, Mono now)
      : leased(std::move(lease)), leased_at(now), url(std::move(parsed)) {}
  ~Visit();  // removes the body's file unless it was handed on or is a part that is kept
  Visit(const Visit&) = delete;
  Visit& operator=(const Visit&) = delete;

  Lease leased;
  std::shared_ptr<const LiveJob> live;  // what settings are of, when the job was changed
  const JobSpec* settings = nullptr;    // the job as it holds for the host; set at once
  Mono leased_at;
  http::Pace pace;  // its fetch has begun by it
  Arriving arriving;
  web::Url url;
  int attempts = 0;   // including this one
  std::string shape;  // url_shape(), where what the URLs of the host bring is watched; else empty
  bool is_outlink = false;                 // Admission::is_outlink(), when it was last asked
  bool looked_at = false;                  // the page's words count
  std::shared_ptr<const void> host_place;  // of limits.pages_per_host, until the host is released

  bool has_waited = false;  // for its turn, after its robots.txt was read

  // Set by the steps, in this order.
  RobotsGate::Answer robots;
  std::optional<Outcome> earlier;       // the record's answer, when the URL had one before
  std::optional<KnownHistory> history;  // what is known of earlier fetches, where that counts
  std::optional<Outcome> last;          // the record of before, a page or not
  bool conditional = false;             // it was asked for only if it changed
  bool keeps_page = false;              // over an answer that passes: fetch.keep_pages
  std::string cookies_sent;
  std::optional<http::Response> response;
  std::unique_ptr<http::SpoolSink> body;
  std::string body_file;                  // when the body is in a file; empty once handed on
  std::string served_by;                  // of mirrors, the one whose answer it is
  std::optional<web::Url> served;         // the same
  bool told_by_other = false;             // answer or error are of another host than the leased one
  std::optional<Error> own_error;         // then: what the leased one's was
  std::optional<FetchReport> own_report;  // and what it answered itself
  Mono own_reported_at{};
  std::uint64_t bytes_counted = 0;  // of its bodies, while they arrived
  std::optional<KeptPart> part;     // of a body that broke off: for the next attempt
  bool part_is_body = false;        // its file is the body's
  bool part_stored = false;         // the store has one, if perhaps an older one
  bool advanced = false;            // is_advance()
  bool began_anew = false;          // a part was there, and the server sent all from the start
  bool part_refused = false;        // no continuation: the next attempt starts anew
  std::optional<Error> error;       // why there is no (whole) answer
  bool excluded = false;            // error is a decision, not a failure
  bool given_up = false;            // by its host's breaker; nothing was asked
  bool needs_host = false;          // as the URL, from now on
  std::optional<Error> no_room;     // the disk was too full for the body: it is as if never leased
  std::optional<Millis> retry_in;
  bool is_page = false;     // counted as one of its host's, and not kept yet
  bool tells_host = false;  // what the store has of its host is over
  std::string redirect_to;  // of a redirect that no answer had
  PageFacts facts;
  std::string block_head;  // Archive::block_head(), where the facts have the digest with it
  std::vector<NewUrl> found;
  bool widened = false;            // it made the scope wider than it was when URLs were refused
  std::optional<QueuedUrl> again;  // where it redirects back to, to be asked once more

  bool decided() const { return error.has_value(); }
  // The URL that gave the answer: what is relative in it is relative to that.
  const web::Url& base() const { return served ? *served : url; }
  void exclude(Errc code, std::string detail) {
    error = Error{code, std::move(detail)};
    excluded = true;
    attempts = leased.url.attempts;  // nothing was begun
  }
};

// Whether the answer is a whole page, which takes the place of one that the record has.
bool brings_page(const Visit& visit);

// The record of a visit that is at its end. Pure.
Outcome make_outcome(const Visit& visit);

// The redirect's target as it is written in the answer; empty when it is no redirect.
std::string_view redirect_location(const http::Response& response);

}  // namespace trawl::crawl
