#pragma once
// A daemon under test: the real program, with a folder of its own, told of by its log.

#include "tests/e2e/program.hpp"
#include "tests/support/ports.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>

namespace trawl::e2e {

class DaemonProcess {
 public:
  DaemonProcess() { dir.write("jobs/.keep", ""); }

  // Its first start writes the configuration.
  void start(std::map<std::string, std::string> env = {}) {
    if (!std::filesystem::exists(dir / "trawl.toml")) configure("");
    auto command = trawl({"serve", "--config", (dir / "trawl.toml").string()}, Millis{110'000});
    command.env = std::move(env);
    process = std::make_unique<Subprocess>(std::move(command));
    ASSERT_TRUE(process->wait_for_output("ready: ")) << process->err();
  }

  void configure(std::string_view more) const {
    dir.write("trawl.toml",
              fmt::format("listen = \"127.0.0.1:{}\"\njobs_dir = \"{}\"\n"
                          "data_dir = \"{}\"\n"
                          "allow_private_networks = [\"127.0.0.0/8\"]\n{}",
                          port, (dir / "jobs").string(), (dir / "data").string(), more));
  }

  // SIGTERM; gives the exit code.
  int stop() const {
    process->send_signal(SIGTERM);
    return process->wait().exit_code;
  }
  void kill() const {
    process->send_signal(SIGKILL);
    process->wait();
  }

  // A job of the test site: quick, unless `more` says otherwise.
  static std::string job(const std::string& url, std::string_view more = {}) {
    return fmt::format(
        "[seeds]\nurls = [\"{}\"]\n[limits]\nmin_free_disk = \"off\"\n[fetch]\n"
        "allow_private_networks = [\"127.0.0.0/8\"]\nhost_breaker = \"off\"\n"
        "[politeness]\nadaptive = \"off\"\nper_ip = \"off\"\n{}",
        url, more.empty() ? "delay = \"0s\"\nper_host = 4\n" : more);
  }
  // As a careful owner does it.
  void add(std::string_view name, std::string_view text) const {
    dir.write(fmt::format("new-{}", name), text);
    std::filesystem::rename(dir / fmt::format("new-{}", name), dir / fmt::format("jobs/{}", name));
  }

  // A line of its log, "NAME: … → finished".
  bool says(std::string_view text, Millis within = Millis{20'000}) const {
    return process->wait_for_output(text, within);
  }
  std::size_t times(std::string_view text) const {
    std::size_t count = 0;
    const std::string log = process->err();
    for (auto at = log.find(text); at != log.npos; at = log.find(text, at + 1)) ++count;
    return count;
  }
  bool says_times(std::string_view text, std::size_t wanted, Millis within = Millis{20'000}) const {
    const auto end = std::chrono::steady_clock::now() + within;
    while (times(text) < wanted) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::sleep_for(Millis{20});
    }
    return true;
  }

  std::string server() const { return fmt::format("http://127.0.0.1:{}", port); }
  Finished ask(Arguments arguments) const {
    return run_trawl(std::move(arguments) + Arguments{"--server", server()});
  }
  std::filesystem::path output(std::string_view job) const {
    return dir / fmt::format("data/out/{}", job);
  }

  TempDir dir;
  std::uint16_t port = support::free_port();
  std::unique_ptr<Subprocess> process;
};

// A home page that links to all others.
inline void serve_site(LoopbackServer& server, int pages, Millis delay = Millis{0}) {
  std::vector<std::string> links;
  for (int i = 1; i <= pages; ++i) links.push_back(fmt::format("/p{}", i));
  server.on("/", Reply{.body = page("home", links)});
  for (int i = 1; i <= pages; ++i)
    server.on(fmt::format("/p{}", i),
              Reply{.body = page(fmt::format("page {}", i), {"/"}), .delay = delay});
}

}  // namespace trawl::e2e
