#pragma once
// Jobs in memory: keeps what it was asked, answers from a list, and sends events when a test says
// so. Any thread.

#include "service/daemon/jobs.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trawl::support {

class FakeJobs : public service::Jobs {
 public:
  FakeJobs() = default;

  void add(service::JobView job);
  // Calls as "steer docs pause", in order.
  std::vector<std::string> calls() const;
  void emit(std::string_view type, std::string job, std::string data);
  std::size_t watchers() const;
  void set_ready(bool ready) { ready_ = ready; }
  // What the next submit() answers instead of adding a job.
  void refuse_submit(service::Refused refused);
  // What list() answers from now on.
  void refuse_list(service::Refused refused);
  void set_fetch(std::function<service::Answer<service::FetchedNow>(service::FetchNow)> fetch);
  void set_host_holds(std::vector<service::HostHold> holds);
  // fetch_now() never answers by itself.
  void hang_fetches() { hang_ = true; }

  coro::Task<service::Answer<std::vector<service::JobView>>> list() override;
  coro::Task<service::Answer<service::JobView>> find(std::string name) override;
  coro::Task<service::Answer<service::JobView>> submit(service::JobText text) override;
  coro::Task<service::Answer<void>> remove(std::string name, bool delete_data) override;
  coro::Task<service::Answer<service::JobView>> steer(std::string name,
                                                      service::JobCommand command) override;
  coro::Task<service::Answer<service::JobView>> change(
      std::string name, std::vector<config::Override> changes) override;
  coro::Task<service::Answer<std::vector<service::HostHold>>> host_holds(std::string name) override;
  coro::Task<service::Answer<crawl::Pushed>> push_urls(std::string name,
                                                       std::vector<std::string> urls) override;
  coro::Task<service::Answer<service::FetchedNow>> fetch_now(service::FetchNow request) override;
  std::unique_ptr<Watch> watch(std::function<void(const service::JobEvent&)> on_event) override;
  bool ready() const override { return ready_; }

 private:
  class Watching;

  void note(std::string call);
  service::Answer<service::JobView> found(std::string_view name) const;

  std::atomic<bool> ready_ = true;
  std::atomic<bool> hang_ = false;
  mutable std::mutex mutex_;
  std::vector<service::JobView> jobs_;  // this and all below guarded by mutex_
  std::vector<service::HostHold> holds_;
  std::vector<std::string> calls_;
  std::vector<Watching*> watching_;
  std::vector<service::Refused> refusals_;
  std::optional<service::Refused> list_refusal_;
  std::function<service::Answer<service::FetchedNow>(service::FetchNow)> fetch_;
};

}  // namespace trawl::support
