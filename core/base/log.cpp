// spdlog's async logger with overrun_oldest: a full queue costs the oldest lines, never the crawl;
// and a log that can't be written costs its lines, which are counted.
#include "core/base/log.hpp"

#include "core/base/log_flush.hpp"
#include "core/base/log_job.hpp"
#include "core/base/result.hpp"

#include <fmt/format.h>
#include <spdlog/async.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/ansicolor_sink.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/null_sink.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iterator>
#include <mutex>
#include <unordered_map>
#include <utility>

// For all files: the precompiled headers declare it, and libfmt need not export it.
template void fmt::detail::vformat_to<char>(buffer<char>&, basic_string_view<char>,
                                            basic_format_args<format_context>, locale_ref);

namespace trawl {
namespace {

constexpr std::size_t loggers_max = 1024;  // of components and jobs; jobs come and go
constexpr char job_mark = '\x1f';          // in a logger's name, between component and job

thread_local std::string job_of_thread;

std::atomic<std::uint64_t> lines_unwritten = 0;

// Of the sink, by the log's thread.
struct Flushes {
  std::mutex mutex;
  std::condition_variable more;
  std::uint64_t count = 0;  // guarded by mutex
};
Flushes flushes;

std::atomic<bool> reopening_wanted = false;

// Another sink, whose failures are counted. Files are flushed line by line: a log is read while the
// program runs, and a disk that is full shows at the line that found it so.
class CountingSink final : public spdlog::sinks::sink {
 public:
  CountingSink(spdlog::sink_ptr inner, std::FILE* stream, std::string file = {})
      : inner_(std::move(inner)), stream_(stream), file_(std::move(file)) {}

  // On one thread, that of the queue.
  void log(const spdlog::details::log_msg& msg) override {
    try {
      if (!file_.empty() && reopening_wanted.exchange(false)) reopen();
      inner_->log(msg);
      inner_->flush();
    } catch (const std::exception&) {
      ++lines_unwritten;
      return;
    }
    if (stream_ == nullptr || std::ferror(stream_) == 0) return;
    std::clearerr(stream_);
    ++lines_unwritten;
  }
  void flush() override {
    try {
      inner_->flush();
    } catch (const std::exception&) {  // counted with the line that was written
    }
    {
      const std::lock_guard lock{flushes.mutex};
      ++flushes.count;
    }
    flushes.more.notify_all();
  }
  void set_pattern(const std::string& pattern) override { inner_->set_pattern(pattern); }
  void set_formatter(std::unique_ptr<spdlog::formatter> formatter) override {
    formatter_ = formatter->clone();
    inner_->set_formatter(std::move(formatter));
  }

 private:
  // Throws when it can't be opened; then lines go on to where they went.
  void reopen() {
    auto file = std::make_shared<spdlog::sinks::basic_file_sink_mt>(file_);
    if (formatter_) file->set_formatter(formatter_->clone());
    inner_ = std::move(file);
  }

  spdlog::sink_ptr inner_;
  std::FILE* stream_;  // of the inner one where it says nothing of its failures; else null
  std::string file_;   // empty: none of ours
  std::unique_ptr<spdlog::formatter> formatter_;
};

struct State {
  std::mutex mutex;
  std::shared_ptr<spdlog::details::thread_pool> pool;
  spdlog::sink_ptr sink = std::make_shared<spdlog::sinks::null_sink_mt>();
  spdlog::level::level_enum level = spdlog::level::off;
  std::unordered_map<std::string, std::shared_ptr<spdlog::logger>> loggers;
};

State& state() {
  static State instance;
  return instance;
}

struct Speaker {
  std::string_view component, job;
};

Speaker speaker_of(const spdlog::details::log_msg& msg) {
  const std::string_view name{msg.logger_name.data(), msg.logger_name.size()};
  const std::size_t mark = name.find(job_mark);
  if (mark == name.npos) return {name, {}};
  return {name.substr(0, mark), name.substr(mark + 1)};
}

// "crawl  job=docs " before the message; the component in a column of `width`, and what is behind.
class SpeakerText final : public spdlog::custom_flag_formatter {
 public:
  SpeakerText(int width, std::string_view behind) : width_(width), behind_(behind) {}
  void format(const spdlog::details::log_msg& msg, const std::tm&,
              spdlog::memory_buf_t& out) override {
    const Speaker speaker = speaker_of(msg);
    fmt::format_to(std::back_inserter(out), "{:<{}}{}", speaker.component, width_, behind_);
    if (!speaker.job.empty()) fmt::format_to(std::back_inserter(out), "job={} ", speaker.job);
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<SpeakerText>(width_, behind_);
  }

