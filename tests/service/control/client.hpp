#pragma once
// A client of blocking sockets: sends what it is told, byte for byte, and reads answers.

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace trawl::test {

struct Received {
  int status = 0;
  std::map<std::string, std::string> fields;  // names in lower case
  std::string body;
  bool whole = false;  // its end came as its framing says

  std::string field(const std::string& name) const {
    const auto found = fields.find(name);
    return found == fields.end() ? std::string{} : found->second;
  }
};

class Client {
 public:
  // Reads wait 10 s at most. receive_bytes: of the kernel's buffer; 0: as it comes.
  explicit Client(std::uint16_t port, int receive_bytes = 0);
  ~Client();
  Client(Client&& other) noexcept;
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  bool send(std::string_view bytes);
  // "GET /path", with a Host, a body and its length; fields end in "\r\n" each.
  void ask(std::string_view method_and_target, std::string_view fields = {},
           std::string_view body = {});
  // head_only: the answer to a HEAD.
  Received receive(bool head_only = false);
  // What comes until the text is there, the connection ends or the time is up.
  std::string read_until(std::string_view text, int timeout_ms = 10'000);
  bool is_closed(int timeout_ms = 10'000);  // reads and drops until the other side closes
  void reset();                             // RST instead of a goodbye
  void close_sending();

 private:
  bool fill(int timeout_ms);
  std::optional<std::string> line();
  bool take(std::string& out, std::size_t count);

  int fd_ = -1;
  std::string buffer_;
};

// One request on a connection of its own.
Received ask(std::uint16_t port, std::string_view method_and_target, std::string_view fields = {},
             std::string_view body = {});

}  // namespace trawl::test
