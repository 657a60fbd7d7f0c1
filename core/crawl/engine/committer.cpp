// Each caller leaves its entry in a list and runs flush() on the writer thread; the first flush of
// a crowd commits them all, and the others find theirs done. So the batch is as large as the disk
// is slow, and a lone commit waits for nobody. While the disk is full nobody blocks the writer
// thread: those who wait sleep on their own loops, where they can be cancelled.
#include "core/crawl/engine/committer.hpp"

#include "core/base/limits.hpp"
#include "core/base/log.hpp"
#include "core/coro/time.hpp"
#include "core/crawl/engine/disk_room.hpp"
#include "core/web/digest.hpp"
#include "core/web/url/host.hpp"
#include "core/web/url/url.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace trawl::crawl {
namespace {

// Of the memory, for what was admitted last; 512 MiB make 1.7 million URLs of it.
constexpr std::size_t newest_urls_parts = 16;
constexpr std::size_t newest_urls_bytes_max = 64 * 1024 * 1024;
constexpr std::uint64_t urls_worth_a_word = 500'000;  // takes a second to read
constexpr int archive_faults_max = 2;  // of one batch; a disk that fails more often is broken
constexpr std::size_t looked_back_max = 8;
constexpr Millis crowd_wait_max{5};
constexpr std::size_t crowd_parts = 2;  // of the visits on their way

bool is_of(const HostState& one, const HostState& other) {
  return one.id == other.id;
}
bool is_of(const PatternState& one, const PatternState& other) {
  return one.host == other.host && one.shape == other.shape;
}

// What comes later replaces what is in the batch of the same host or pattern: the pages of a batch
// are mostly of few. Only the newest states are looked at, so that a crowd of hosts costs nothing.
template <class State>
void keep_latest(std::vector<State>& states, State state) {
  const auto newest = states.size() - std::min(states.size(), looked_back_max);
  const auto found =
      std::ranges::find_if(states.begin() + static_cast<std::ptrdiff_t>(newest), states.end(),
                           [&](const State& kept) { return is_of(kept, state); });
  if (found == states.end()) {
    states.push_back(std::move(state));
    return;
  }
  if constexpr (requires { state.health; })
    if (!state.health) state.health = std::move(found->health);  // absent is unchanged
  *found = std::move(state);
}

// A list's checksum is of where its URL redirects; what is a record already is not fetched for it.
void warn_of_checksum(const NewUrl& url) {
  if (!url.request || url.request->checksum.empty() || url.redirect_chain.empty()) return;
  log("crawl")->warn(
      "{} is a URL of the job already: the checksum of what redirects there is not "
      "compared with it",
      printable(url.url));
}

}  // namespace

Committer::Committer(Store& store, Archive* archive, Millis retry_first)
    : store_(store),
      archive_(archive),
      writer_("writer", limits::commits_queued_max),
      retry_first_(retry_first) {}

void Committer::bound_memory(MemoryBudget& budget, const std::filesystem::path& folder) {
  seen_.bound(folder, budget.part(newest_urls_parts, newest_urls_bytes_max));
  refused_.bound(folder, budget.part(newest_urls_parts, newest_urls_bytes_max));
  known_urls_.emplace(budget, MemoryUse::known_urls);
}

void Committer::report_memory() {
  if (known_urls_) known_urls_->set(seen_.memory_bytes() + refused_.memory_bytes());
}

coro::Task<> Committer::open() {
  return writer_.run([this] {
    if (archive_ != nullptr) archive_->recover(store_.marks());
    const StoreTotals totals = store_.totals();
    const std::uint64_t known = totals.queued + totals.fetched + totals.failed + totals.excluded;
    if (known >= urls_worth_a_word) log("crawl")->info("reading {} known URLs", known);
    store_.each_url([this](const KnownUrl& known) {
      last_before_ = std::max(last_before_, place_of(known.id));
      const std::uint64_t fingerprint = web::fingerprint(known.url) ^ known.identity;
      if (!known.refused) {
        seen_.insert(fingerprint);
      } else {
        refused_.set(fingerprint, known.id);
        refused_.settle();
      }
    });
    report_memory();
    take_totals();
  });
}

void Committer::take_totals() {
  const StoreTotals totals = store_.totals();
  queued_ = totals.queued;
  fetched_ = totals.fetched;
  failed_ = totals.failed;
  excluded_ = totals.excluded;
  bytes_wire_ = totals.bytes_wire;
}

coro::Task<std::optional<std::string>> Committer::meta(std::string key) {
  return writer_.run([this, key = std::move(key)] { return store_.meta(key); });
}

