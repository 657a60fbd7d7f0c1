// A run that is due is either the one that was begun before (memory.open), one that was asked for
// (memory.asked), or the schedule's; all three wait while the job is paused or cancelled.
#include "service/daemon/job_machine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace trawl::service {
namespace {

using No = std::unexpected<std::string>;

bool same_times(const Schedule& one, const Schedule& other, Wall now) {
  return one.is_off() == other.is_off() && one.interval() == other.interval() &&
         one.next(now) == other.next(now);
}

}  // namespace

std::string JobMemory::round() const {
  return fmt::format("{} of {}", runs, started.value_or(Wall{}).time_since_epoch().count());
}

JobMachine::JobMachine(JobPlan plan, Wall now) : plan_(std::move(plan)) {
  plan_next(now);
}

JobMachine::JobMachine(JobMemory memory, JobPlan plan)
    : plan_(std::move(plan)), memory_(std::move(memory)), restored_(true) {
  switch (memory_.state) {
    case JobState::running:
      memory_.state = JobState::waiting;
      break;
    case JobState::stopping:  // it was asked for, and the process died before it was done
      memory_.state = JobState::cancelled;
      break;
    case JobState::failed:  // the restart may have mended it
      ask();
      break;
    default:
      break;
  }
}

JobState JobMachine::state() const {
  if (live_ && wants_stop()) return JobState::stopping;
  if (!valid_ && !live_) return JobState::invalid;
  return memory_.state;
}

bool JobMachine::has_ended() const {
  return memory_.state == JobState::finished || memory_.state == JobState::limited ||
         memory_.state == JobState::failed;
}

bool JobMachine::is_over() const {
  return has_ended() && plan_.schedule.is_off() && !memory_.next_run;
}

std::optional<Wall> JobMachine::due(Wall now) const {
  if (live_ || leaving_ || !valid_) return std::nullopt;
  if (memory_.state != JobState::waiting && !has_ended()) return std::nullopt;
  if (memory_.asked || (memory_.open && memory_.state == JobState::waiting)) return now;
  return due_by_plan(now);
}

std::optional<Wall> JobMachine::due_by_plan(Wall now) const {
  // A clock that was ahead would hold up an interval for as long.
  const auto interval = plan_.schedule.interval();
  if (interval && memory_.next_run && *memory_.next_run > now + *interval) return now;
  return memory_.next_run;
}

void JobMachine::on_begin(Wall now) {
  // A run that is due fetches what is new too; one for that alone takes no scheduled run's place.
  const bool takes_over = memory_.news && memory_.next_run && *memory_.next_run <= now;
  if (takes_over) memory_.news = false;
  if (!memory_.open || takes_over) {
    memory_.limits_anew = has_limits_anew(now);
    ++memory_.runs;
    memory_.started = now;
  }
  next_before_ = memory_.next_run;
  if (!memory_.news) memory_.next_run.reset();
  memory_.ended.reset();
  memory_.open = true;
  memory_.state = JobState::running;
  memory_.detail.clear();
  memory_.asked = false;
  asked_by_plan_ = false;
  live_ = true;
  stop_ = Stop::none;
}

// The schedule's run after one that a limit stopped: one that is asked for continues its round, so
// that the limit is to be raised. With [recrawl] a page counts until it is due again.
bool JobMachine::has_limits_anew(Wall now) const {
  if (plan_.schedule.is_off() || plan_.recrawl_pause || memory_.again || memory_.news) return false;
  return memory_.runs > 0 && memory_.next_run && *due_by_plan(now) <= now;
}

