#pragma once
// The members that a job has in every answer and event; docs/openapi.yaml has their shapes. Pure.

#include "service/daemon/jobs.hpp"

#include <string_view>

namespace trawl::service {

class JsonWriter;

// Each writes its key and its value.
void write_totals(JsonWriter& json, const crawl::StoreTotals& totals);
void write_rates(JsonWriter& json, const JobView& job);
void write_progress(JsonWriter& json, const std::optional<crawl::CrawlProgress>& progress);
// {"2xx": 12, …}: of answers, and only of classes that came.
void write_statuses(JsonWriter& json, const JobView& job);

}  // namespace trawl::service
