// What users ask for. Each do_…() runs on the daemon's loop, whoever asks; between two waits of it
// a job may have gone, so jobs are looked up anew or held.
#include "config/check.hpp"
#include "config/key_paths.hpp"
#include "config/nearest.hpp"
#include "core/base/log.hpp"
#include "core/crawl/job/live_settings.hpp"
#include "service/daemon/job_book.hpp"
#include "service/daemon/json_toml.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace trawl::service {
namespace {

constexpr std::size_t jobs_max = 10'000;
constexpr std::size_t changes_max = 100;
constexpr std::string_view submitted_file = "submitted";  // in messages about what has no file yet

std::unexpected<Refused> refuse(Refusal why, std::string detail,
                                std::vector<config::ConfigError> errors = {}) {
  return std::unexpected(Refused{why, std::move(detail), std::move(errors)});
}

std::unexpected<Refused> refuse_invalid(std::vector<config::ConfigError> errors) {
  const bool forbidden = std::ranges::all_of(errors, is_forbidden);
  return refuse(forbidden ? Refusal::forbidden : Refusal::invalid,
                forbidden ? errors.front().message : "the job is not valid", std::move(errors));
}

std::unexpected<Refused> refuse_going() {
  return refuse(Refusal::busy, "the job is being stored or removed just now");
}

std::unexpected<Refused> refuse_ending() {
  return refuse(Refusal::unavailable, "the daemon is starting or shutting down");
}

// Empty: a PATCH may change it.
std::string why_unchangeable(std::string_view key) {
  if (crawl::may_change_live(key) || key == "job.weight") return {};
  const auto keys = config::job_key_paths();
  if (std::ranges::find(keys, key) == keys.end()) {
    const std::string_view nearest = config::nearest_key(key, keys);
    return nearest.empty() ? "unknown key"
                           : fmt::format("unknown key; the nearest known key is {}", nearest);
  }
  return fmt::format(
      "can't be changed; these can: {}, job.weight. For others DELETE the job with data=keep and "
      "submit it anew: it goes on in its folder",
      fmt::join(crawl::live_keys(), ", "));
}

}  // namespace

// One URL at a time of nobody's job: with the defaults of one, and the daemon's own networks.
struct JobBook::Fetching {
  Fetching(crawl::JobSpec spec, JobBook& book)
      : job(std::move(spec)),
        fetch(book.executor_, {.job = job,
                               .buckets = book.buckets_,
                               .clock = book.clock_,
                               .places = &book.places_,
                               .speed = &book.speed_}) {}
  crawl::JobSpec job;
  crawl::SingleFetch fetch;
};

JobBook::~JobBook() = default;

// Throws what opening sockets and reading the hosts file throw.
std::shared_ptr<JobBook::Fetching> JobBook::make_fetching(
    const std::vector<std::string>& allowed_networks) {
  crawl::JobSpec job;
  job.name = "fetch";
  job.fetch.allow_private_networks = allowed_networks;
  return std::make_shared<Fetching>(std::move(job), *this);
}

template <class T>
coro::Task<Answer<T>> JobBook::asked(std::function<coro::Task<Answer<T>>()> work) {
  auto asking = desk_.ask<Answer<T>>(std::move(work));
  auto answer = co_await std::move(asking);
  if (answer) co_return std::move(*answer);
  if (ready_) co_return refuse(Refusal::unavailable, "it could not be done; see the daemon's log");
  co_return refuse_ending();
}

coro::Task<Answer<std::vector<JobView>>> JobBook::list() {
  return asked<std::vector<JobView>>([this] { return do_list(); });
}

coro::Task<Answer<JobView>> JobBook::find(std::string name) {
  return asked<JobView>([this, name = std::move(name)] { return do_find(name); });
}

coro::Task<Answer<JobView>> JobBook::submit(JobText text) {
  return asked<JobView>([this, text = std::move(text)] { return do_submit(text); });
}

coro::Task<Answer<void>> JobBook::remove(std::string name, bool delete_data) {
  return asked<void>(
      [this, name = std::move(name), delete_data] { return do_remove(name, delete_data); });
}

coro::Task<Answer<JobView>> JobBook::steer(std::string name, JobCommand command) {
  return asked<JobView>(
      [this, name = std::move(name), command] { return do_steer(name, command); });
}

coro::Task<Answer<JobView>> JobBook::change(std::string name,
                                            std::vector<config::Override> changes) {
  return asked<JobView>([this, name = std::move(name), changes = std::move(changes)] {
    return do_change(name, changes);
  });
}

