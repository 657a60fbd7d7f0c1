// What is read of the store: between two transactions, on the writer thread like these, but for
// what each page asks.
#include "core/crawl/engine/committer.hpp"

#include <utility>

namespace trawl::crawl {
namespace {

constexpr std::size_t recalls_waiting_max = 1024;

}  // namespace

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

coro::Task<LaneSet> Committer::lanes() {
  return writer_.run([this] { return store_.lanes(); });
}

coro::Task<std::uint64_t> Committer::bytes_of_done() {
  return writer_.run([this] { return store_.bytes_of_done(); });
}

coro::Task<std::vector<PartUpdate>> Committer::parts() {
  return writer_.run([this] { return store_.parts(); });
}

coro::Task<std::vector<web::HstsHost>> Committer::hsts() {
  return writer_.run([this] { return store_.hsts(); });
}

coro::Task<std::vector<PatternState>> Committer::patterns() {
  return writer_.run([this] { return store_.patterns(); });
}

coro::Task<std::optional<RobotsState>> Committer::robots(std::string origin) {
  return writer_.run([this, origin = std::move(origin)] { return store_.robots(origin); });
}

// Each page of a round that fetches again asks for it. On the writer thread every one of them would
// wait for a commit, and the commit for them to have something to be committed.
coro::Task<Recalled> Committer::recall(UrlId id) {
  std::call_once(recalled_, [this] {
    recalls_ = std::make_unique<coro::Worker>("recall", recalls_waiting_max);
  });
  auto reading = recalls_->run([this, id]() -> std::optional<Recalled> {
    if (!std::exchange(has_looked_, true)) reader_ = store_.reader();
    return reader_ ? std::optional{reader_->recall(id)} : std::nullopt;
  });
  if (auto known = co_await std::move(reading)) co_return std::move(*known);
  auto asking = writer_.run([this, id] { return Recalled{store_.result(id), store_.history(id)}; });
  co_return co_await std::move(asking);
}

coro::Task<std::optional<QueuedUrl>> Committer::redirecting(UrlId from, std::uint64_t fingerprint) {
  return writer_.run([=, this] { return store_.redirecting(from, fingerprint); });
}

}  // namespace trawl::crawl
