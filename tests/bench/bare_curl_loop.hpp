#pragma once
// What libcurl costs without us: a curl_multi_socket_action loop on epoll, with descriptors that
// stay registered between transfers, discarding the bodies or handing them on. The options are
// those that core/http sets, so that the difference is the session's alone.

#include <curl/curl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace trawl::bench {
inline std::size_t discard(char*, std::size_t, std::size_t count, void*) {
  return count;
}

struct BareOptions {
  std::size_t (*write)(char*, std::size_t, std::size_t, void*) = &discard;
  void* output = nullptr;           // write's last argument
  const char* ca_file = nullptr;    // whom to trust; null: the system's
  curl_slist* addresses = nullptr;  // CURLOPT_RESOLVE
};

class BareLoop {
 public:
  BareLoop(const std::vector<std::string>& urls, std::size_t at_once, const BareOptions& options)
      : urls_(urls),
        options_(options),
        epoll_(::epoll_create1(EPOLL_CLOEXEC)),
        multi_(curl_multi_init()) {
    curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &BareLoop::on_socket);
    curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &BareLoop::on_timer);
    curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, static_cast<long>(at_once));
    headers_ = curl_slist_append(headers_, "User-Agent: bench");
    headers_ = curl_slist_append(
        headers_, "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8");
    while (running_ < at_once && next_ < urls_.size()) start(make_easy());
  }
  ~BareLoop() {
    for (CURL* easy : easies_) {
      curl_multi_remove_handle(multi_, easy);
      curl_easy_cleanup(easy);
    }
    curl_multi_cleanup(multi_);
    curl_slist_free_all(headers_);
    ::close(epoll_);
  }
  BareLoop(const BareLoop&) = delete;
  BareLoop& operator=(const BareLoop&) = delete;

  std::size_t run() {
    std::array<epoll_event, 256> events;
    int still = 0;
    while (running_ > 0) {
      const int count = ::epoll_wait(epoll_, events.data(), int{events.size()}, wait_ms());
      for (int i = 0; i < count; ++i) {
        const auto& event = events[static_cast<std::size_t>(i)];
        curl_multi_socket_action(multi_, event.data.fd,
                                 ((event.events & EPOLLIN) != 0 ? CURL_CSELECT_IN : 0) |
                                     ((event.events & EPOLLOUT) != 0 ? CURL_CSELECT_OUT : 0),
                                 &still);
      }
      if (wait_ms() == 0) {
        timer_armed_ = false;
        curl_multi_socket_action(multi_, CURL_SOCKET_TIMEOUT, 0, &still);
      }
      collect();
    }
    return good_;
  }

 private:
  CURL* make_easy() {
    CURL* easy = curl_easy_init();
    easies_.push_back(easy);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_HTTP_CONTENT_DECODING, 0L);
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers_);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, options_.write);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, options_.output);
    if (options_.ca_file != nullptr) curl_easy_setopt(easy, CURLOPT_CAINFO, options_.ca_file);
    curl_easy_setopt(easy, CURLOPT_RESOLVE, options_.addresses);
    return easy;
  }

  void start(CURL* easy) {
    curl_easy_setopt(easy, CURLOPT_URL, urls_[next_++].c_str());
    curl_multi_add_handle(multi_, easy);
    ++running_;
  }

  void collect() {
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
      CURL* easy = message->easy_handle;
      long status = 0;
      curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
      good_ += message->data.result == CURLE_OK && status == 200 ? 1 : 0;
      curl_multi_remove_handle(multi_, easy);
      --running_;
      if (next_ < urls_.size()) start(easy);
    }
  }

  int wait_ms() const {
    if (!timer_armed_) return -1;
    const auto left = timer_at_ - std::chrono::steady_clock::now();
    const auto ms = std::chrono::ceil<std::chrono::milliseconds>(left).count();
    return ms > 0 ? static_cast<int>(ms) : 0;
  }

  static int on_timer(CURLM*, long timeout_ms, void* self) {
    auto& loop = *static_cast<BareLoop*>(self);
    loop.timer_armed_ = timeout_ms >= 0;
    loop.timer_at_ = std::chrono::steady_clock::now() + std::chrono::milliseconds{timeout_ms};
    return 0;
  }

  static int on_socket(CURL*, curl_socket_t fd, int what, void* self, void*) {
    if (what == CURL_POLL_REMOVE) return 0;  // it stays registered
    auto& loop = *static_cast<BareLoop*>(self);
    const std::uint32_t wanted =
        ((what & CURL_POLL_IN) != 0 ? EPOLLIN : 0u) | ((what & CURL_POLL_OUT) != 0 ? EPOLLOUT : 0u);
    const auto index = static_cast<std::size_t>(fd);
    if (index >= loop.registered_.size()) loop.registered_.resize(index + 64);
    if (loop.registered_[index] == wanted) return 0;
    epoll_event event{.events = wanted, .data = {.fd = fd}};
    if (::epoll_ctl(loop.epoll_, EPOLL_CTL_MOD, fd, &event) != 0 && errno == ENOENT)
      ::epoll_ctl(loop.epoll_, EPOLL_CTL_ADD, fd, &event);
    loop.registered_[index] = wanted;
    return 0;
  }

  const std::vector<std::string>& urls_;
  const BareOptions options_;
  int epoll_;
  CURLM* multi_;
  curl_slist* headers_ = nullptr;
  std::vector<CURL*> easies_;
  std::vector<std::uint32_t> registered_;  // by descriptor
  std::size_t next_ = 0;
  std::size_t running_ = 0;
  std::size_t good_ = 0;
  bool timer_armed_ = false;
  std::chrono::steady_clock::time_point timer_at_;
};

// Fetches all URLs, so many at once; how many were answered with 200.
inline std::size_t fetch_bare(const std::vector<std::string>& urls, std::size_t at_once,
                              const BareOptions& options = {}) {
  return BareLoop{urls, at_once, options}.run();
}

}  // namespace trawl::bench