coro::Task<std::vector<Published>> Committer::commit(Commit commit) {
  // Shared with the list: a caller that is cancelled while the writer's queue is full leaves its
  // entry behind, to be committed by whoever flushes next.
  const auto entry = std::make_shared<Entry>();
  entry->commit = std::move(commit);
  {
    const std::lock_guard lock{mutex_};
    waiting_.push_back(entry);
    if (is_crowd()) crowd_.notify_one();
  }
  for (int tries = 0; !entry->done.load();) {
    // Who has been committed with others must not wait for the next ones.
    auto flushing = writer_.run([&] { return entry->done.load() ? 0 : flush(tries); });
    tries = co_await std::move(flushing);
    if (tries > 0) co_await coro::sleep_for(room_retry_delay(tries, retry_first_));
  }
  if (entry->error) std::rethrow_exception(entry->error);
  co_return std::move(entry->published);
}

// The failed tries of the batch that waits for room; 0: none waits. Of the many who wait, the first
// to wake up tries; the others see that there are more tries than they have seen.
int Committer::flush(int tries_seen) {
  const bool waited = batch_ != nullptr;
  if (waited && batch_->tries != tries_seen) return batch_->tries;
  // Behind a batch that waited come those who came in the meantime.
  for (int rounds = waited ? 2 : 1; rounds > 0 && next_batch(); --rounds)
    if (!write_batch()) return batch_->tries;
  return 0;
}

bool Committer::is_crowd() const {
  return crowd_parts * waiting_.size() >= expected_;
}

bool Committer::next_batch() {
  if (batch_) return true;
  Entries entries;
  {
    std::unique_lock lock{mutex_};
    if (!waiting_.empty()) crowd_.wait_for(lock, crowd_wait_max, [this] { return is_crowd(); });
    entries.swap(waiting_);
  }
  if (entries.empty()) return false;
  batch_ = std::make_unique<Batch>();
  batch_->entries = std::move(entries);
  return true;
}

// False: there is no room for it, and it stays at hand.
bool Committer::write_batch() {
  // What is known of URLs in memory is ahead of the store after a failure: nothing may follow it.
  if (!broken_) {
    try {
      const Mono begun = system_clock().now();
      write(*batch_);
      commits_.note(std::chrono::duration<double>(system_clock().now() - begun).count());
      if (batch_->tries > 0 && on_stall_) on_stall_(std::nullopt);
    } catch (const Failure& failure) {
      if (failure.code() == Errc::disk_full && !batch_->lost) {
        stall(failure.error());
        return false;
      }
      broken_ = std::current_exception();
    } catch (...) {
      broken_ = std::current_exception();
    }
    if (broken_ && archive_ != nullptr) archive_->abandon_batch();
  }
  for (const auto& entry : std::exchange(batch_, nullptr)->entries) {
    entry->error = broken_;
    entry->done.store(true);
  }
  return true;
}

void Committer::stall(const Error& why) {
  if (++batch_->tries == 1 && on_stall_) on_stall_(why);
}

void Committer::write(Batch& batch) {
  if (archive_ != nullptr && !batch.synced) archive(batch);
  if (!batch.gathered) {
    batch.store.updates.reserve(batch.entries.size());  // mostly each has one
    for (const auto& entry : batch.entries) gather(*entry, batch.store, batch.origins);
    if (cookies_ != nullptr) batch.store.cookies = cookies_->take_changes();
    if (security_ != nullptr) batch.store.hsts = security_->take_changes();
    batch.gathered = true;
  }
  const std::vector<UrlId> ids = store_.apply(batch.store);
  batch.lost = true;  // it is durable: whatever fails from here on, it is not applied again
  if (archive_ != nullptr) archive_->on_committed();
  settle(batch.store, ids);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    NewUrl& url = batch.store.admitted[i];
    if (url.excluded) continue;
    batch.origins[i]->published.push_back({std::move(url.host),
                                           {.id = ids[i],
                                            .url = std::move(url.url),
                                            .depth = url.depth,
                                            .redirect_chain = std::move(url.redirect_chain),
                                            .sitemap = url.sitemap,
                                            .request = std::move(url.request)}});
  }
  for (const auto& entry : batch.entries) {
    if (!entry->commit.again) continue;
    const auto url = web::Url::parse(entry->commit.again->url);
    entry->published.push_back({web::host_key(*url), std::move(*entry->commit.again), true});
    ++queued_;
    --fetched_;
  }
  count(batch.store);
}

void Committer::archive(Batch& batch) {
  for (;;) {
    try {
      append_rest(batch);
      archive_->sync();
      break;
    } catch (const Failure& failure) {
      on_archive_failure(batch, failure);
    }
  }
  batch.store.marks = archive_->take_marks();
  batch.synced = true;
  for (const auto& entry : batch.entries) entry->commit.archived.reset();
}

void Committer::append_rest(Batch& batch) {
  for (; batch.appended < batch.entries.size(); ++batch.appended) {
    Commit& commit = batch.entries[batch.appended]->commit;
    if (!commit.archived) continue;
    const ArchivePosition position = archive_->append(*commit.archived);
    // A record whose page stayed as it was keeps that page's place.
    batch.entries[batch.appended]->takes_place |= commit.update &&
                                                  !commit.update->outcome.archive &&
                                                  commit.update->outcome.revisit == Revisit::none;
    if (batch.entries[batch.appended]->takes_place) commit.update->outcome.archive = position;
  }
}

