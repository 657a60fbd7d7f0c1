#pragma once
// What is done for each route. Arguments were checked for form; what they mean is judged here.

#include "core/coro/task.hpp"
#include "service/control/message.hpp"

namespace trawl::service::control {

struct Services;

// handlers_service.cpp: about the daemon itself.
coro::Task<Reply> get_health(Services& services, Request request);
coro::Task<Reply> get_readiness(Services& services, Request request);
coro::Task<Reply> get_metrics(Services& services, Request request);
coro::Task<Reply> get_status(Services& services, Request request);
coro::Task<Reply> get_events(Services& services, Request request);
coro::Task<Reply> get_asset(Services& services, Request request);

// handlers_jobs.cpp: about jobs.
coro::Task<Reply> get_jobs(Services& services, Request request);
coro::Task<Reply> post_job(Services& services, Request request);
coro::Task<Reply> get_job(Services& services, Request request);
coro::Task<Reply> patch_job(Services& services, Request request);
coro::Task<Reply> delete_job(Services& services, Request request);
coro::Task<Reply> post_pause(Services& services, Request request);
coro::Task<Reply> post_resume(Services& services, Request request);
coro::Task<Reply> post_cancel(Services& services, Request request);
coro::Task<Reply> post_run(Services& services, Request request);
coro::Task<Reply> post_urls(Services& services, Request request);

// handlers_results.cpp: from a job's output folder.
coro::Task<Reply> get_results(Services& services, Request request);
coro::Task<Reply> get_hosts(Services& services, Request request);
coro::Task<Reply> get_explain(Services& services, Request request);

// handlers_history.cpp: what its runs did.
coro::Task<Reply> get_runs(Services& services, Request request);
coro::Task<Reply> get_changes(Services& services, Request request);

// handlers_record.cpp: one record; and one URL, fetched now.
coro::Task<Reply> get_record(Services& services, Request request);
coro::Task<Reply> get_body(Services& services, Request request);
coro::Task<Reply> post_fetch(Services& services, Request request);

}  // namespace trawl::service::control
