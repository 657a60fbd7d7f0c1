#pragma once
// CrawlControl: what all shards of a job share while it runs: whether to go on, the limits that
// hold over all of them, and the figures that people watch. Any thread.

#include "core/base/clock.hpp"
#include "core/base/error.hpp"
#include "core/crawl/engine/arriving.hpp"
#include "core/crawl/job/job.hpp"
#include "core/crawl/job/url_sources.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace trawl::crawl {

enum class StopReason : std::uint8_t { none, done, interrupted, limit };

// Who keeps fetches from starting; each lifts its own pause alone.
enum class PauseReason : std::uint8_t {
  user = 1,
  disk_low = 2,   // under limits.min_free_disk
  disk_full = 4,  // commits wait for room
  no_room = 8,    // a body in tmp/ found none
};

class CrawlControl {
 public:
  explicit CrawlControl(const LimitSpec& limits) { set_limits(limits); }

  // One that is reached already stops the run. Any thread.
  void change_limits(const LimitSpec& limits);
  LimitSpec limits() const;

  // Called on every change, from any thread; registered before the shards start.
  void on_change(std::function<void()> listener) { listeners_.push_back(std::move(listener)); }

  // The first reason stays.
  void request_stop(StopReason reason, std::string detail = {});
  StopReason reason() const { return reason_.load(); }
  bool stopping() const { return reason() != StopReason::none; }
  const std::string& detail() const { return detail_; }  // once stopping()

  // While something may still bring URLs an empty queue is no end.
  UrlSources& sources() { return *sources_; }
  const std::shared_ptr<UrlSources>& shared_sources() const { return sources_; }
  void on_queue_empty() {
    if (sources_->end()) request_stop(StopReason::done);
  }

  // The scope has become wider than it was when URLs were refused: the run doesn't end before they
  // have been judged anew. Any thread, while something is queued or may bring URLs.
  void note_wider() {
    if (!wider_.exchange(true)) sources_->open();
  }
  bool is_wider() const { return wider_; }
  // Who judges them: a source until that is done.
  void begin_judging() { wider_ = false; }

  // A seed has redirected to what is known already: the same, before that is a seed's hop, too.
  void note_known_hop() {
    if (!known_hop_.exchange(true)) sources_->open();
  }
  bool has_known_hop() const { return known_hop_; }
  void begin_hops() { known_hop_ = false; }

  void pause(PauseReason reason, bool paused);
  bool paused() const { return pauses_.load() != 0; }

  // A body of so many bytes so far found no room in tmp/: nothing is begun until there is as much
  // and some more.
  void lack_room(std::uint64_t bytes, const Error& why);
  bool lacks_room() const { return (pauses_.load() & bit(PauseReason::no_room)) != 0; }
  std::uint64_t room_wanted_bytes() const { return room_wanted_bytes_.load(); }
  void forget_room_wanted() { room_wanted_bytes_ = 0; }
  // Says once that the job waits, for whichever reason came first.
  void say_disk_full(const Error& why);
  void say_room_again();

  // A place under limits.pages; given back by end_page when no page came of it.
  bool begin_page();
  // bytes_wire: what count_bytes() hasn't had of it.
  void end_page(bool fetched, std::uint64_t bytes_wire);
  // Of a body that is too large to wait for its end.
  void count_bytes(std::uint64_t bytes);
  ArrivingBodies& arriving() { return arriving_; }
  // Pages and bytes of earlier runs count too, but for those of rounds that are over.
  void start_from(std::uint64_t pages, std::uint64_t bytes_wire);
  // So many of what start_from() is told are of such rounds. Before it.
  void leave_out(std::uint64_t pages, std::uint64_t bytes_wire);

  void count_error(Errc code) { ++errors_[static_cast<std::size_t>(code)]; }
  void count_retry() { ++retries_; }
  // Whether this failed start URL is among the first few, which a user wants to be told of.
  bool begin_seed_report() { return seed_reports_++ < seed_reports_max; }

  struct Figures {
    std::uint64_t pages = 0;       // of this run
    std::uint64_t bytes_wire = 0;  // of this run
    std::uint64_t retries = 0;
    ArrivingBodies::Sum arriving;
    std::vector<std::pair<Errc, std::uint64_t>> errors;  // most frequent first
  };
  Figures figures() const;

 private:
  static unsigned bit(PauseReason reason) { return static_cast<unsigned>(reason); }
  void set_limits(const LimitSpec& limits);
  void stop_at_pages(std::uint64_t pages_max);
  void stop_at_bytes(std::uint64_t bytes_max);
  static constexpr std::uint64_t off = UINT64_MAX;
  static constexpr int seed_reports_max = 10;

  void notify() const;

  mutable std::mutex mutex_;
  LimitSpec limits_;  // guarded by mutex_
  // Of limits_, for those who ask for each page.
  std::atomic<std::uint64_t> pages_max_ = off;
  std::atomic<std::uint64_t> bytes_max_ = off;
  std::vector<std::function<void()>> listeners_;  // constant while shards run
  std::atomic<StopReason> reason_ = StopReason::none;
  std::string detail_;  // written before reason_
  std::atomic<bool> stop_claimed_ = false;
  // May outlive this: who pushes URLs holds it.
  std::shared_ptr<UrlSources> sources_ = std::make_shared<UrlSources>();
  std::atomic<bool> wider_ = false;
  std::atomic<bool> known_hop_ = false;
  std::atomic<unsigned> pauses_ = 0;  // bits of PauseReason
  std::atomic<std::uint64_t> room_wanted_bytes_ = 0;
  std::atomic<bool> said_disk_full_ = false;
  std::atomic<std::uint64_t> pages_reserved_ = 0;
  std::atomic<std::uint64_t> pages_ = 0;
  std::atomic<std::uint64_t> bytes_ = 0;
  ArrivingBodies arriving_;
  std::atomic<std::uint64_t> retries_ = 0;
  std::atomic<int> seed_reports_ = 0;
  std::atomic<std::uint64_t> earlier_pages_ = 0;
  std::atomic<std::uint64_t> earlier_bytes_ = 0;
  std::uint64_t left_out_pages_ = 0;  // this and below constant once it has started
  std::uint64_t left_out_bytes_ = 0;
  std::array<std::atomic<std::uint64_t>, 64> errors_{};
};

}  // namespace trawl::crawl
