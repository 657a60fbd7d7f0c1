// Every program gets a configuration of its own in a temporary folder; nothing of /etc is read but
// what the packages need to load their modules.
#include "tests/support/real_server.hpp"

#include "tests/support/ports.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <stdexcept>
#include <thread>

namespace trawl::support {
namespace {

constexpr int starts_max = 5;
constexpr Millis time_max{3'600'000};

bool started(const Subprocess& process, std::uint16_t port) {
  const Mono until = system_clock().now() + Millis{20'000};
  while (process.is_running() && system_clock().now() < until)
    if (wait_for_port(port, Millis{50})) return true;
  return false;
}

}  // namespace

RealServer::RealServer(const MakeCommand& command) {
  std::filesystem::permissions(dir_.path(), std::filesystem::perms{0755});  // some change the user
  for (int start = 1;; ++start) {
    port_ = free_port();
    auto made = command(dir_, port_);
    made.timeout = time_max;
    const std::string name = made.args.front();
    process_ = std::make_unique<Subprocess>(std::move(made));
    if (started(*process_, port_)) return;
    if (start == starts_max) throw std::runtime_error(name + ": " + out());
  }
}

std::string RealServer::url(std::string_view target) const {
  return fmt::format("http://127.0.0.1:{}{}", port_, target);
}

RealServer start_httpbin() {
  return RealServer{[](const TempDir& dir, std::uint16_t port) {
    return Command{.args = {"gunicorn", "--bind", fmt::format("127.0.0.1:{}", port), "--workers",
                            "1", "--worker-class", "gthread", "--threads", "16", "--keep-alive",
                            "10", "httpbin:app"},
                   .env = {{"HOME", dir.string()}, {"PYTHONDONTWRITEBYTECODE", "1"}},
                   .cwd = dir.string()};
  }};
}

RealServer start_apache(const std::string& root, const std::string& more) {
  return RealServer{[&](const TempDir& dir, std::uint16_t port) {
    const auto file = dir.write("apache.conf", fmt::format(R"(
ServerRoot "{0}"
ServerName 127.0.0.1
Listen 127.0.0.1:{1}
PidFile "{0}/pid"
ErrorLog "{0}/error.log"
DefaultRuntimeDir "{0}"
Mutex file:{0} default
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule dir_module /usr/lib/apache2/modules/mod_dir.so
LoadModule mime_module /usr/lib/apache2/modules/mod_mime.so
LoadModule alias_module /usr/lib/apache2/modules/mod_alias.so
LoadModule headers_module /usr/lib/apache2/modules/mod_headers.so
LoadModule filter_module /usr/lib/apache2/modules/mod_filter.so
LoadModule deflate_module /usr/lib/apache2/modules/mod_deflate.so
LoadModule ssl_module /usr/lib/apache2/modules/mod_ssl.so
LoadModule http2_module /usr/lib/apache2/modules/mod_http2.so
<IfModule !unixd_module>
LoadModule unixd_module /usr/lib/apache2/modules/mod_unixd.so
</IfModule>
StartServers 1
MinSpareThreads 1
ThreadsPerChild 16
MaxRequestWorkers 16
User www-data
Group www-data
TypesConfig /dev/null
AddType text/html .html
DirectoryIndex index.html
DocumentRoot "{2}"
<Directory "{2}">
  Require all granted
</Directory>
{3}
)",
                                                           dir.string(), port, root, more));
    return Command{.args = {"/usr/sbin/apache2", "-f", file.string(), "-D", "FOREGROUND"}};
  }};
}

RealServer start_tinyproxy(const std::string& user) {
  return RealServer{[&](const TempDir& dir, std::uint16_t port) {
    const auto file = dir.write(
        "tinyproxy.conf",
        fmt::format("Port {}\nListen 127.0.0.1\nTimeout 60\nMaxClients 100\nAllow 127.0.0.1\n{}\n",
                    port, user.empty() ? "" : "BasicAuth " + user));
    return Command{.args = {"tinyproxy", "-d", "-c", file.string()}};
  }};
}

RealServer start_squid() {
  return RealServer{[](const TempDir& dir, std::uint16_t port) {
    const auto file = dir.write("squid.conf", fmt::format(R"(http_port 127.0.0.1:{0}
pid_filename none
cache deny all
cache_log stdio:/dev/null
access_log none
coredump_dir /
http_access allow all
shutdown_lifetime 0 seconds
visible_hostname proxy.test
netdb_filename none
pinger_enable off
cache_effective_user proxy
)",
                                                          port));
    return Command{
        .args = {"/usr/sbin/squid", "-N", "-f", file.string(), "-n", fmt::format("trawl{}", port)}};
  }};
}

}  // namespace trawl::support
