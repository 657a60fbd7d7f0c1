// The conditions are those of `trawl results`, read by the same code.
#include "service/control/results_query.hpp"

#include "service/records/record_filter.hpp"

#include <fmt/format.h>

#include <charconv>
#include <string>
#include <utility>
#include <vector>

namespace trawl::service::control {

Result<std::optional<std::uint64_t>> read_count(const QueryString& query, std::string_view name) {
  if (!query.has(name)) return std::nullopt;
  const std::string_view text = query.get(name);
  std::uint64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size())
    return fail(Errc::usage, fmt::format("{}: expected a whole number", name));
  return count;
}

std::string position_text(crawl::UrlId id) {
  return fmt::format("{}.{}", id.host, id.seq);
}

std::optional<crawl::UrlId> read_position(std::string_view text) {
  crawl::UrlId id;
  const char* const end = text.data() + text.size();
  const auto host = std::from_chars(text.data(), end, id.host);
  if (host.ec != std::errc{} || host.ptr == end || *host.ptr != '.') return std::nullopt;
  const auto seq = std::from_chars(host.ptr + 1, end, id.seq);
  if (seq.ec != std::errc{} || seq.ptr != end || id.host < 0 || id.seq < 0) return std::nullopt;
  return id;
}

Result<ResultsQuery> read_results_query(const QueryString& query, Wall now) {
  const auto limit = read_count(query, "limit");
  if (!limit) return std::unexpected(limit.error());
  if (query.has("live") && query.get("live") != "true" && query.get("live") != "false")
    return fail(Errc::usage, "live: expected true or false");
  const auto text = [&](std::string_view name) { return std::string{query.get(name)}; };
  std::vector<std::string> urls;
  if (!query.get("url").empty()) urls.push_back(text("url"));
  auto filter = read_filter({.state = text("state"),
                             .status = text("status"),
                             .host = text("host"),
                             .type = text("type"),
                             .since = text("since"),
                             .changed_since = text("changed_since"),
                             .error = text("error"),
                             .note = text("note"),
                             .urls = std::move(urls),
                             .live = query.get("live") == "true",
                             .limit = *limit},
                            now);
  if (!filter) return std::unexpected(filter.error());
  return ResultsQuery{std::move(*filter), text("after")};
}

}  // namespace trawl::service::control
