#pragma once
// RecordBodies: records with their bodies as JSON, a line each, for those who make a data set or an
// index of a crawl.

#include "core/crawl/record.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>

namespace trawl::service {

class RecordBodies {
 public:
  explicit RecordBodies(std::filesystem::path folder) : folder_(std::move(folder)) {}

  // As append_record() in JSON, with three fields more, of which at most one is not null: body (a
  // text, decoded and as UTF-8), body_base64 (what is no text by its type) or body_error (why what
  // is kept can't be read). The body is held in memory: of one over 64 MiB body_error says so.
  // Blocks. Throws as read_stored_body(), but for what it says of one body.
  void append(std::string& out, const crawl::Record& record);

  std::uint64_t unreadable() const { return unreadable_; }

 private:
  std::filesystem::path folder_;
  std::uint64_t unreadable_ = 0;
};

}  // namespace trawl::service
