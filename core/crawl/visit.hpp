#pragma once
// Visit: everything about one URL between its lease and its commit.

#include "core/coro/semaphore.hpp"
#include "core/crawl/frontier.hpp"
#include "core/crawl/page_reader.hpp"
#include "core/crawl/record.hpp"
#include "core/crawl/robots_gate.hpp"
#include "core/crawl/store.hpp"
#include "core/http/body_sink.hpp"
#include "core/http/message.hpp"
#include "core/web/url.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace trawl::crawl {

struct Visit {
  Visit(Lease lease, web::Url parsed, Mono now)
      : leased(std::move(lease)), leased_at(now), url(std::move(parsed)) {}
  ~Visit();  // removes the body's file unless it was handed on
  Visit(const Visit&) = delete;
  Visit& operator=(const Visit&) = delete;

  Lease leased;
  const JobSpec* settings = nullptr;  // the job as it holds for the host; set at once
  Mono leased_at;
  web::Url url;
  int attempts = 0;   // including this one
  std::string shape;  // url_shape(), where what the URLs of the host bring is watched; else empty
  bool looked_at = false;  // the page's words count

  // Set by the steps, in this order.
  RobotsGate::Answer robots;
  std::optional<Outcome> earlier;  // the record's page, when the URL had one before
  bool conditional = false;        // it was asked for only if it changed
  std::optional<http::Response> response;
  std::unique_ptr<http::SpoolSink> body;
  std::filesystem::path body_file;  // when the body is in a file; empty once handed on
  std::optional<Error> error;       // why there is no (whole) answer
  bool excluded = false;            // error is a decision, not a failure
  std::optional<Millis> retry_in;
  std::optional<HostState> host_state;
  PageFacts facts;
  std::vector<NewUrl> found;

  bool decided() const { return error.has_value(); }
  void exclude(Errc code, std::string detail) {
    error = Error{code, std::move(detail)};
    excluded = true;
    attempts = leased.url.attempts;  // nothing was begun
  }
};

// The record of a visit that is at its end. Pure.
Outcome make_outcome(const Visit& visit);

// The redirect's target as it is written in the answer; empty when it is no redirect.
std::string_view redirect_location(const http::Response& response);

}  // namespace trawl::crawl