 private:
  int width_;
  std::string_view behind_;
};

// A job's name has nothing in it that JSON would escape: letters, digits, - and _.
class SpeakerJson final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& msg, const std::tm&,
              spdlog::memory_buf_t& out) override {
    const Speaker speaker = speaker_of(msg);
    fmt::format_to(std::back_inserter(out), R"("component":"{}",)", speaker.component);
    if (!speaker.job.empty())
      fmt::format_to(std::back_inserter(out), R"("job":"{}",)", speaker.job);
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<SpeakerJson>();
  }
};

// What a message quotes may come from anywhere: no line of it begins another, and a terminal obeys
// none.
class TextMessage final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& msg, const std::tm&,
              spdlog::memory_buf_t& out) override {
    bool after_c2 = false;  // U+0080 to U+009F are controls, too
    for (const char c : msg.payload) {
      const auto byte = static_cast<unsigned char>(c);
      const bool is_control = byte < 0x20 || byte == 0x7F || (after_c2 && byte < 0xA0);
      after_c2 = byte == 0xC2;
      if (is_control)
        fmt::format_to(std::back_inserter(out), "\\x{:02x}", byte);
      else
        out.push_back(c);
    }
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<TextMessage>();
  }
};

// One JSON object a line; the message is escaped by the flag below.
class JsonMessage final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& msg, const std::tm&,
              spdlog::memory_buf_t& out) override {
    for (const char c : msg.payload) {
      if (c == '"' || c == '\\') {
        out.push_back('\\');
        out.push_back(c);
      } else if (static_cast<unsigned char>(c) < 0x20) {
        fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(c));
      } else {
        out.push_back(c);
      }
    }
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<JsonMessage>();
  }
};

// What journald reads off a line's start (sd-daemon(3)).
class JournalPriority final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& msg, const std::tm&,
              spdlog::memory_buf_t& out) override {
    const int priority = msg.level >= spdlog::level::err    ? 3
                         : msg.level == spdlog::level::warn ? 4
                         : msg.level == spdlog::level::info ? 6
                                                            : 7;
    fmt::format_to(std::back_inserter(out), "<{}>", priority);
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<JournalPriority>();
  }
};

// Whether standard error goes to journald, which has the time and knows priorities: its stream's
// device and inode are in JOURNAL_STREAM (systemd.exec(5)).
bool goes_to_journal(const LogOptions& options) {
  const char* stream = std::getenv("JOURNAL_STREAM");
  struct stat status{};
  if (stream == nullptr || !options.file.empty() || ::fstat(STDERR_FILENO, &status) != 0)
    return false;
  return fmt::format("{}:{}", status.st_dev, status.st_ino) == stream;
}

std::unique_ptr<spdlog::formatter> make_formatter(const LogOptions& options) {
  if (options.format == LogFormat::text && goes_to_journal(options)) {
    auto journal = std::make_unique<spdlog::pattern_formatter>();
    journal->add_flag<JournalPriority>('*').add_flag<SpeakerText>('N', 0, ": ");
    journal->add_flag<TextMessage>('J').set_pattern("%*%N%J");
    return journal;
  }
  if (options.format == LogFormat::text) {
    auto text = std::make_unique<spdlog::pattern_formatter>();
    text->add_flag<SpeakerText>('N', 6, " ").add_flag<TextMessage>('J');
    text->set_pattern(std::string{options.over_live_line ? "\r\x1b[K" : ""} +
                      "%H:%M:%S.%e %^%-5l%$ %N%J");
    return text;
  }
  auto json = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
  json->add_flag<JsonMessage>('*').add_flag<SpeakerJson>('N');
  json->set_pattern(R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%N"message":"%*"})");
  return json;
}

