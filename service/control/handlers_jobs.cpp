// Jobs decides; here is only what HTTP makes of its answers.
#include "service/control/bodies.hpp"
#include "service/control/handlers.hpp"
#include "service/control/job_json.hpp"
#include "service/control/problem.hpp"
#include "service/control/services.hpp"
#include "service/text/json_text.hpp"

#include <fmt/format.h>

namespace trawl::service::control {
namespace {

Reply job_reply(const Answer<JobView>& job) {
  if (!job) return problem(job.error());
  return Reply{.body = job_json(*job, true)};
}

coro::Task<Reply> steer(Services& services, Request request, JobCommand command) {
  auto steering = services.jobs.steer(std::move(request.job), command);
  const auto job = co_await std::move(steering);
  co_return job_reply(job);
}

}  // namespace

coro::Task<Reply> get_jobs(Services& services, Request) {
  auto looking = services.snapshot.get();
  const auto overview = co_await std::move(looking);
  if (!overview) co_return problem(overview.error());
  co_return Reply{.shared_body = {*overview, &(*overview)->json}};
}

coro::Task<Reply> get_job(Services& services, Request request) {
  auto finding = services.jobs.find(std::move(request.job));
  const auto job = co_await std::move(finding);
  co_return job_reply(job);
}

coro::Task<Reply> post_job(Services& services, Request request) {
  JobText text{.text = std::move(request.body)};
  if (request.content_type == "application/json") {
    text.format = JobFormat::json;
    if (const auto parsed = parse_json(text.text); !parsed)
      co_return problem(400, "the body is no JSON: " + parsed.error().detail);
  }
  text.name = request.query.get("name");
  auto submitting = services.jobs.submit(std::move(text));
  const auto job = co_await std::move(submitting);
  Reply reply = job_reply(job);
  if (!job) co_return std::move(reply);
  reply.status = 201;
  reply.fields.emplace_back("Location", "/api/v1/jobs/" + job->name);
  co_return std::move(reply);
}

coro::Task<Reply> patch_job(Services& services, Request request) {
  auto changes = read_changes(request.body);
  if (!changes) co_return problem(changes.error());
  auto changing = services.jobs.change(std::move(request.job), std::move(*changes));
  const auto job = co_await std::move(changing);
  co_return job_reply(job);
}

coro::Task<Reply> delete_job(Services& services, Request request) {
  const std::string_view data = request.query.get("data");
  if (!data.empty() && data != "keep" && data != "delete")
    co_return problem(400, "data: expected keep (the default) or delete");
  auto removing = services.jobs.remove(std::move(request.job), data == "delete");
  const auto removed = co_await std::move(removing);
  if (!removed) co_return problem(removed.error());
  co_return Reply{.status = 204, .content_type = ""};
}

coro::Task<Reply> post_pause(Services& services, Request request) {
  return steer(services, std::move(request), JobCommand::pause);
}
coro::Task<Reply> post_resume(Services& services, Request request) {
  return steer(services, std::move(request), JobCommand::resume);
}
coro::Task<Reply> post_cancel(Services& services, Request request) {
  return steer(services, std::move(request), JobCommand::cancel);
}
coro::Task<Reply> post_run(Services& services, Request request) {
  return steer(services, std::move(request), JobCommand::run);
}

coro::Task<Reply> post_urls(Services& services, Request request) {
  auto urls = request.content_type == "application/json" ? read_urls_json(request.body)
                                                         : read_urls_text(request.body);
  if (!urls) co_return problem(urls.error());
  auto pushing = services.jobs.push_urls(std::move(request.job), std::move(*urls));
  const auto pushed = co_await std::move(pushing);
  if (!pushed) co_return problem(pushed.error());
  co_return Reply{.body = fmt::format("{{\"added\":{},\"known\":{},\"invalid\":{}}}", pushed->added,
                                      pushed->known, pushed->invalid)};
}

}  // namespace trawl::service::control
