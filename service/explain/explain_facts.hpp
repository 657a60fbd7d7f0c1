#pragma once
// Gathers what an explanation is made of, from a crawl's folder alone; the job may be running.

#include "service/explain/explain.hpp"
#include "storage/sqlite/db.hpp"

#include <string>
#include <string_view>

namespace trawl::service {

// text: a URL as a person types it. method: of the request, where a list asked for the URL with
// several; without one the plain GET is meant. Errors: Errc::bad_url. Costs a few scans of the
// host's URLs, and one of all seeds. Throws Failure when the database can't be read.
Result<Explanation> gather_explanation(storage::Db& db, const std::string& folder,
                                       std::string_view text, Wall now,
                                       std::string_view method = {});

// What happened to a URL on the way to its canonical form. Pure.
std::vector<std::string> canonical_changes(std::string_view text, const web::Url& parsed,
                                           std::string_view canonical);

}  // namespace trawl::service
