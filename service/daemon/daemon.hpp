#pragma once
// Daemon: the program that stays: jobs from a folder and from users, run when they are due, until
// it is told to stop. docs/daemon.md is its users' page.

#include "config/daemon.hpp"
#include "core/coro/group.hpp"
#include "core/coro/loop.hpp"
#include "core/coro/task.hpp"
#include "service/daemon/job_book.hpp"
#include "service/daemon/jobs.hpp"
#include "service/daemon/notifier.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>

namespace trawl::service {

// What users reach the jobs through: the control API.
class Front {
 public:
  virtual ~Front() = default;
  virtual std::string address() const = 0;  // for the log
  virtual coro::Task<> serve() = 0;         // until cancelled
};

class Daemon {
 public:
  struct Parts {
    config::LoadedDaemon config;
    // Reads the configuration again, for SIGHUP.
    std::function<config::Loaded<config::LoadedDaemon>()> reload;
    std::map<std::string, std::string> environment = {};  // TRAWL_* variables
    // Listens at once; throws Failure{io} when it can't. Null, or giving null: no front.
    std::function<std::unique_ptr<Front>(Jobs&)> open_front = {};
  };
  explicit Daemon(Parts parts) : parts_(std::move(parts)) {}

  // Until SIGTERM or SIGINT, then until what is in flight is finished; a second signal gives it up.
  // SIGHUP reads the configuration and all job files again. Throws Failure{in_use} when another
  // daemon holds data_dir, Failure{io, damaged, …} for what can't be opened.
  void run();

 private:
  coro::Task<> live();
  coro::Task<> run_parts(coro::Group& group);
  coro::Task<> run_jobs(coro::Group& group);
  coro::Task<> answer_signals();
  void reload();
  std::string status() const;

  Parts parts_;
  coro::Loop loop_;
  Notifier notifier_;
  bool loaded_ = false;            // the jobs
  std::unique_ptr<JobBook> book_;  // while run() runs
  std::unique_ptr<Front> front_;   // the same
};

}  // namespace trawl::service
