#pragma once
// The head of an answer, gathered line by line as libcurl hands it over, within a budget.

#include "core/base/result.hpp"
#include "core/http/message/message.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace trawl::http {

class ResponseHead {
 public:
  // One line with its end. 1xx answers and trailers count against the budget too, so that an
  // endless stream of them ends. False when the budget is spent.
  bool add_line(std::string_view line);

  bool begun() const { return bytes_seen_ > 0; }
  bool complete() const { return complete_; }
  int status() const { return status_; }
  std::size_t bytes_seen() const { return bytes_seen_; }

  // Moves status, http_version, headers and response_head into the response; later lines are
  // trailers and only counted. Once, when complete().
  // Errors: Errc::protocol where RFC 9112 wants the answer refused: Content-Length lines that
  // contradict one another or are no numbers (6.3), CRs within a line (2.2), and fields of framing
  // that libcurl doesn't read as such: folded (5.2), or with a space before the colon (5.1).
  Result<> take(Response& response);

 private:
  std::string text_;  // of the last answer head
  std::size_t bytes_seen_ = 0;
  std::size_t lines_seen_ = 0;
  int status_ = 0;
  bool complete_ = false;
};

}  // namespace trawl::http