void JobMachine::on_end(const RunResult& result, Wall now) {
  live_ = false;
  const Stop stop = std::exchange(stop_, Stop::none);
  using End = RunResult::End;
  if (result.end == End::interrupted) {
    if (stop == Stop::cancel) memory_.state = JobState::cancelled;
    // A restart and a shutdown leave the run open; paused stays paused.
    if (memory_.state == JobState::running) memory_.state = JobState::waiting;
    if (stop == Stop::cancel) {
      memory_.ended = now;
      memory_.next_run.reset();
    }
    return;
  }
  const bool failed = result.end == End::failure;
  const bool was_paused = memory_.state == JobState::paused;
  memory_.ended = now;
  memory_.detail = result.detail;
  // What is done is fetched anew by the next run, what was cut short goes on; a run that failed may
  // not even have begun to fetch anew, so that it stays open.
  memory_.open = failed;
  const bool news = memory_.news;
  if (result.end == End::done) memory_.news = false;
  // Where all is to be fetched anew some day, what was new has been fetched now.
  if (!failed && !(news && memory_.again))
    memory_.again = result.end == End::done && !plan_.recrawl_pause;
  memory_.state = result.end == End::done    ? JobState::finished
                  : result.end == End::limit ? JobState::limited
                                             : JobState::failed;
  if (news && memory_.next_run)
    skip_missed(now);
  else
    memory_.next_run = next_after_run(result, now);
  if (result.next_due && plan_.recrawl_pause) {
    const Wall due = std::max(*result.next_due, now + *plan_.recrawl_pause);
    memory_.next_run = std::min(memory_.next_run.value_or(due), due);
  }
  if (stop == Stop::restart) {
    if (!failed) memory_.news = true;  // the new settings may have more to fetch
    memory_.asked = true;
  }
  // A command that came too late for this run holds for those that would follow, and for what a
  // limit has left: a higher one would have it fetched.
  if (was_paused && (result.end != End::done || memory_.next_run || memory_.asked))
    memory_.state = JobState::paused;
  // Of one that has come to its end there may be nothing left to cancel.
  const bool is_last = result.end == End::done && !memory_.next_run && !memory_.asked;
  if (stop != Stop::cancel || is_last) return;
  memory_.state = JobState::cancelled;
  memory_.next_run.reset();
  memory_.asked = false;
}

// A run that was asked for and found its limits used up moves no scheduled one, or who asks again
// and again would keep the job from ever going on.
std::optional<Wall> JobMachine::next_after_run(const RunResult& result, Wall now) const {
  const bool failed = result.end == RunResult::End::failure;
  if (!failed && result.fetched_nothing && next_before_ && *next_before_ > now) return next_before_;
  return next_after(failed ? now : memory_.started.value_or(now), now);
}

std::optional<Wall> JobMachine::next_after(Wall base, Wall now) const {
  const auto next = plan_.schedule.next(base);
  if (!next || *next > now) return next;
  if (plan_.catch_up == crawl::CatchUp::once) return now;
  // "every 6h" keeps its rhythm: whole intervals after the base.
  const auto interval = plan_.schedule.interval();
  if (interval) return base + *interval * ((now - base) / *interval + 1);
  return plan_.schedule.next(now);
}

std::expected<void, std::string> JobMachine::command(JobCommand command, Wall now) {
  if (leaving_) return No{"the daemon is shutting down, or the job is being removed"};
  switch (command) {
    case JobCommand::pause:
      return pause();
    case JobCommand::resume:
      return resume(now);
    case JobCommand::cancel:
      return cancel();
    case JobCommand::run:
      return run();
  }
  return No{"no such command"};
}

std::expected<void, std::string> JobMachine::pause() {
  if (wants_stop()) return No{"the job is stopping"};
  if (memory_.state == JobState::cancelled) return No{"the job is cancelled"};
  if (is_over()) return No{"the job has ended"};
  memory_.state = JobState::paused;
  return {};
}

std::expected<void, std::string> JobMachine::resume(Wall now) {
  if (wants_stop()) return No{"the job is stopping"};
  switch (memory_.state) {
    case JobState::paused:
      memory_.state = live_ ? JobState::running : JobState::waiting;
      if (live_ || memory_.open) return {};
      skip_missed(now);
      if (!memory_.asked && !memory_.next_run) memory_.next_run = next_after(now, now);
      if (!memory_.next_run) ask();
      return {};
    case JobState::cancelled:
    case JobState::limited:
    case JobState::failed:
      if (!valid_) return No{"the job's file has errors"};
      ask();
      return {};
    case JobState::finished:
      return No{"the job has finished; run it to fetch everything anew"};
    default:
      if (!valid_ && !live_) return No{"the job's file has errors"};
      return {};
  }
}

