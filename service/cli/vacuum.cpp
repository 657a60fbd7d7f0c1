// `trawl vacuum`: makes crawl.db as small as it can be. SQLite tells nothing of how far it is, but
// the kernel what this process has written.
#include "storage/vacuum.hpp"

#include "core/base/units.hpp"
#include "service/cli/command.hpp"
#include "service/say.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <fstream>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace trawl::service::cli {
namespace {

constexpr std::chrono::seconds told_every{10};

std::uint64_t bytes_written() {
  std::ifstream file{"/proc/self/io"};
  for (std::string name; file >> name;) {
    std::uint64_t value = 0;
    file >> value;
    if (name == "wchar:") return value;
  }
  return 0;
}

// Says from time to time how much has been written, until it ends.
class Progress {
 public:
  // The new database, the log it goes through, and the old one's place: three times its bytes.
  explicit Progress(std::uint64_t bytes)
      : most_(3 * bytes), before_(bytes_written()), thread_([this](const std::stop_token& stop) {
          std::unique_lock lock{mutex_};
          const auto began = std::chrono::steady_clock::now();
          while (
              !ended_.wait_for(lock, stop, told_every, [&stop] { return stop.stop_requested(); }))
            tell(std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() -
                                                                  began));
        }) {}

 private:
  void tell(std::chrono::seconds since) const {
    say("{} s: {} of at most {} written\n", since.count(), human_bytes(bytes_written() - before_),
        human_bytes(most_));
  }

  std::uint64_t most_, before_;
  std::mutex mutex_;
  std::condition_variable_any ended_;
  std::jthread thread_;  // ends before the rest
};

ExitCode run_vacuum(const std::string& folder, bool quiet) {
  std::optional<Progress> progress;
  const auto figures = storage::vacuum(folder, [&](std::uint64_t bytes) {
    if (quiet) return;
    say("{}: writing a database of {} anew; interrupted, it stays as it was\n", folder,
        human_bytes(bytes));
    progress.emplace(bytes);
  });
  progress.reset();
  const std::uint64_t won =
      figures.bytes_before - std::min(figures.bytes_before, figures.bytes_after);
  say("{}: {} won; crawl.db had {}, and has {}\n", folder, human_bytes(won),
      human_bytes(figures.bytes_before), human_bytes(figures.bytes_after));
  return ExitCode::ok;
}

}  // namespace

void add_vacuum(CLI::App& app, Invocation& invocation) {
  auto* command = app.add_subcommand("vacuum", "make a crawl's database as small as it can be");
  const auto folder = std::make_shared<std::string>();
  command->add_option("DIR", *folder, "output folder of the crawl")->required();
  command->footer(
      "No job may be running on the folder. Needs twice the database's room for a while.");
  command->callback([folder, &invocation] {
    invocation.run = [folder, &invocation] {
      return run_vacuum(*folder, invocation.globals.quiet);
    };
  });
}

}  // namespace trawl::service::cli
