// nginx can't be told "any port", so a free one is looked for, and again when somebody took it in
// the moment between.
#include "tests/support/nginx.hpp"

#include "tests/support/ports.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <charconv>
#include <csignal>
#include <stdexcept>

namespace trawl::support {
namespace {

constexpr const char* program = "/usr/sbin/nginx";  // not in everybody's PATH
constexpr int starts_max = 5;

std::string configuration(const std::string& dir, const std::string& root, std::uint16_t port,
                          const std::string& more) {
  return fmt::format(R"(daemon off; master_process off; worker_processes 1; pid {0}/pid;
error_log stderr notice;
events {{ worker_connections 2048; }}
http {{
  include /etc/nginx/mime.types; default_type application/octet-stream;
  log_format access "$request_method\t$request_uri\t$status\t$body_bytes_sent\t$http_user_agent";
  access_log {0}/access.log access;
  client_body_temp_path {0}/body; proxy_temp_path {0}/proxy; fastcgi_temp_path {0}/fastcgi;
  uwsgi_temp_path {0}/uwsgi; scgi_temp_path {0}/scgi;
  keepalive_requests 1000000; server_tokens off;
  server {{ listen 127.0.0.1:{2} backlog=1024; root "{1}"; {3} }}
}}
)",
                     dir, root, port, more);
}

template <class Number>
Number number(std::string_view text) {
  Number value{};
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::string_view take(std::string_view& line) {
  const auto field = line.substr(0, line.find('\t'));
  line.remove_prefix(std::min(line.size(), field.size() + 1));
  return field;
}

}  // namespace

bool Nginx::is_installed() {
  return ::access(program, X_OK) == 0;
}

Nginx::Nginx(const std::string& root, const std::string& more, const std::string& modules) {
  for (int start = 1;; ++start) {
    port_ = free_port();
    const auto text = modules + configuration(dir_.string(), root, port_, more);
    const auto file = dir_.write("nginx.conf", text);
    process_ = std::make_unique<Subprocess>(
        Command{.args = {program, "-p", dir_.string(), "-c", file.string(), "-e", "stderr"},
                .timeout = std::chrono::hours{1}});
    // It listens before it logs its name, so nothing needs to be polled.
    if (process_->wait_for_output("nginx/") && answers(port_)) return;
    if (start == starts_max) throw std::runtime_error("nginx: " + process_->err());
  }
}

std::string Nginx::url(std::string_view target) const {
  return fmt::format("http://127.0.0.1:{}{}", port_, target);
}

std::vector<Access> Nginx::accesses() const {
  std::vector<Access> all;
  const std::string text = dir_.read("access.log");
  for (std::string_view rest{text}; !rest.empty();) {
    auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    Access access;
    access.method = take(line);
    access.target = take(line);
    access.status = number<int>(take(line));
    access.body_bytes = number<std::uint64_t>(take(line));
    access.user_agent = take(line);
    all.push_back(std::move(access));
  }
  return all;
}

void Nginx::stop() {
  process_->send_signal(SIGTERM);
  process_->wait();
}

}  // namespace trawl::support
