#pragma once
// NameServer: questions to one name server over one transport, by c-ares on the event loop. The
// only files that know c-ares. No retries: those are the Lookup's. Loop thread only.

#include "core/base/clock.hpp"
#include "core/coro/task.hpp"
#include "core/http/dns/answer.hpp"
#include "core/http/dns/server_address.hpp"
#include "core/http/socket_poll.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace trawl::http::dns {

enum class Transport : std::uint8_t { udp, tcp };

class NameServer final : private SocketPoll::Owner {
 public:
  struct Reply {
    std::uint64_t question = 0;
    std::vector<std::uint8_t> message;  // empty: there is none, because of `failure`
    std::string failure;
    bool silence = false;  // the failure is that nothing came

    bool truncated() const { return message.size() > 2 && (message[2] & 0x02) != 0; }
  };
  class Listener {
   public:
    // Once for each question, never from within ask().
    virtual void on_reply(Reply reply) = 0;

   protected:
    ~Listener() = default;
  };

  NameServer(const coro::Executor& executor, SocketPoll& poll, const ServerAddress& address,
             Transport transport, Millis question_time, Listener& listener);
  ~NameServer();
  NameServer(const NameServer&) = delete;
  NameServer& operator=(const NameServer&) = delete;

  // question: a number of the caller's that comes back with the reply.
  void ask(const std::string& name, RecordType type, std::uint64_t question);

 private:
  struct State;

  void on_ready(int fd, bool readable, bool writable, bool failed) override;
  void on_batch_end() override;
  void deliver();
  void deliver_soon();
  void watch_time();

  SocketPoll& poll_;
  Listener& listener_;
  Millis question_time_;
  // Shared with pending handlers, which may run after this object is gone.
  std::shared_ptr<State> state_;
};

// The servers of /etc/resolv.conf, at most limits::dns_servers_max of them.
std::vector<ServerAddress> system_servers();

}  // namespace trawl::http::dns
