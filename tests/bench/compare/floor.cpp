// What the system allows at best: a list of URLs fetched by a bare libcurl multi loop, and by an
// epoll loop that knows just enough HTTP/1.1 for a well-behaved server. No record is kept; the
// bodies are thrown away or appended to one file. With -digests the loop also makes the digests
// that trawl keeps of each body: SHA-256, of itself and of the block it is in.
//   floor curl|curl-discard|curl-digests|epoll|epoll-discard LIST CONNECTIONS FILE [CA_FILE PORT]
// With a port every name has the address 127.0.0.1 there.
#include "tests/bench/bare_curl_loop.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

// Of all bodies together: what that of each would cost, but for its beginning and end.
class Digests {
 public:
  Digests() {
    for (EVP_MD_CTX* state : states_) EVP_DigestInit(state, EVP_sha256());
  }
  ~Digests() {
    for (EVP_MD_CTX* state : states_) EVP_MD_CTX_free(state);
  }
  Digests(const Digests&) = delete;
  Digests& operator=(const Digests&) = delete;
  void update(std::string_view bytes) {
    for (EVP_MD_CTX* state : states_) EVP_DigestUpdate(state, bytes.data(), bytes.size());
  }

 private:
  EVP_MD_CTX* states_[2] = {EVP_MD_CTX_new(), EVP_MD_CTX_new()};
};

// Bodies gathered to a megabyte and then written; nowhere without a file.
class Output {
 public:
  explicit Output(const char* path)
      : file_(path == nullptr ? -1 : ::open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)) {
    buffer_.reserve(2 << 20);
  }
  ~Output() {
    flush();
    if (file_ >= 0) ::close(file_);
  }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  void make_digests() { digests_.emplace(); }
  void append(std::string_view bytes) {
    if (digests_) digests_->update(bytes);
    if (file_ < 0) return;
    buffer_.append(bytes);
    if (buffer_.size() > 1 << 20) flush();
  }

 private:
  void flush() {
    for (std::string_view rest = buffer_; !rest.empty();) {
      const auto count = ::write(file_, rest.data(), rest.size());
      if (count <= 0) std::exit(1);
      rest.remove_prefix(static_cast<std::size_t>(count));
    }
    buffer_.clear();
  }
  int file_;
  std::string buffer_;
  std::optional<Digests> digests_;
};

struct Target {
  std::string host;  // with the port
  std::string path;
};

Target target_of(std::string_view url) {
  url.remove_prefix(std::strlen("http://"));
  const auto slash = url.find('/');
  return {std::string{url.substr(0, slash)}, std::string{url.substr(slash)}};
}

// One connection of the epoll loop: asks for the next page of its host when one has come.
struct Connection {
  int fd = -1;
  std::vector<std::string> requests;  // that are left, last first
  std::string head;                   // of the answer, while it comes
  std::size_t body_left = 0;
  bool in_body = false;
};

int connect_to(const std::string& host) {
  const auto colon = host.find(':');
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::atoi(host.c_str() + colon + 1)));
  ::inet_pton(AF_INET, host.substr(0, colon).c_str(), &address.sin_addr);
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return -1;
  ::fcntl(fd, F_SETFL, O_NONBLOCK);
  return fd;
}

class EpollLoop {
 public:
  EpollLoop(const std::vector<std::string>& urls, std::size_t at_once, Output& output)
      : epoll_(::epoll_create1(EPOLL_CLOEXEC)), output_(output), buffer_(64 << 10, '\0') {
    connections_.resize(at_once);
    std::map<std::string, std::vector<std::string>> paths;
    for (const auto& url : urls) {
      const Target target = target_of(url);
      paths[target.host].push_back(target.path);
    }
    if (paths.size() != 1) std::exit(2);
    const auto& [host, all] = *paths.begin();
    for (std::size_t i = 0; i < all.size(); ++i)
      connections_[i % at_once].requests.push_back("GET " + all[i] + " HTTP/1.1\r\nHost: " + host +
                                                   "\r\n\r\n");
    for (std::size_t i = 0; i < at_once; ++i) {
      if (connections_[i].requests.empty()) continue;
      connections_[i].fd = connect_to(host);
      if (connections_[i].fd < 0) continue;
      epoll_event event{.events = EPOLLIN, .data = {.u64 = i}};
      ::epoll_ctl(epoll_, EPOLL_CTL_ADD, connections_[i].fd, &event);
      ++open_;
      ask(connections_[i]);
    }
  }
  ~EpollLoop() { ::close(epoll_); }
  EpollLoop(const EpollLoop&) = delete;
  EpollLoop& operator=(const EpollLoop&) = delete;

