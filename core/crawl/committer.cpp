// Each caller leaves its entry in a list and runs flush() on the writer thread; the first flush of
// a crowd commits them all, and the others find theirs done. So the batch is as large as the disk
// is slow, and a lone commit waits for nobody.
#include "core/crawl/committer.hpp"

#include "core/base/limits.hpp"
#include "core/web/digest.hpp"

namespace trawl::crawl {

Committer::Committer(Store& store, Archive* archive)
    : store_(store), archive_(archive), writer_("writer", limits::commits_queued_max) {}

coro::Task<> Committer::open() {
  return writer_.run([this] {
    if (archive_ != nullptr) archive_->recover(store_.marks());
    store_.each_url([this](const KnownUrl& known) {
      const std::uint64_t fingerprint = web::fingerprint(known.url);
      known.beyond_depth ? void(beyond_depth_.emplace(fingerprint, known.id))
                         : void(seen_.insert(fingerprint));
    });
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

coro::Task<bool> Committer::requeue_begun() {
  return writer_.run([this] { return !store_.meta(requeue_cursor_key).value_or("").empty(); });
}

coro::Task<bool> Committer::requeue() {
  return writer_.run([this] {
    const bool more = store_.requeue(limits::requeued_urls_max);
    take_totals();
    return more;
  });
}

coro::Task<std::vector<Published>> Committer::commit(Commit commit) {
  // Shared with the list: a caller that is cancelled while the writer's queue is full leaves its
  // entry behind, to be committed by whoever flushes next.
  const auto entry = std::make_shared<Entry>();
  entry->commit = std::move(commit);
  {
    const std::lock_guard lock{mutex_};
    waiting_.push_back(entry);
  }
  auto flushing = writer_.run([this] { flush(); });
  co_await std::move(flushing);
  if (entry->error) std::rethrow_exception(entry->error);
  co_return std::move(entry->published);
}

void Committer::flush() {
  Entries entries;
  {
    const std::lock_guard lock{mutex_};
    entries.swap(waiting_);
  }
  if (entries.empty()) return;
  // What is known of URLs in memory is ahead of the store after a failure: nothing may follow it.
  if (!broken_) {
    try {
      return write(entries);
    } catch (...) {
      broken_ = std::current_exception();
      if (archive_ != nullptr) archive_->abandon_batch();
    }
  }
  for (const auto& entry : entries) entry->error = broken_;
}

void Committer::write(Entries& entries) {
  StoreBatch batch;
  std::vector<Entry*> origins;  // of batch.admitted
  bool archived = false;
  for (const auto& entry : entries) {
    Commit& commit = entry->commit;
    if (commit.archived) {
      const ArchivePosition position = archive_->append(*commit.archived);
      // A record whose page stayed as it was keeps that page's place.
      if (commit.update && !commit.update->outcome.archive)
        commit.update->outcome.archive = position;
      commit.archived.reset();
      archived = true;
    }
    gather(*entry, batch, origins);
  }
  if (archived) {
    archive_->sync();
    batch.marks = archive_->take_marks();
  }
  if (cookies_ != nullptr) batch.cookies = cookies_->take_changes();
  const std::vector<UrlId> ids = store_.apply(batch);
  settle(batch, ids);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    NewUrl& url = batch.admitted[i];
    if (url.excluded) continue;
    origins[i]->published.push_back({std::move(url.host),
                                     {.id = ids[i],
                                      .url = std::move(url.url),
                                      .depth = url.depth,
                                      .redirect_chain = std::move(url.redirect_chain),
                                      .sitemap = url.sitemap}});
  }
  count(batch);
}

void Committer::gather(Entry& entry, StoreBatch& batch, std::vector<Entry*>& origins) {
  Commit& commit = entry.commit;
  for (NewUrl& url : commit.admitted) admit(std::move(url), entry, batch, origins);
  commit.admitted.clear();
  if (commit.update) batch.updates.push_back(std::move(*commit.update));
  if (commit.host) batch.hosts.push_back(std::move(*commit.host));
  if (commit.robots) batch.robots.push_back(std::move(*commit.robots));
}

void Committer::admit(NewUrl url, Entry& entry, StoreBatch& batch, std::vector<Entry*>& origins) {
  const std::uint64_t fingerprint = web::fingerprint(url.url);
  const auto refused = beyond_depth_.find(fingerprint);
  const bool refused_before = refused != beyond_depth_.end();
  if (url.excluded == Errc::depth) {
    if (refused_before || seen_.contains(fingerprint)) return;
    beyond_depth_.emplace(fingerprint,
                          UrlId{.seq = static_cast<std::int64_t>(batch.admitted.size())});
  } else {
    if (!seen_.insert(fingerprint)) return;
    if (refused_before) {
      const UrlId id = refused->second;
      beyond_depth_.erase(refused);
      if (id.host == 0) {  // refused in this very batch
        const auto place = static_cast<std::size_t>(id.seq);
        batch.admitted[place] = std::move(url);
        origins[place] = &entry;
        return;
      }
      url.replaces = id;
    }
  }
  batch.admitted.push_back(std::move(url));
  origins.push_back(&entry);
}

// Rows that were refused in this batch have got their numbers.
void Committer::settle(const StoreBatch& batch, const std::vector<UrlId>& ids) {
  for (std::size_t i = 0; i < ids.size(); ++i)
    if (batch.admitted[i].excluded == Errc::depth)
      beyond_depth_[web::fingerprint(batch.admitted[i].url)] = ids[i];
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

coro::Task<std::vector<QueuedUrl>> Committer::queued(std::int64_t host, std::int64_t after_seq,
                                                     std::size_t max_urls) {
  return writer_.run([=, this] { return store_.queued(host, after_seq, max_urls); });
}

coro::Task<> Committer::each_seed(std::function<void(const KnownSeed&)> visit) {
  return writer_.run([this, visit = std::move(visit)] { store_.each_seed(visit); });
}

coro::Task<std::vector<HostState>> Committer::hosts() {
  return writer_.run([this] { return store_.hosts(); });
}

coro::Task<std::vector<std::int64_t>> Committer::hosts_with_queue() {
  return writer_.run([this] { return store_.hosts_with_queue(); });
}

coro::Task<std::optional<RobotsState>> Committer::robots(std::string origin) {
  return writer_.run([this, origin = std::move(origin)] { return store_.robots(origin); });
}

coro::Task<std::optional<Outcome>> Committer::result(UrlId id) {
  return writer_.run([this, id] { return store_.result(id); });
}

StoreTotals Committer::totals() const {
  return {.queued = queued_,
          .fetched = fetched_,
          .failed = failed_,
          .excluded = excluded_,
          .bytes_wire = bytes_wire_};
}

}  // namespace trawl::crawl
