#pragma once
// Finds the record of a URL that a person typed.

#include "core/crawl/state/record.hpp"
#include "storage/sqlite/db.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trawl::service {

// Tries the text as it stands, as a URL without its fragment, and in the canonical forms that the
// crawl's job and the default rules give it; without a scheme both https and http. Errors:
// Errc::bad_url. Costs a scan of the host's URLs for each form. method: as find_record() has it.
Result<std::optional<crawl::Record>> look_up(storage::Db& db, std::string_view text,
                                             std::string_view method = {});

// The forms that look_up() tries, as an archive names them: each once. Errors: Errc::bad_url.
Result<std::vector<std::string>> url_forms(storage::Db& db, std::string_view text);

// The URLs that a person may have meant: the text, or without a scheme with https and with http.
// Errors: Errc::bad_url for what is a link of another kind, such as mailto:.
Result<std::vector<std::string>> spellings_of(std::string_view text);

// URLs of the crawl that look like the text, the likest first; among a bounded number of the same
// host's. For messages.
std::vector<std::string> similar_urls(storage::Db& db, std::string_view text,
                                      std::size_t count_max);

}  // namespace trawl::service
