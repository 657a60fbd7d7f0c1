#pragma once
// PushQueue: URLs that others bring while a run goes on, in a bounded line; who brings them waits
// until the run has committed them. It may outlive the run: then they are told so.

#include "core/base/result.hpp"
#include "core/coro/channel.hpp"
#include "core/coro/task.hpp"
#include "core/crawl/job/url_sources.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace trawl::crawl {

// What became of the URLs of a push.
struct Pushed {
  std::size_t added = 0;    // queued
  std::size_t known = 0;    // queued or done before, or twice in the push
  std::size_t invalid = 0;  // none to fetch; each has a record that says why
  bool operator==(const Pushed&) const = default;
};

class PushQueue {
 public:
  static constexpr std::size_t pushes_max = 16;

  // What somebody brought. Destroyed without an answer, it tells him that the run has ended.
  class Push {
   public:
    using Answers = coro::Channel<Result<Pushed>>;

    Push(std::vector<std::string> brought, UrlSource held)
        : urls(std::move(brought)),
          answers_(std::make_shared<Answers>(1)),
          source_(std::move(held)) {}
    Push(Push&&) = default;
    Push& operator=(Push&&) = default;
    ~Push() {
      if (answers_) answers_->close();
    }

    std::shared_ptr<Answers> answers() const { return answers_; }
    void answer(Result<Pushed> result) { answers_->try_send(result); }

    std::vector<std::string> urls;

   private:
    std::shared_ptr<Answers> answers_;
    UrlSource source_;  // the run doesn't end as done before this is gone
  };

  // Any loop. source: from before the call on, so that a run which is about to begin waits.
  static coro::Task<Result<Pushed>> push(std::shared_ptr<PushQueue> queue, UrlSource source,
                                         std::vector<std::string> urls);

  // The run's side. close(): what comes is told that the run has ended; shut(): what is in line,
  // too.
  coro::Channel<Push>& line() { return line_; }
  void close() { line_.close(); }
  void shut();

 private:
  coro::Channel<Push> line_{pushes_max};
};

}  // namespace trawl::crawl
