#pragma once
// ConnectionEnds: which socket the connection is that libcurl names by its two ends before it sends
// a request. Of one that is used again libcurl tells nothing else (7.88: CURLINFO_ACTIVESOCKET is
// -1 then). Loop thread only.

#include <string>
#include <string_view>
#include <unordered_map>

namespace trawl::http {

class ConnectionEnds {
 public:
  // A connected socket; one that isn't is left out. Again costs a look-up.
  void note(int fd);
  void forget(int fd);

  // Whether bytes have come that nobody has read. No, of a connection that was never noted.
  bool has_unread(std::string_view server_ip, int server_port, int own_port) const;

 private:
  std::unordered_map<std::string, int> sockets_;
  std::unordered_map<int, std::string> names_;
};

}  // namespace trawl::http
