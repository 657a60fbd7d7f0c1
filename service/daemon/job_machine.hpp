#pragma once
// JobMachine: the states of a job and what moves it from one to the next. Pure: commands, times and
// ends of runs go in; whether and when a run is due comes out. ManagedJob acts on it.
//
//   waiting ─due─► running ─end─► finished | limited | failed ─due─► running …
//   running ─cancel─► stopping ─end─► cancelled;  any ─pause─► paused ─resume─► where it was

#include "core/base/clock.hpp"
#include "core/base/schedule.hpp"
#include "core/crawl/engine/crawler.hpp"
#include "core/crawl/job/job.hpp"
#include "service/daemon/jobs.hpp"

#include <cstdint>
#include <expected>
#include <optional>
#include <string>

namespace trawl::service {

// What is kept of a job over a restart of the daemon.
struct JobMemory {
  JobState state = JobState::waiting;
  std::string detail;
  std::uint64_t runs = 0;  // begun so far
  bool open = false;       // a run was begun and has more to do: it goes on, it is no new one
  bool again = false;      // the open run, or else the next one that is no news run, fetches anew
  bool news = false;       // the open run, or else the one that was asked for, is for what is new
  bool asked = false;      // a run is due at once, whatever the schedule says
  // The run goes on where a limit stopped one before, and has the limits of a round for itself.
  bool limits_anew = false;
  std::optional<Wall> next_run;
  std::optional<Wall> started;
  std::optional<Wall> ended;

  bool fetches_anew() const { return again && !news; }
  // A name for the run. A number alone would not do: the output folder may be older than the job.
  std::string round() const;
  bool operator==(const JobMemory&) const = default;
};

// When a job is to run, from its settings.
struct JobPlan {
  Schedule schedule;
  crawl::CatchUp catch_up = crawl::CatchUp::once;
  // With [recrawl] runs fetch the pages whose time has come, not all anew; so long after a run the
  // next one begins at the soonest, and fetches what has become due by then.
  std::optional<Millis> recrawl_pause = {};
};

// How a run ended.
struct RunResult {
  enum class End : std::uint8_t { done, limit, interrupted, failure };
  End end = End::done;
  std::string detail;                 // which limit, what failed
  std::optional<Wall> next_due = {};  // when the first of its pages is to be fetched again
  bool fetched_nothing = false;
};

class JobMachine {
 public:
  // A new job: due at once, or at its first time by a cron expression.
  JobMachine(JobPlan plan, Wall now);
  // One that is known from before; what was running then is due. The first on_settings() decides on
  // times that passed meanwhile.
  JobMachine(JobMemory memory, JobPlan plan);

  JobState state() const;
  const std::string& detail() const { return memory_.detail; }
  const JobMemory& memory() const { return memory_; }
  bool is_live() const { return live_; }  // a run has its place
  bool is_valid() const { return valid_; }

  // When a run is to begin; nothing: not before something changes.
  std::optional<Wall> due(Wall now) const;

  // Precondition: not live, and due.
  void on_begin(Wall now);
  void on_end(const RunResult& result, Wall now);

  // Errors: a sentence, when the command makes no sense in this state.
  std::expected<void, std::string> command(JobCommand command, Wall now);

  // Its file was read. changed: it says something else than before, so that what has ended goes on.
  // What was asked for, or missed and is to be caught up on, stays due.
  void on_settings(JobPlan plan, bool changed, Wall now);
  void on_invalid() { valid_ = false; }
  // The run that is live is to end and to begin again at once, with other settings.
  void restart();
  // The daemon ends: the run that is live stops and goes on at the next start.
  void shut_down() { leaving_ = true; }
  // More URLs came for a job that is not live. Errors as those of a command.
  std::expected<void, std::string> want_run();

  // For a run that is live.
  bool wants_stop() const { return live_ && (stop_ != Stop::none || leaving_); }
  bool is_cancelling() const { return live_ && stop_ == Stop::cancel; }
  bool wants_pause() const { return live_ && memory_.state == JobState::paused; }

 private:
  enum class Stop : std::uint8_t { none, cancel, restart };

  std::expected<void, std::string> pause();
  std::expected<void, std::string> resume(Wall now);
  std::expected<void, std::string> cancel();
  std::expected<void, std::string> run();
  bool has_ended() const;
  bool is_over() const;  // and no further run will come by itself
  bool by_the_clock() const;
  bool has_limits_anew(Wall now) const;
  std::optional<Wall> due_by_plan(Wall now) const;
  void ask();
  void ask_for_news();
  void ask_by_plan();
  void plan_next(Wall now);
  void skip_missed(Wall now);
  std::optional<Wall> next_after_run(const RunResult& result, Wall now) const;
  std::optional<Wall> next_after(Wall base, Wall now) const;

  JobPlan plan_;
  JobMemory memory_;
  bool restored_ = false;       // and has had no settings since
  bool asked_by_plan_ = false;  // memory_.asked comes from the settings, not from a user
  bool valid_ = true;
  bool live_ = false;
  std::optional<Wall> next_before_;  // memory_.next_run as it was when the live run began
  bool leaving_ = false;
  Stop stop_ = Stop::none;
};

}  // namespace trawl::service