// Returns when the archive is to be tried again at once: it goes on in a new file then, because
// what is on the old one is unknown. Rethrows everything else.
void Committer::on_archive_failure(Batch& batch, const Failure& failure) {
  const bool of_sync = batch.appended == batch.entries.size();
  if (of_sync && !archive_->can_append_again()) {
    batch.lost = true;
    throw;
  }
  if (of_sync) batch.appended = 0;  // nothing of the batch is in the archive any more
  if (failure.code() != Errc::io || ++batch.archive_faults > archive_faults_max) throw;
  log("archive")->error("{}; writing it again", failure.what());
}

void Committer::gather(Entry& entry, StoreBatch& batch, std::vector<Entry*>& origins) {
  Commit& commit = entry.commit;
  for (NewUrl& url : commit.admitted) admit(std::move(url), entry, batch, origins);
  commit.admitted.clear();
  if (commit.update) batch.updates.push_back(std::move(*commit.update));
  if (commit.again)
    batch.updates.push_back(
        {.id = commit.again->id, .outcome = {.attempts = commit.again->attempts}});
  if (commit.host) keep_latest(batch.hosts, std::move(*commit.host));
  for (PatternState& pattern : commit.patterns) keep_latest(batch.patterns, std::move(pattern));
  if (commit.robots) batch.robots.push_back(std::move(*commit.robots));
  if (commit.part) batch.parts.push_back(std::move(*commit.part));
  for (auto& [key, value] : commit.meta) batch.meta.insert_or_assign(key, std::move(value));
  if (commit.run) batch.run = std::move(commit.run);
}

void Committer::admit(NewUrl url, Entry& entry, StoreBatch& batch, std::vector<Entry*>& origins) {
  const std::uint64_t fingerprint = request_fingerprint(url.url, url.request.get());
  if (url.excluded && is_refusal(*url.excluded)) {
    if (refused_.find(fingerprint) || seen_.contains(fingerprint)) return;
    refused_.set(fingerprint, {.seq = static_cast<std::int64_t>(batch.admitted.size())});
  } else if (!take_left_out(url, fingerprint)) {
    if (!seen_.insert(fingerprint)) return note_known(url);
    if (const auto refused = refused_.find(fingerprint)) {
      refused_.erase(fingerprint);
      if (refused->host == 0) {  // refused in this very batch
        const auto place = static_cast<std::size_t>(refused->seq);
        batch.admitted[place] = std::move(url);
        origins[place] = &entry;
        return;
      }
      url.replaces = refused;
    }
  }
  batch.admitted.push_back(std::move(url));
  origins.push_back(&entry);
}

// True for what was refused at its turn and is judged anew: once, since its row is gone then.
bool Committer::take_left_out(const NewUrl& url, std::uint64_t fingerprint) {
  const auto found = left_out_.find(fingerprint);
  if (found == left_out_.end() || url.replaces != found->second) return false;
  left_out_.erase(found);
  return true;
}

void Committer::note_known(const NewUrl& url) const {
  warn_of_checksum(url);
  if (on_known_hop_ && url.depth == 0 && !url.sitemap && !url.request &&
      !url.redirect_chain.empty())
    on_known_hop_();
}

// Rows that were refused in this batch have got their numbers.
void Committer::settle(const StoreBatch& batch, const std::vector<UrlId>& ids) {
  for (std::size_t i = 0; i < ids.size(); ++i)
    if (const auto excluded = batch.admitted[i].excluded; excluded && is_refusal(*excluded))
      refused_.set(request_fingerprint(batch.admitted[i].url, batch.admitted[i].request.get()),
                   ids[i]);
  refused_.settle();
  report_memory();
}

void Committer::count(const StoreBatch& batch) {
  // Additions first: the count of queued URLs must not touch zero while a page's links are added.
  for (const NewUrl& url : batch.admitted) {
    ++(url.excluded ? excluded_ : queued_);
    if (url.replaces) --excluded_;
  }
  for (const UrlUpdate& update : batch.updates) {
    if (update.outcome.state == UrlState::queued) continue;
    bytes_wire_ += update.outcome.bytes_wire;
    if (update.outcome.state == UrlState::fetched) ++fetched_;
    if (update.outcome.state == UrlState::failed) ++failed_;
    if (update.outcome.state == UrlState::excluded) ++excluded_;
    --queued_;
  }
}

StoreTotals Committer::totals() const {
  return {.queued = queued_,
          .fetched = fetched_,
          .failed = failed_,
          .excluded = excluded_,
          .bytes_wire = bytes_wire_};
}

}  // namespace trawl::crawl
