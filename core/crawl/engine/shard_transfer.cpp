// How a body gets to disk: one transfer, the part of it that is kept when it breaks off, and the
// rest that is asked for another time. docs/fetch.md has the rules in words.
#include "core/base/limits.hpp"
#include "core/base/log.hpp"
#include "core/crawl/engine/shard.hpp"
#include "core/crawl/hosts/host_turn.hpp"
#include "core/web/charset/content.hpp"
#include "core/web/url/host.hpp"

#include <fmt/compile.h>

namespace trawl::crawl {
namespace {

// The fields of the request replace those of the job; of two of one name the later one counts.
void add_fields(http::Headers& fields, const http::Headers& added) {
  for (const auto& [name, value] : added) {
    std::erase_if(fields, [&](const auto& field) { return http::same_name(field.first, name); });
    fields.emplace_back(name, value);
  }
}

}  // namespace

// Whether an earlier run sent what may be sent but once. Before anything is asked of the host.
bool Shard::refuse_to_repeat(Visit& visit) {
  const auto& request = visit.leased.url.request;
  if (!request || !request->sent) return false;
  visit.error = Error{Errc::cancelled,
                      fmt::format("the {} was sent by a run that ended before the answer came; "
                                  "whether it was acted on is unknown, so it isn't sent again",
                                  request->method)};
  visit.attempts = visit.leased.url.attempts;
  return true;
}

// In WARC each exchange has to be what was sent and received, so there a body starts anew.
bool Shard::keeps_parts(const Visit& visit) const {
  return context_.job.output.bodies != BodyMode::warc && visit.leased.url.method() == "GET" &&
         !visit.leased.url.is_sitemap();
}

// fetch.types: of another type the head is enough. What isn't told may be one that is wanted.
bool Shard::receives(const Visit& visit, int status, const http::Headers& headers) const {
  const auto& request = visit.leased.url.request;
  if (visit.leased.url.is_sitemap() || (request && !request->checksum.empty())) return true;
  if (visit.leased.url.method() == "HEAD" || status == 206) return true;
  const auto type = web::declared_media_type(headers);
  return status / 100 != 2 || type.is_unknown() || received_types_.takes(type.essence);
}

coro::Task<> Shard::fetch(Visit& visit) {
  if (!is_idempotent(visit.leased.url.method())) {
    auto marking = mark_sent(visit);
    co_await std::move(marking);
  }
  if (visit.leased.url.has_mirrors()) {
    auto fetching = fetch_from_mirrors(visit);
    co_await std::move(fetching);
    co_return;
  }
  auto fetching = fetch_from_server(visit);
  co_await std::move(fetching);
}

coro::Task<> Shard::fetch_from_server(Visit& visit) {
  auto taking = take_part(visit);
  auto part = co_await std::move(taking);
  const auto download = make_download(visit, visit.url.href(), std::move(part), {});
  if (is_late(context_.buckets, context_.clock, visit.leased_at)) {
    // What is marked as sent would not be sent by the next run.
    TurnGate* const gate = is_idempotent(visit.leased.url.method()) ? &turns_ : nullptr;
    auto waiting =
        keep_distance(context_.buckets, context_.clock, bucket_keys(web::host_key(visit.url)),
                      bucket_limits(politeness_now(visit)), visit.leased_at, gate);
    if (!co_await std::move(waiting)) {
      visit.error = Error{Errc::cancelled, "the run was stopped"};
      if (download->part) visit.part = download->part->part;
      co_return;
    }
  }
  try {
    auto running = run_download(visit, *download);
    co_await std::move(running);
    auto settling = settle(visit, *download);
    co_await std::move(settling);
    // The rest of a large body too, while the URL can still be put back.
    if (visit.body->is_over_memory()) co_await visit.body->flush();
    auto checking = check_body(visit);
    co_await std::move(checking);
  } catch (const Failure& failure) {
    if (failure.code() != Errc::disk_full) throw;
    note_no_room(visit, failure.error(), download->sink ? download->sink->bytes() : 0);
  }
  if (!visit.no_room) co_return;
  auto keeping = keep_for_later(visit, *download);
  co_await std::move(keeping);
}

// Durable before the request leaves, so that no crash can make trawl send it a second time.
coro::Task<> Shard::mark_sent(Visit& visit) {
  Commit commit;
  commit.update = UrlUpdate{.id = visit.leased.url.id,
                            .outcome = {.attempts = visit.leased.url.attempts},
                            .request_sent = true};
  auto committing = context_.committer.commit(std::move(commit));
  co_await std::move(committing);
}

// The part of an earlier attempt or run, ready to be continued; what can't be is dropped.
coro::Task<std::optional<ReadyPart>> Shard::take_part(Visit& visit) {
  const std::int64_t found_seq = visit.leased.url.id.seq;
  const auto found = parts_.find(found_seq);
  if (found == parts_.end()) co_return std::nullopt;
  KeptPart part = std::move(found->second);
  parts_.erase(found);
  // What came in earlier runs shows that it goes on; which of their attempts did is not known.
  if (parts_of_before_.erase(found_seq) > 0) visit.leased.url.advances = visit.leased.url.attempts;
  visit.part_stored = true;
  const bool wanted = keeps_parts(visit);
  const auto path = context_.tmp_dir / part.file;
  auto opening =
      context_.syncs.run([&] { return wanted ? PartFile::open(path, part.bytes) : std::nullopt; });
  auto file = co_await std::move(opening);
  if (!file) {
    remove_part(part);
    co_return std::nullopt;
  }
  auto digesting = digest(*file);
  auto hasher = std::make_shared<web::Hasher>(co_await std::move(digesting));
  co_return ReadyPart{std::move(part), std::move(hasher)};
}

std::unique_ptr<Download> Shard::make_download(Visit& visit, std::string url,
                                               std::optional<ReadyPart> part, OnAnswer on_answer) {
  auto download = std::make_unique<Download>();
  download->url = std::move(url);
  download->part = std::move(part);
  if (download->part) download->same_server = download->part->part.url == download->url;
  const bool keeps = keeps_parts(visit);
  const std::string path =
      fmt::format(FMT_COMPILE("{}/{}{}-{}-{}"), context_.tmp_dir.native(),
                  keeps ? part_prefix : "body-", started_ms_, number_, ++bodies_);
  // A part is a file already, however short.
  const std::size_t in_memory =
      download->part
          ? std::min<std::size_t>(context_.memory.body_bytes(), download->part->part.bytes - 1)
          : context_.memory.body_bytes();
  http::SpoolSink::Options options{.bytes_max = body_bytes_max(visit),
                                   .memory_bytes_max = in_memory,
                                   .file = path,
                                   .part_is_wanted = visit.leased.url.is_sitemap()};
  if (!received_types_.empty())
    options.is_wanted = [this, &visit](int status, const http::Headers& headers) {
      return receives(visit, status, headers);
    };
  if (keeps || on_answer) watch_body(visit, *download, options, std::move(on_answer));
  options.on_paused = [this, &visit,
                       arriving = std::make_shared<ArrivingBody>(context_.control.arriving())](
                          const http::SpoolSink::Written& came) {
    const std::uint64_t bytes = arriving->note(came);
    visit.bytes_counted += bytes;
    context_.control.count_bytes(bytes);
  };
  options.on_written = [this, count = options.on_paused,
                        saver = download->saver](const http::SpoolSink::Written& written) {
    count(written);
    return saver && save_now(saver, written.bytes);
  };
  std::optional<http::SpoolSink::Part> sink_part;
  if (const auto& ready = download->part)
    sink_part = {.file = context_.tmp_dir / ready->part.file,
                 .bytes = ready->part.bytes,
                 .hasher = ready->hasher};
  download->sink =
      std::make_unique<http::SpoolSink>(context_.files, std::move(options), std::move(sink_part));
  return download;
}

// What the answer's head says about a continuation, and the saving of what comes.
void Shard::watch_body(const Visit& visit, Download& download, http::SpoolSink::Options& options,
                       OnAnswer on_answer) {
  const bool keeps = keeps_parts(visit);
  const bool known_whole = visit.leased.url.request && !visit.leased.url.request->checksum.empty();
  const auto saver = std::make_shared<PartSaver>(loop_.executor());
  saver->id = visit.leased.url.id;
  saver->path = options.file;
  saver->next = context_.clock.now() + Millis{limits::part_save_interval_ms};
  download.saver = saver;
  options.on_head = [this, saver, url = download.url, before = download.part,
                     same_server = download.same_server, known_whole, keeps,
                     on_answer = std::move(on_answer)](int status, const http::Headers& headers) {
    auto verdict = before
                       ? judge_continuation(before->part, same_server, known_whole, status, headers)
                       : http::Continuation::other;
    if (on_answer) verdict = on_answer(status, verdict);
    if (keeps) saver->part = continuable(url, status, headers, context_.clock.wall());
    if (verdict == http::Continuation::append) {
      saver->part = before->part;
      saver->path = context_.tmp_dir / before->part.file;
    }
    if (saver->part) saver->part->file = saver->path.filename().string();
    return verdict;
  };
}

// Mirrors are other servers than the URL's own.
const JobSpec& Shard::settings_for(const Visit& visit, std::string_view url) const {
  if (!visit.leased.url.has_mirrors()) return *visit.settings;
  const auto parsed = web::Url::parse(url);
  return parsed ? sites().of(web::host_key(*parsed)) : *visit.settings;
}

coro::Task<> Shard::run_download(Visit& visit, Download& download) {
  const JobSpec& settings = settings_for(visit, download.url);
  const FetchSpec& spec = settings.fetch;
  http::Request request{.url = download.url,
                        .headers = fields_of_site(settings, context_.job),
                        .timeouts = spec.timeouts,
                        .version = spec.http,
                        .tls_verify = spec.tls_verify};
  if (const auto& asked = visit.leased.url.request) {
    request.method = asked->method;
    request.body = asked->body;
    request.once = !is_idempotent(asked->method);
    // A checksum is of the file, so the file is asked for and not a coding of it.
    if (!asked->checksum.empty()) add_fields(request.headers, {{"Accept-Encoding", "identity"}});
    add_fields(request.headers, asked->headers);
  }
  if (download.part)
    add_fields(request.headers, range_fields(download.part->part, download.same_server));
  // What is remembered is of the URL itself and not for other servers.
  if (!visit.leased.url.has_mirrors()) add_state(visit, request);
  // Until it ends, or what was broken off is kept.
  struct Counted {
    Arriving* all;
    bool is_left = false;
    ~Counted() {
      if (all != nullptr && !is_left) all->end();
    }
  } counted{keeps_parts(visit) ? &visit.arriving : nullptr};
  if (counted.all != nullptr) counted.all->begin(gauges_.arriving);
  auto fetching = session_.fetch(std::move(request), *download.sink, &visit.pace);
  download.answer = co_await std::move(fetching);
  counted.is_left = session_.is_broken_off() && download.saver && download.saver->part;
  if (!download.saver) co_return;
  if (download.saver->saving) {
    auto waiting = download.saver->idle.wait();
    co_await std::move(waiting);
  }
  download.saver->closed = true;
  if (download.saver->no_room) throw Failure(*download.saver->no_room);
}

// Whether the file must stay from now on. Saves what is in it, when it is time to, while the
// transfer goes on: so a crash costs a few seconds of a large body, and a small one costs no sync.
bool Shard::save_now(const std::shared_ptr<PartSaver>& saver, std::uint64_t bytes) {
  if (saver->no_room) throw Failure(*saver->no_room);
  const Mono now = context_.clock.now();
  if (saver->part && !saver->saving && !saver->closed && now >= saver->next &&
      bytes >= saver->part->bytes + limits::part_bytes_min) {
    saver->begun = saver->saving = true;
    saver->next = now + Millis{limits::part_save_interval_ms};
    saver->idle.reset();
    tasks_->spawn(save_part(saver, bytes));
  }
  return saver->begun;
}

coro::Task<> Shard::save_part(std::shared_ptr<PartSaver> saver, std::uint64_t bytes) {
  try {
    auto syncing = context_.syncs.run([&saver] { sync_part(saver->path); });
    co_await std::move(syncing);
  } catch (const Failure& failure) {
    if (failure.code() != Errc::disk_full) throw;
    saver->no_room = failure.error();  // which the transfer ends with
    saver->saving = false;
    saver->idle.set();
    co_return;
  }
  Commit commit;
  commit.part = PartUpdate{saver->id, saver->part};
  commit.part->part->bytes = bytes;
  auto committing = context_.committer.commit(std::move(commit));
  co_await std::move(committing);
  saver->part->bytes = bytes;
  saver->saved = true;
  saver->saving = false;
  saver->idle.set();
}

// What the answer of a download makes of the visit.
coro::Task<> Shard::settle(Visit& visit, Download& download) {
  using http::Continuation;
  visit.part_stored |= download.saver && download.saver->saved;
  visit.body = std::move(download.sink);
  const auto& before = download.part;
  auto& answer = *download.answer;
  if (!answer) {
    visit.error = answer.error();
    if (before) visit.part = before->part;
    co_return;
  }
  const auto meaning = visit.body->continuation().value_or(Continuation::other);
  const auto refuse = [&] {
    visit.part_refused = true;
    visit.error = Error{Errc::protocol,
                        fmt::format("asked for a body from byte {} on, the answer was {} ({}); it "
                                    "is fetched from the start",
                                    before->part.bytes, answer->status,
                                    http::find_header(answer->headers, "content-range"))};
    remove_part(before->part);
  };
  if (before && meaning == Continuation::refused) co_return refuse();
  if (before && meaning == Continuation::other) visit.part = before->part;
  visit.began_anew = before && meaning == Continuation::anew;
  if (visit.began_anew) remove_part(before->part);
  if (meaning == Continuation::append && !restore_whole(before->part, *answer)) {
    auto taking = visit.body->take_file();  // what it has yet to write must not make the file anew
    co_await std::move(taking);
    co_return refuse();
  }
  if (visit.body->is_unwanted()) answer->broken.reset();  // the head came, which is all
  visit.error = answer->broken;
  visit.response = std::move(*answer);
  if (!visit.leased.url.has_mirrors()) take_state(visit);
  if (!visit.error || !download.saver) co_return;
  auto keeping = keep_what_came(visit, *download.saver);
  co_await std::move(keeping);
  // A server that begins anew each time brings nothing new, however much it sends.
  if (meaning == Continuation::append && visit.part)
    visit.advanced |= is_advance(*visit.part, before->part.bytes, visit.leased.url.advances);
}

coro::Task<> Shard::keep_what_came(Visit& visit, PartSaver& saver) {
  if (!saver.part || visit.body->bytes() < limits::part_bytes_min || visit.body->truncated())
    co_return;
  visit.arriving.begin(gauges_.arriving);  // until it is committed
  auto taking = visit.body->take_file();
  const auto path = co_await std::move(taking);
  auto syncing = context_.syncs.run([&path] { sync_part(path); });
  co_await std::move(syncing);
  visit.part = saver.part;
  visit.part->bytes = visit.body->bytes();
  visit.part_is_body = true;
}

// After judge(), since it depends on whether the URL is tried again. Somebody may ask for what
// failed once more, in this run or another.
void Shard::settle_part(Visit& visit) {
  const std::int64_t seq = visit.leased.url.id.seq;
  const bool waits = visit.part && !visit.part_is_body && visit.response &&
                     retry_class(visit.response->status) != RetryClass::permanent;
  if (visit.retry_in || waits || (visit.error && !visit.excluded)) {
    if (visit.part) parts_.insert_or_assign(seq, *visit.part);
    return;
  }
  if (const auto unused = parts_.find(seq); unused != parts_.end()) {
    visit.part_stored = true;
    remove_part(unused->second);
    parts_.erase(unused);
  }
  if (visit.part && !visit.part_is_body) remove_part(*visit.part);
  visit.part.reset();
}

void Shard::remove_part(const KeptPart& part) const {
  std::error_code ignored;
  std::filesystem::remove(context_.tmp_dir / part.file, ignored);
}

}  // namespace trawl::crawl
