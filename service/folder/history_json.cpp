// The names are those of docs/recrawl.md and docs/operations.md.
#include "service/folder/history_json.hpp"

#include "core/base/clock.hpp"
#include "service/text/json_writer.hpp"
#include "storage/sqlite/run_table.hpp"

#include <string_view>

namespace trawl::service {
namespace {

constexpr std::size_t runs_looked_at_max = 1000;

std::string time_text(std::int64_t ms) {
  return format_rfc3339(Wall{Millis{ms}});
}

}  // namespace

void append_run(std::string& out, const crawl::RunRecord& run) {
  JsonWriter json{out};
  const auto count = [&](std::string_view name, std::uint64_t value) {
    json.key(name);
    run.ended_ms ? json.count(value) : json.null();
  };
  json.begin_object().key("began").text(time_text(run.began_ms));
  json.key("ended").text_or_null(run.ended_ms ? time_text(*run.ended_ms) : "");
  json.key("mode").text(run.mode).key("end").text_or_null(run.end);
  json.key("detail").text_or_null(run.detail);
  count("fetched", run.fetched);
  count("failed", run.failed);
  count("excluded", run.excluded);
  count("queued", run.queued);
  count("bytes_wire", run.bytes_wire);
  json.end_object();
}

void append_change(std::string& out, const PageDifference& page, RecordBodies* bodies) {
  const crawl::Outcome& outcome = page.record->outcome;
  JsonWriter json{out};
  const auto number = [&json](std::string_view name, const std::optional<int>& value) {
    json.key(name);
    value ? json.integer(*value) : json.null();
  };
  const bool has = page.what != crawl::PageChange::gone && page.live;
  json.begin_object().key("change").text(to_string(page.what)).key("url").text(page.record->url);
  json.key("op").text(has ? "upsert" : "delete");
  number("status", outcome.status);
  number("status_before", page.status_before);
  json.key("error").text_or_null(outcome.error ? to_string(*outcome.error) : "");
  json.key("note").text_or_null(outcome.note);
  json.key("fetched_at")
      .text_or_null(outcome.fetched_at ? format_rfc3339(*outcome.fetched_at) : "");
  json.key("content_type").text_or_null(outcome.content_type);
  json.key("robots_meta").text_or_null(outcome.robots_meta);
  json.key("title").text_or_null(outcome.title);
  json.key("digest").text_or_null(outcome.digest);
  if (has && bodies != nullptr) bodies->append_fields(json, *page.record);
  json.end_object();
}

std::optional<Wall> last_run_began(storage::Db& db) {
  auto runs = storage::read_runs(db, runs_looked_at_max);
  if (runs.empty()) return std::nullopt;
  const auto did_nothing = [](const crawl::RunRecord& run) {
    return run.ended_ms && run.fetched + run.failed + run.excluded == 0;
  };
  const auto is_finished = [](const crawl::RunRecord& run) { return run.end == "finished"; };
  while (runs.size() > 1 && did_nothing(runs.back())) runs.pop_back();
  while (runs.size() > 1 && !is_finished(runs[runs.size() - 2])) runs.pop_back();
  return Wall{Millis{runs.back().began_ms}};
}

}  // namespace trawl::service