std::expected<void, std::string> JobMachine::cancel() {
  if (wants_stop() && stop_ != Stop::cancel) {
    stop_ = Stop::cancel;
    return {};
  }
  if (memory_.state == JobState::finished && is_over()) return No{"the job has finished"};
  if (live_) {
    stop_ = Stop::cancel;
    return {};
  }
  memory_.state = JobState::cancelled;
  memory_.detail.clear();
  memory_.next_run.reset();
  memory_.asked = false;
  return {};
}

std::expected<void, std::string> JobMachine::run() {
  if (wants_stop()) return No{"the job is stopping"};
  if (!valid_) return No{"the job's file has errors"};
  if (live_) return No{"the job is running"};
  if (memory_.state == JobState::paused) return No{"the job is paused; resume it"};
  // What a limit, an error or a user stopped goes on.
  const bool waits_for_news = memory_.state == JobState::waiting && !memory_.open;
  if (memory_.state == JobState::finished) memory_.again = true;  // also with [recrawl]
  if (memory_.state == JobState::finished || waits_for_news) memory_.news = false;
  ask();
  return {};
}

std::expected<void, std::string> JobMachine::want_run() {
  if (leaving_) return No{"the daemon is shutting down, or the job is being removed"};
  if (!valid_) return No{"the job's file has errors"};
  if (live_) return {};
  if (memory_.state == JobState::paused) return No{"the job is paused; resume it first"};
  if (memory_.state == JobState::cancelled)
    return No{"the job is cancelled; resume it or run it first"};
  ask_for_news();
  return {};
}

bool JobMachine::by_the_clock() const {
  return !plan_.schedule.is_off() && !plan_.schedule.interval();
}

void JobMachine::ask() {
  memory_.state = JobState::waiting;
  memory_.detail.clear();
  memory_.asked = true;
  asked_by_plan_ = false;
}

// Unless a run that was asked for, or goes on, brings them along.
void JobMachine::ask_for_news() {
  if (!memory_.open && !memory_.asked && memory_.runs > 0) memory_.news = true;
  ask();
}

void JobMachine::ask_by_plan() {
  const bool by_user = memory_.asked && !asked_by_plan_;
  ask_for_news();
  asked_by_plan_ = !by_user;
}

// Of a job that has not run at these times.
void JobMachine::plan_next(Wall now) {
  if (std::exchange(asked_by_plan_, false)) memory_.asked = false;
  const bool missed =
      plan_.catch_up == crawl::CatchUp::once && memory_.next_run && *memory_.next_run <= now;
  if (!missed) memory_.next_run.reset();
  if (by_the_clock() && !memory_.open) {
    if (!missed) memory_.next_run = plan_.schedule.next(now);
  } else if (memory_.state != JobState::paused) {
    ask_by_plan();
  }
}

// Pages that are due are no scheduled time.
void JobMachine::skip_missed(Wall now) {
  if (plan_.catch_up != crawl::CatchUp::skip || plan_.schedule.is_off()) return;
  if (memory_.next_run && *memory_.next_run <= now)
    memory_.next_run = next_after(*memory_.next_run, now);
}

void JobMachine::on_settings(JobPlan plan, bool changed, Wall now) {
  const bool first = std::exchange(restored_, false);
  // Of the settings before a restart only the digest is known.
  const bool other_times = first || !same_times(plan_.schedule, plan.schedule, now);
  plan_ = std::move(plan);
  valid_ = true;
  if (first) skip_missed(now);
  if (live_ && other_times && memory_.next_run) memory_.next_run = plan_.schedule.next(now);
  if (other_times) next_before_.reset();
  if (!changed || live_ || memory_.state == JobState::cancelled) return;
  const bool ended = has_ended();
  if (other_times)
    plan_next(now);
  else if (ended && !by_the_clock())
    ask_by_plan();
}

void JobMachine::restart() {
  if (live_ && stop_ == Stop::none) stop_ = Stop::restart;
}

}  // namespace trawl::service
