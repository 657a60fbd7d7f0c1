#pragma once
// ServerClient: the commands' way to a daemon: one HTTP request a call, its answer read whole or as
// it comes. Blocking, with times after which a silent daemon is given up.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace trawl::service::cli {

// Of a daemon that is configured by this process' environment, as in a container: where
// TRAWL_LISTEN has it listen, else http://127.0.0.1:8090.
std::string usual_server();
// Its token: TRAWL_TOKEN, else the first line of the file TRAWL_TOKEN_FILE; empty: none. Throws
// Failure{io} when the file can't be read.
std::string usual_token();

class ServerClient {
 public:
  // server: "http://host:port", or "host:port" as `listen` has it. token: for the Authorization
  // header; empty: none. Throws Failure{usage} for what is no such URL.
  ServerClient(std::string_view server, std::string token);

  struct Answer {
    unsigned status = 0;
    std::string body;

    bool ok() const { return status >= 200 && status < 300; }
  };
  struct Request {
    std::string method = "GET";
    std::string target;
    std::string body = {};
    std::string content_type = {};
  };

  // Throws Failure{io} when nobody answers.
  Answer send(const Request& request);
  // The body of a good answer in pieces, for as long as it comes; output says whether more is
  // wanted. The body of another one is in the answer. A stream may be silent for half a minute.
  Answer stream(const Request& request, std::function<bool(std::string_view)> output);

  const std::string& server() const { return server_; }
  bool has_token() const { return !token_.empty(); }

 private:
  std::string server_;
  std::string host_;
  std::string port_;
  std::string token_;
};

// What a user calls a server, as a URL; a scheme and a port that are missing are the usual ones.
std::string server_url(std::string_view text);

// Percent-encodes everything but letters, digits and -._~, for a path segment or a query.
std::string encode_segment(std::string_view text);

}  // namespace trawl::service::cli
