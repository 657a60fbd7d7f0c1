// Every answer is at hand, so nothing here suspends but a fetch that is told to hang.
#include "tests/support/fake_jobs.hpp"

#include "core/coro/event.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace trawl::support {

using namespace service;

class FakeJobs::Watching : public Jobs::Watch {
 public:
  Watching(FakeJobs& jobs, std::function<void(const JobEvent&)> on_event)
      : on_event_(std::move(on_event)), jobs_(jobs) {
    const std::lock_guard lock{jobs_.mutex_};
    jobs_.watching_.push_back(this);
  }
  ~Watching() override {
    const std::lock_guard lock{jobs_.mutex_};
    std::erase(jobs_.watching_, this);
  }
  void give(const JobEvent& event) const { on_event_(event); }

 private:
  std::function<void(const JobEvent&)> on_event_;
  FakeJobs& jobs_;
};

namespace {

std::string_view word_of(JobCommand command) {
  switch (command) {
    case JobCommand::pause:
      return "pause";
    case JobCommand::resume:
      return "resume";
    case JobCommand::cancel:
      return "cancel";
    case JobCommand::run:
      return "run";
  }
  return "?";
}

}  // namespace

void FakeJobs::add(JobView job) {
  const std::lock_guard lock{mutex_};
  jobs_.push_back(std::move(job));
}

std::vector<std::string> FakeJobs::calls() const {
  const std::lock_guard lock{mutex_};
  return calls_;
}

void FakeJobs::emit(std::string_view type, std::string job, std::string data) {
  const JobEvent event{type, std::move(job), std::move(data)};
  const std::lock_guard lock{mutex_};
  for (const Watching* watching : watching_) watching->give(event);
}

std::size_t FakeJobs::watchers() const {
  const std::lock_guard lock{mutex_};
  return watching_.size();
}

void FakeJobs::refuse_submit(Refused refused) {
  const std::lock_guard lock{mutex_};
  refusals_.push_back(std::move(refused));
}

void FakeJobs::refuse_list(Refused refused) {
  const std::lock_guard lock{mutex_};
  list_refusal_ = std::move(refused);
}

void FakeJobs::set_fetch(std::function<Answer<FetchedNow>(FetchNow)> fetch) {
  const std::lock_guard lock{mutex_};
  fetch_ = std::move(fetch);
}

void FakeJobs::note(std::string call) {
  const std::lock_guard lock{mutex_};
  calls_.push_back(std::move(call));
}

Answer<JobView> FakeJobs::found(std::string_view name) const {
  const std::lock_guard lock{mutex_};
  const auto job = std::ranges::find(jobs_, name, &JobView::name);
  if (job != jobs_.end()) return *job;
  return std::unexpected(Refused{Refusal::not_found, fmt::format("there is no job {}", name)});
}

coro::Task<Answer<std::vector<JobView>>> FakeJobs::list() {
  const std::lock_guard lock{mutex_};
  if (list_refusal_) co_return std::unexpected(*list_refusal_);
  co_return jobs_;
}

coro::Task<Answer<JobView>> FakeJobs::find(std::string name) {
  co_return found(name);
}

void FakeJobs::set_host_holds(std::vector<service::HostHold> holds) {
  const std::lock_guard lock{mutex_};
  holds_ = std::move(holds);
}

coro::Task<Answer<std::vector<service::HostHold>>> FakeJobs::host_holds(std::string name) {
  const auto job = found(name);
  if (!job) co_return std::unexpected(job.error());
  const std::lock_guard lock{mutex_};
  co_return holds_;
}

coro::Task<Answer<JobView>> FakeJobs::submit(JobText text) {
  note(fmt::format("submit {} {} {}", text.name, text.format == JobFormat::json ? "json" : "toml",
                   text.text.substr(0, 200)));
  const std::lock_guard lock{mutex_};
  if (!refusals_.empty()) {
    Refused refused = std::move(refusals_.back());
    refusals_.pop_back();
    co_return std::unexpected(std::move(refused));
  }
  JobView job{.name = text.name.empty() ? "submitted" : text.name, .submitted = true};
  jobs_.push_back(job);
  co_return job;
}

coro::Task<Answer<void>> FakeJobs::remove(std::string name, bool delete_data) {
  note(fmt::format("remove {} {}", name, delete_data ? "delete" : "keep"));
  const auto job = found(name);
  if (!job) co_return std::unexpected(job.error());
  const std::lock_guard lock{mutex_};
  std::erase_if(jobs_, [&](const JobView& one) { return one.name == name; });
  co_return Answer<void>{};
}

coro::Task<Answer<JobView>> FakeJobs::steer(std::string name, JobCommand command) {
  note(fmt::format("steer {} {}", name, word_of(command)));
  auto job = found(name);
  if (job && job->state == JobState::invalid)
    co_return std::unexpected(Refused{Refusal::has_file, "its file has errors"});
  if (job && command == JobCommand::pause) job->state = JobState::paused;
  co_return job;
}

coro::Task<Answer<JobView>> FakeJobs::change(std::string name,
                                             std::vector<config::Override> changes) {
  for (const auto& change : changes)
    note(fmt::format("change {} {}={}", name, change.key, change.value));
  co_return found(name);
}

coro::Task<Answer<crawl::Pushed>> FakeJobs::push_urls(std::string name,
                                                      std::vector<std::string> urls) {
  for (const auto& url : urls) note(fmt::format("push {} {}", name, url));
  if (const auto job = found(name); !job) co_return std::unexpected(job.error());
  co_return crawl::Pushed{.added = urls.size()};
}

coro::Task<Answer<FetchedNow>> FakeJobs::fetch_now(FetchNow request) {
  note(fmt::format("fetch {} {}", request.url, request.timeout.count()));
  if (hang_) {
    coro::Event never{co_await coro::asio::this_coro::executor};
    co_await never.wait();
  }
  const std::lock_guard lock{mutex_};
  if (fetch_) co_return fetch_(std::move(request));
  FetchedNow fetched;
  fetched.record.url = request.url;
  fetched.body = "hello";
  co_return fetched;
}

std::unique_ptr<Jobs::Watch> FakeJobs::watch(std::function<void(const JobEvent&)> on_event) {
  return std::make_unique<Watching>(*this, std::move(on_event));
}

}  // namespace trawl::support