coro::Task<Answer<crawl::Pushed>> JobBook::push_urls(std::string name,
                                                     std::vector<std::string> urls) {
  return asked<crawl::Pushed>(
      [this, name = std::move(name), urls = std::move(urls)] { return do_push(name, urls); });
}

coro::Task<Answer<std::vector<HostHold>>> JobBook::host_holds(std::string name) {
  return asked<std::vector<HostHold>>(
      [this, name = std::move(name)] { return do_host_holds(name); });
}

coro::Task<Answer<FetchedNow>> JobBook::fetch_now(FetchNow request) {
  return asked<FetchedNow>([this, request = std::move(request)] { return do_fetch(request); });
}

Answer<JobBook::EntryPtr> JobBook::entry_of(std::string_view name) const {
  const auto found = jobs_.find(name);
  if (found == jobs_.end())
    return refuse(Refusal::not_found, fmt::format("there is no job named \"{}\"", name));
  return found->second;
}

coro::Task<Answer<std::vector<JobView>>> JobBook::do_list() {
  std::vector<JobView> views;
  for (const auto& [name, entry] : jobs_) views.push_back(entry->job.overview());
  co_return views;
}

coro::Task<Answer<JobView>> JobBook::do_find(std::string name) {
  const auto entry = entry_of(name);
  if (!entry) co_return std::unexpected(entry.error());
  co_return (*entry)->job.view();
}

coro::Task<Answer<std::vector<HostHold>>> JobBook::do_host_holds(std::string name) {
  const auto entry = entry_of(name);
  if (!entry) co_return std::unexpected(entry.error());
  co_return (*entry)->job.host_holds();
}

coro::Task<Answer<JobView>> JobBook::do_submit(JobText text) {
  if (!ready_) co_return refuse_ending();
  if (jobs_.size() >= jobs_max)
    co_return refuse(Refusal::unavailable, fmt::format("there are {} jobs, the most", jobs_max));
  std::string name = text.name;
  if (const std::string wrong = name.empty() ? "" : config::check_name(name); !wrong.empty())
    co_return refuse_invalid({{.file = "name", .message = fmt::format("expected {}", wrong)}});
  std::string toml = std::move(text.text);
  if (text.format == JobFormat::json) {
    auto converted = toml_from_json(toml);
    if (!converted)
      co_return refuse_invalid({{.file = "body", .message = converted.error().detail}});
    toml = std::move(*converted);
  }
  const JobSource source{
      .file = std::filesystem::path{submitted_file}, .submitted = true, .name = name};
  auto reading = worker_.run([&] { return loader_.load_text(toml, source, {}); });
  auto loaded = co_await std::move(reading);
  if (!loaded) {
    auto errors = std::move(loaded.error());
    if (text.format == JobFormat::json)
      for (auto& error : errors) error.line = error.column = 0;  // of the TOML in between
    co_return refuse_invalid(std::move(errors));
  }
  if (!loaded->origins.contains("job.name"))
    co_return refuse_invalid(
        {{.file = std::string{submitted_file},
          .key = "job.name",
          .message = "a submitted job needs a name: job.name in it, ?name= with it, or "
                     "--name of trawl submit"}});
  name = loaded->spec.name;
  // One of them would empty the other's folder for temporary files, or be within its results.
  const Submitting submitting{submitting_, name, loaded->spec.output.dir};
  auto looking = user_of_output(loaded->spec.output.dir, name);
  if (const std::string other = co_await std::move(looking); !other.empty())
    co_return refuse(Refusal::output_used,
                     fmt::format("output.dir: the job \"{}\" has its output there, in or around {}",
                                 other, loaded->spec.output.dir));
  if (jobs_.contains(name) || !busy_names_.insert(name).second)
    co_return refuse(Refusal::exists, fmt::format("there is a job named \"{}\" already", name));
  auto adding = add_submitted(name, std::move(toml));
  coro::Outcome<Answer<JobView>> outcome;
  co_await coro::capture(std::move(adding), outcome);
  free_name(name);
  co_return outcome.take();
}

// A file that was left alone because of the name may have it now.
void JobBook::free_name(const std::string& name) {
  busy_names_.erase(name);
  if (!jobs_.contains(name) && !left_alone_.empty()) look_.set();
}

