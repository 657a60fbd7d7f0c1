#pragma once
// What `trawl status` and `trawl logs` show of a daemon's answers. Pure: JSON in, text out.

#include <string>
#include <string_view>

namespace trawl::service::cli {

// Whether there is any job in {"jobs": […]}.
bool has_jobs(std::string_view json);
// A table of the jobs in {"jobs": […]}; text from outside is made printable.
std::string jobs_table(std::string_view json);
// One job in full.
std::string job_details(std::string_view json);
// One line for an event, or none for one that is not shown. type: "state", "host", "progress".
std::string event_line(std::string_view type, std::string_view json);

}  // namespace trawl::service::cli