spdlog::sink_ptr make_sink(const LogOptions& options) {
  if (!options.file.empty()) {
    try {
      auto file = std::make_shared<spdlog::sinks::basic_file_sink_mt>(options.file);
      return std::make_shared<CountingSink>(std::move(file), nullptr, options.file);
    } catch (const spdlog::spdlog_ex& error) {
      throw Failure(Errc::io,
                    fmt::format("can't open the log file {}: {}", options.file, error.what()));
    }
  }
  auto terminal = std::make_shared<spdlog::sinks::ansicolor_stderr_sink_mt>(
      options.colour ? spdlog::color_mode::always : spdlog::color_mode::never);
  return std::make_shared<CountingSink>(std::move(terminal), stderr);
}

std::shared_ptr<spdlog::logger> make_logger(State& s, const std::string& name) {
  std::shared_ptr<spdlog::logger> logger;
  if (s.pool)
    logger = std::make_shared<spdlog::async_logger>(name, s.sink, s.pool,
                                                    spdlog::async_overflow_policy::overrun_oldest);
  else
    logger = std::make_shared<spdlog::logger>(name, s.sink);
  logger->set_level(s.level);
  return logger;
}

}  // namespace

void start_logging(const LogOptions& options) {
  State& s = state();
  const std::lock_guard lock{s.mutex};
  s.sink = make_sink(options);
  s.sink->set_formatter(make_formatter(options));
  s.level = options.level;
  spdlog::set_level(options.level);  // for spdlog::should_log(), which needs no logger
  s.pool = std::make_shared<spdlog::details::thread_pool>(options.queue_lines, 1);
  s.loggers.clear();
  lines_unwritten = 0;
}

void stop_logging() {
  State& s = state();
  const std::lock_guard lock{s.mutex};
  if (s.pool) lines_unwritten += s.pool->overrun_counter();
  s.loggers.clear();
  s.pool.reset();  // joins its thread after the queue is written
  if (const std::uint64_t lost = lines_unwritten; lost > 0 && s.level < spdlog::level::off)
    s.sink->log({"log", spdlog::level::warn, fmt::format("{} log lines were lost", lost)});
  if (s.sink) s.sink->flush();
  s.sink = std::make_shared<spdlog::sinks::null_sink_mt>();
  s.level = spdlog::level::off;
  spdlog::set_level(spdlog::level::off);
}

void reopen_log_file() {
  reopening_wanted = true;
}

void flush_log() {
  using namespace std::chrono_literals;
  const auto logger = log("log");
  {
    const std::lock_guard lock{state().mutex};
    if (!state().pool) return;
  }
  std::unique_lock lock{flushes.mutex};
  const std::uint64_t before = flushes.count;
  logger->flush();  // goes to the end of the queue
  flushes.more.wait_for(lock, 1s, [before] { return flushes.count > before; });
}

std::shared_ptr<spdlog::logger> log(std::string_view component) {
  State& s = state();
  const std::lock_guard lock{s.mutex};
  std::string name{component};
  if (!job_of_thread.empty()) name.append(1, job_mark).append(job_of_thread);
  if (const auto known = s.loggers.find(name); known != s.loggers.end()) return known->second;
  if (s.loggers.size() == loggers_max) s.loggers.clear();
  return s.loggers.emplace(name, make_logger(s, name)).first->second;
}

LogJob::LogJob(std::string job) : before_(std::exchange(job_of_thread, std::move(job))) {}

LogJob::~LogJob() {
  job_of_thread = std::move(before_);
}

const std::string& log_job() {
  return job_of_thread;
}

std::string printable(std::string_view text, std::size_t max_bytes) {
  const bool cut = text.size() > max_bytes;
  if (cut) text = text.substr(0, max_bytes);
  const auto plain = std::ranges::find_if_not(text, [](char c) { return c >= 0x20 && c < 0x7F; });
  std::string out(text.begin(), plain);  // mostly all of it
  const auto continuation = [&](std::size_t at) {
    return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80;
  };
  for (std::size_t i = out.size(); i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    std::size_t length = byte < 0x80 ? 1 : byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2;
    bool valid = byte < 0x80 ? byte >= 0x20 && byte != 0x7F : byte >= 0xC2 && byte <= 0xF4;
    for (std::size_t k = 1; valid && k < length; ++k) valid = continuation(i + k);
    // U+0080..U+009F are control characters too.
    if (valid && byte == 0xC2 && static_cast<unsigned char>(text[i + 1]) < 0xA0) valid = false;
    if (!valid) {
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", byte);
      continue;
    }
    out.append(text.substr(i, length));
    i += length - 1;
  }
  if (cut) out += "…";
  return out;
}

}  // namespace trawl
