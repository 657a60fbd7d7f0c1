#pragma once
// The history of a crawl as JSON lines: its runs, and what they found. The same on the command line
// and over the API.

#include "core/crawl/state/run_record.hpp"
#include "service/folder/folder_difference.hpp"
#include "service/records/record_bodies.hpp"
#include "storage/sqlite/db.hpp"

#include <optional>
#include <string>

namespace trawl::service {

// An object, without a line end. What a run that has no end did is null.
void append_run(std::string& out, const crawl::RunRecord& run);
// bodies: adds its fields to pages that an index should have; null: none.
void append_change(std::string& out, const PageDifference& page, RecordBodies* bodies = nullptr);

// The beginning of the last run that did anything; of one that others went on with, that of the
// first of them. Nothing: the folder knows of no run.
std::optional<Wall> last_run_began(storage::Db& db);

}  // namespace trawl::service