coro::Task<Answer<JobView>> JobBook::add_submitted(std::string name, std::string toml) {
  try {
    auto writing = worker_.run([&] { data_.put_job(name, toml); });
    co_await std::move(writing);
  } catch (const Failure& failure) {
    co_return refuse(Refusal::unavailable,
                     fmt::format("the job can't be stored: {}", failure.what()));
  }
  remembered_.erase(name);  // it is a new job, whatever had the name before
  JobSource source{.file = data_.job_file(name), .submitted = true, .name = name};
  auto reading = read(source);
  auto loaded = co_await std::move(reading);
  log("jobs")->info("{}: submitted", name);
  const EntryPtr entry = add(std::move(name), std::move(source), std::move(loaded));
  auto saving = entry->job.save();
  co_await std::move(saving);
  co_return entry->job.view();
}

coro::Task<Answer<JobView>> JobBook::do_steer(std::string name, JobCommand command) {
  const auto found = entry_of(name);
  if (!found) co_return std::unexpected(found.error());
  const EntryPtr entry = *found;
  if (auto done = entry->job.command(command); !done)
    co_return refuse(Refusal::wrong_state, done.error());
  auto saving = saved_view(entry);
  co_return co_await std::move(saving);
}

// What a user is told is done is stored first.
coro::Task<Answer<JobView>> JobBook::saved_view(EntryPtr entry) {
  auto saving = entry->job.save();
  if (!co_await std::move(saving))
    co_return refuse(
        Refusal::unavailable,
        "it holds, but could not be stored, and would be lost if the daemon ended now; "
        "the daemon goes on trying, and its log says why");
  co_return entry->job.view();
}

// What is confirmed of a job that is going would be forgotten with it.
Answer<JobBook::EntryPtr> JobBook::staying_entry_of(std::string_view name) const {
  const auto found = entry_of(name);
  if (found && (busy_names_.contains(name) || (*found)->job.source().file.empty()))
    return refuse_going();
  return found;
}

coro::Task<Answer<JobView>> JobBook::do_change(std::string name,
                                               std::vector<config::Override> changes) {
  const auto found = staying_entry_of(name);
  if (!found) co_return std::unexpected(found.error());
  const EntryPtr entry = *found;
  auto waiting = entry->settings.acquire();
  const coro::Permit permit = co_await std::move(waiting);
  if (!is_of_book(entry))
    co_return refuse(Refusal::not_found, fmt::format("there is no job named \"{}\"", name));
  if (entry->job.source().file.empty()) co_return refuse_going();
  std::vector<config::ConfigError> errors;
  auto patches = entry->job.patches();
  for (config::Override& change : changes) {
    change.source = "PATCH";
    if (std::string wrong = why_unchangeable(change.key); !wrong.empty())
      errors.push_back({.file = change.source, .key = change.key, .message = std::move(wrong)});
    std::erase_if(patches, [&](const auto& patch) { return patch.key == change.key; });
    if (!change.value.empty()) patches.push_back(std::move(change));
  }
  if (changes.empty() || patches.size() > changes_max)
    errors.push_back({.file = "PATCH", .message = "expected some keys and their values"});
  if (!errors.empty()) co_return refuse_invalid(std::move(errors));
  const JobSource source = entry->job.source();
  auto reading = worker_.run([&] { return loader_.load(source, patches); });
  auto loaded = co_await std::move(reading);
  if (!loaded) co_return refuse_invalid(std::move(loaded.error()));
  if (loaded->spec.name != name)
    co_return refuse(Refusal::has_file,
                     fmt::format("its file has job.name = \"{}\" now", loaded->spec.name));
  if (auto taken = entry->job.take_patches(std::move(patches), std::move(*loaded)); !taken)
    co_return refuse_invalid({{.file = "PATCH", .message = taken.error().detail}});
  auto saving = saved_view(entry);
  co_return co_await std::move(saving);
}

coro::Task<Answer<crawl::Pushed>> JobBook::do_push(std::string name,
                                                   std::vector<std::string> urls) {
  const auto found = staying_entry_of(name);
  if (!found) co_return std::unexpected(found.error());
  const EntryPtr entry = *found;
  auto pushing = entry->job.push(std::move(urls));
  co_return co_await std::move(pushing);
}

coro::Task<Answer<FetchedNow>> JobBook::do_fetch(FetchNow request) {
  if (!ready_) co_return refuse_ending();
  const auto fetching = fetching_;
  auto working = fetching->fetch.fetch(std::move(request.url), request.timeout);
  auto fetched = co_await std::move(working);
  leaves_memory_ = true;
  if (!fetched)
    co_return refuse(Refusal::invalid, fetched.error().message(),
                     {{.file = "url", .message = fetched.error().detail}});
  co_return FetchedNow{std::move(fetched->record), std::move(fetched->body), fetched->body_cut};
}

}  // namespace trawl::service
