#pragma once
// Bodies of requests: JSON and plain text into what Jobs takes. Pure. Errors: Errc::usage, with
// what is expected there.

#include "config/job.hpp"
#include "core/base/result.hpp"
#include "service/daemon/jobs.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace trawl::service::control {

// {"politeness.delay": "2s"} or {"politeness": {"delay": "2s"}}: dotted keys and TOML values, in
// the order of the text.
Result<std::vector<config::Override>> read_changes(std::string_view json);

// {"urls": ["…"]}.
Result<std::vector<std::string>> read_urls_json(std::string_view json);
// One a line; empty lines and those that begin with # are none.
Result<std::vector<std::string>> read_urls_text(std::string_view text);

// {"url": "…", "timeout": "30s"}; the timeout may be left out.
Result<FetchNow> read_fetch(std::string_view json);

}  // namespace trawl::service::control