  std::size_t run() {
    std::vector<epoll_event> events(256);
    while (open_ > 0) {
      const int count = ::epoll_wait(epoll_, events.data(), 256, -1);
      for (int i = 0; i < count; ++i)
        read(connections_[events[static_cast<std::size_t>(i)].data.u64]);
    }
    return good_;
  }

 private:
  void ask(Connection& connection) {
    if (connection.requests.empty()) return close(connection);
    const std::string request = std::move(connection.requests.back());
    connection.requests.pop_back();
    if (::send(connection.fd, request.data(), request.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(request.size()))
      close(connection);
  }
  void close(Connection& connection) {
    ::close(connection.fd);
    --open_;
  }
  void read(Connection& connection) {
    for (;;) {
      const auto count = ::recv(connection.fd, buffer_.data(), buffer_.size(), 0);
      if (count < 0 && errno == EAGAIN) return;
      if (count <= 0) return close(connection);
      if (!take(connection, {buffer_.data(), static_cast<std::size_t>(count)})) return;
      if (static_cast<std::size_t>(count) < buffer_.size()) return;
    }
  }
  // False: the answer is whole, and the next one asked for.
  bool take(Connection& connection, std::string_view bytes) {
    if (!connection.in_body) {
      connection.head.append(bytes);
      const auto end = connection.head.find("\r\n\r\n");
      if (end == std::string::npos) return true;
      const auto length = connection.head.find("Content-Length: ");
      connection.body_left =
          static_cast<std::size_t>(std::atoll(connection.head.c_str() + length + 16));
      good_ += connection.head.starts_with("HTTP/1.1 200") ? 1 : 0;
      connection.in_body = true;
      bytes.remove_prefix(bytes.size() - (connection.head.size() - end - 4));
      connection.head.clear();
    }
    output_.append(bytes);
    connection.body_left -= std::min(connection.body_left, bytes.size());
    if (connection.body_left > 0) return true;
    connection.in_body = false;
    ask(connection);
    return false;
  }

  int epoll_;
  Output& output_;
  std::string buffer_;
  std::vector<Connection> connections_;
  std::size_t open_ = 0;
  std::size_t good_ = 0;
};

std::size_t append(char* data, std::size_t, std::size_t count, void* output) {
  static_cast<Output*>(output)->append({data, count});
  return count;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 5 && count != 7) return 2;
  const std::string_view mode = arguments[1];
  std::vector<std::string> urls;
  std::ifstream list{arguments[2]};
  for (std::string url; std::getline(list, url);) urls.push_back(url);
  const auto at_once = static_cast<std::size_t>(std::atoll(arguments[3]));
  Output output{mode.ends_with("discard") ? nullptr : arguments[4]};
  if (mode.ends_with("digests")) output.make_digests();
  trawl::bench::BareOptions options{.write = &append, .output = &output};
  if (count == 7) {
    options.ca_file = arguments[5];
    const std::string everywhere = std::string{"*:"} + arguments[6] + ":127.0.0.1";
    options.addresses = curl_slist_append(nullptr, everywhere.c_str());
  }
  const std::size_t good = mode.starts_with("curl")
                               ? trawl::bench::fetch_bare(urls, at_once, options)
                               : EpollLoop{urls, at_once, output}.run();
  curl_slist_free_all(options.addresses);
  std::printf("%zu of %zu\n", good, urls.size());
  return good == urls.size() ? 0 : 1;
}
