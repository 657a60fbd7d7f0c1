// One c-ares channel a server, because a channel of several tells neither which of them failed nor
// how; and one for each transport, because c-ares 1.18 fails all questions of a channel, UDP or
// not, when a server closes its TCP connection. Callbacks only note; what they noted is delivered
// from handlers of the loop. A question can't be taken back: the channel drops it after
// question_time.
#include "core/http/dns/name_server.hpp"

#include "core/base/limits.hpp"
#include "core/base/result.hpp"

#include <ares.h>
#include <arpa/inet.h>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <netinet/in.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <new>
#include <type_traits>
#include <utility>

namespace trawl::http::dns {
namespace {

constexpr int class_in = 1;
constexpr int udp_answer_bytes_max = 1232;         // unfragmented anywhere (DNS flag day 2020)
constexpr int receive_buffer_bytes = 1024 * 1024;  // a burst of answers; the kernel may cap it

void require_ares() {
  [[maybe_unused]] static const int done = ares_library_init(ARES_LIB_INIT_ALL);
}

struct ChannelDeleter {
  void operator()(ares_channel channel) const { ares_destroy(channel); }
};
using Channel = std::unique_ptr<std::remove_pointer_t<ares_channel>, ChannelDeleter>;

ares_addr_port_node node_of(const ServerAddress& server) {
  ares_addr_port_node node{};
  node.family = server.address.is_v4() ? AF_INET : AF_INET6;
  std::memcpy(&node.addr, server.address.bytes().data(), server.address.bytes().size());
  node.udp_port = node.tcp_port = server.port;
  return node;
}

}  // namespace

struct NameServer::State {
  explicit State(const coro::Executor& executor) : timer(executor) {}

  coro::asio::steady_timer timer;
  std::vector<Reply> replies;  // to be delivered
  std::size_t out = 0;         // questions without a reply
  bool timer_runs = false;
  bool posted = false;
  bool closed = false;
  Channel channel;  // last: its end calls back into the state
};

namespace {

struct Question {
  std::vector<NameServer::Reply>& replies;
  std::size_t& out;
  const bool& closed;
  std::uint64_t number;
};

void on_answer(void* argument, int status, int, unsigned char* message, int size) {
  const std::unique_ptr<Question> question{static_cast<Question*>(argument)};
  --question->out;
  if (question->closed) return;
  NameServer::Reply reply{.question = question->number};
  // A refusal is an answer too: c-ares gives it with a status of its own.
  if (message != nullptr && size > 0)
    reply.message.assign(message, message + size);
  else
    reply.failure = ares_strerror(status);
  reply.silence = status == ARES_ETIMEOUT;
  question->replies.push_back(std::move(reply));
}

}  // namespace

NameServer::NameServer(const coro::Executor& executor, SocketPoll& poll,
                       const ServerAddress& address, Transport transport, Millis question_time,
                       Listener& listener)
    : poll_(poll),
      listener_(listener),
      question_time_(question_time),
      state_(std::make_shared<State>(executor)) {
  require_ares();
  char no_file[] = "/dev/null";  // nothing of the system's configuration
  char lookups[] = "b";
  ares_options options{};
  options.flags = ARES_FLAG_EDNS | ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES |
                  ARES_FLAG_NOCHECKRESP |
                  (transport == Transport::tcp ? ARES_FLAG_USEVC : ARES_FLAG_IGNTC);
  options.timeout = static_cast<int>(question_time.count());
  options.tries = 1;
  options.lookups = lookups;
  options.ednspsz = udp_answer_bytes_max;
  options.socket_receive_buffer_size = receive_buffer_bytes;
  options.resolvconf_path = no_file;
  options.sock_state_cb_data = this;
  options.sock_state_cb = [](void* self, ares_socket_t fd, int read, int write) {
    auto& server = *static_cast<NameServer*>(self);
    if (read != 0 || write != 0)
      server.poll_.watch(fd, read != 0, write != 0, server);
    else
      server.poll_.forget(fd);  // it is about to be closed
  };
  ares_channel channel = nullptr;
  const int status = ares_init_options(
      &channel, &options,
      ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS | ARES_OPT_EDNSPSZ |
          ARES_OPT_SOCK_RCVBUF | ARES_OPT_RESOLVCONF | ARES_OPT_SOCK_STATE_CB | ARES_OPT_DOMAINS);
  if (status != ARES_SUCCESS)
    throw Failure(Errc::internal, std::string{"c-ares: "} + ares_strerror(status));
  state_->channel.reset(channel);
  ares_addr_port_node node = node_of(address);
  if (ares_set_servers_ports(channel, &node) != ARES_SUCCESS) throw std::bad_alloc();
}

NameServer::~NameServer() {
  state_->closed = true;
  state_->timer.cancel();
  state_->channel.reset();
}

void NameServer::ask(const std::string& name, RecordType type, std::uint64_t question) {
  State& state = *state_;
  ++state.out;
  auto asked = std::make_unique<Question>(state.replies, state.out, state.closed, question);
  ares_query(state.channel.get(), name.c_str(), class_in, static_cast<int>(type), &on_answer,
             asked.release());
  if (!state.replies.empty()) deliver_soon();
  watch_time();
}

void NameServer::on_ready(int fd, bool readable, bool writable, bool failed) {
  ares_process_fd(state_->channel.get(), readable || failed ? fd : ARES_SOCKET_BAD,
                  writable ? fd : ARES_SOCKET_BAD);
}

void NameServer::on_batch_end() {
  deliver();
}

void NameServer::deliver() {
  const auto replies = std::exchange(state_->replies, {});
  for (const Reply& reply : replies) listener_.on_reply(reply);
}

void NameServer::deliver_soon() {
  if (std::exchange(state_->posted, true)) return;
  coro::asio::post(state_->timer.get_executor(), [this, state = state_] {
    state->posted = false;
    if (!state->closed) deliver();
  });
}

// c-ares looks at the time only when it is called.
void NameServer::watch_time() {
  if (state_->out == 0 || std::exchange(state_->timer_runs, true)) return;
  state_->timer.expires_after(question_time_ / 4);
  state_->timer.async_wait([this, state = state_](const boost::system::error_code&) {
    if (state->closed) return;
    state->timer_runs = false;
    ares_process_fd(state->channel.get(), ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    deliver();
    watch_time();
  });
}

std::vector<ServerAddress> system_servers() {
  require_ares();
  ares_channel made = nullptr;
  if (ares_init(&made) != ARES_SUCCESS) return {};
  const Channel channel{made};
  ares_addr_port_node* nodes = nullptr;
  if (ares_get_servers_ports(channel.get(), &nodes) != ARES_SUCCESS) return {};
  std::vector<ServerAddress> servers;
  for (const auto* node = nodes; node != nullptr; node = node->next) {
    char text[INET6_ADDRSTRLEN] = "";
    ::inet_ntop(node->family, &node->addr, text, sizeof text);
    const auto address = IpAddress::parse(text);
    const int port = node->udp_port != 0 ? node->udp_port : 53;
    if (address && servers.size() < limits::dns_servers_max)
      servers.push_back({*address, static_cast<std::uint16_t>(port)});
  }
  ares_free_data(nodes);
  return servers;
}

}  // namespace trawl::http::dns
