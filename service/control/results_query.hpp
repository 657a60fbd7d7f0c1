#pragma once
// The query of /results into a filter. Pure. Errors: Errc::usage.

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/crawl/state/record.hpp"
#include "service/control/query_string.hpp"
#include "storage/sqlite/queries.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace trawl::service::control {

struct ResultsQuery {
  storage::RecordFilter filter;
  std::string after;  // position or url of the record to go on behind; empty: from the beginning
};

Result<ResultsQuery> read_results_query(const QueryString& query, Wall now);

// A record's member `position`, and back; absent when it is none.
std::string position_text(crawl::UrlId id);
std::optional<crawl::UrlId> read_position(std::string_view text);

// A whole number; absent when it isn't there.
Result<std::optional<std::uint64_t>> read_count(const QueryString& query, std::string_view name);

}  // namespace trawl::service::control
