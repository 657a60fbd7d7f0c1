#pragma once
// Loggers by component. Logging never blocks a loop: the sinks sit behind a bounded queue with its
// own thread, and what doesn't fit is dropped and counted.

#include <spdlog/spdlog.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace trawl {

enum class LogFormat { text, json };

struct LogOptions {
  spdlog::level::level_enum level = spdlog::level::info;
  LogFormat format = LogFormat::text;
  bool colour = false;
  bool over_live_line = false;     // each line first wipes the terminal line that it is written on
  std::string file;                // empty: standard error
  std::size_t queue_lines = 1024;  // some 400 bytes each, all of them touched at the start
};

// Installs the sinks; call once, before the loggers are used. Until then logs go nowhere.
// Throws Failure{io} when the file can't be opened.
void start_logging(const LogOptions& options);

// Writes out what is queued and stops the log thread. Safe to call twice.
void stop_logging();

// The logger of a component ("crawl", "http", "store"); made on first use, never null.
std::shared_ptr<spdlog::logger> log(std::string_view component);

// Makes text of the outside world safe for a terminal and a log line: control bytes and invalid
// UTF-8 become \xNN; longer than max_bytes is cut with an ellipsis.
std::string printable(std::string_view text, std::size_t max_bytes = 512);

}  // namespace trawl
