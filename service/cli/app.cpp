// The command line as a whole: which commands there are, what holds for all of them, and how a
// failure becomes a message and an exit code.
#include "core/base/log.hpp"
#include "core/base/result.hpp"
#include "service/cli/command.hpp"
#include "service/cli/parse_error.hpp"
#include "service/run/live_progress.hpp"
#include "service/run/say.hpp"
#include "service/text/progress.hpp"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <boost/system/system_error.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <new>
#include <string_view>
#include <system_error>
#include <vector>

namespace trawl::service::cli {
namespace {

void add_globals(CLI::App& app, Globals& globals) {
  app.add_flag("-q,--quiet", globals.quiet, "no progress, no summary; errors are still shown");
  app.add_flag("-v,--verbose", globals.verbose, "more of what happens; -vv for everything");
  const auto set_format = [&globals](const std::string& word) {
    globals.log_format = word == "json" ? LogFormat::json : LogFormat::text;
  };
  app.add_option_function<std::string>("--log-format", set_format, "log lines as text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->option_text("text|json");
}

spdlog::level::level_enum log_level(const Globals& globals) {
  if (globals.quiet) return spdlog::level::err;
  if (globals.verbose > 1) return spdlog::level::trace;
  return globals.verbose == 1 ? spdlog::level::debug : spdlog::level::info;
}

// Whether the error is the system's refusal of one more thread, file or buffer.
bool is_scarcity(const std::exception& error) {
  int code = 0;
  if (const auto* standard = dynamic_cast<const std::system_error*>(&error))
    code = standard->code().default_error_condition().value();
  if (const auto* asio = dynamic_cast<const boost::system::system_error*>(&error))
    code = asio->code().value();
  constexpr std::array scarce{EAGAIN, EMFILE, ENFILE, ENOMEM, ENOBUFS};
  return std::ranges::find(scarce, code) != scarce.end();
}

ExitCode run(const Invocation& invocation, const LogOptions& log_options) {
  try {
    start_logging(log_options);
    return invocation.run();
  } catch (const Failure& failure) {
    stop_logging();  // what led to it comes first
    say("trawl: {}\n", failure.what());
    return exit_code_for(failure.code());
  } catch (const std::filesystem::filesystem_error& error) {
    stop_logging();
    say("trawl: {}\n", printable(error.what()));
    return ExitCode::environment;
  } catch (const std::bad_alloc&) {
    stop_logging();
    say("trawl: out of memory; what was committed is kept. Lower fetch.concurrency, or give it "
        "more, and run again\n");
    return ExitCode::environment;
  } catch (const std::exception& error) {
    stop_logging();
    if (is_scarcity(error)) {
      say("trawl: {}: the system gives it no further thread, file or socket; raise the limits "
          "(ulimit -u and -n; TasksMax= and LimitNOFILE= of systemd) and run again\n",
          printable(error.what()));
      return ExitCode::environment;
    }
    say("trawl: internal error: {}\n", error.what());
    return ExitCode::internal;
  }
}

// A file of ours that got the number of a standard stream would be read as a list, or be written
// over with messages. What is written to one that was closed fails as before.
void open_standard_streams() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd)
    if (::fcntl(fd, F_GETFD) == -1 && errno == EBADF)
      static_cast<void>(::open("/dev/null", O_RDONLY));
}

// Of an option that takes one value and is given twice, as scripts do that add to others' commands.
void let_last_win(CLI::App& app) {
  for (CLI::Option* option : app.get_options())
    if (!option->get_positional() && option->get_expected_max() == 1 &&
        option->get_multi_option_policy() == CLI::MultiOptionPolicy::Throw)
      option->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  for (CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    let_last_win(*command);
}

// "trawl help warc verify" is "trawl warc verify --help"; of what is no command an error is made.
std::vector<const char*> words_of(const CLI::App& app, int argc, const char* const* argv) {
  std::vector<const char*> words{argv, argv + argc};
  if (argc < 2 || std::string_view{argv[1]} != "help") return words;
  words.erase(words.begin() + 1);
  const auto word = std::find_if(words.begin() + 1, words.end(),
                                 [](std::string_view text) { return !text.starts_with('-'); });
  const auto is_named = [&](const CLI::App* command) { return command->get_name() == *word; };
  if (word == words.end() || !app.get_subcommands(is_named).empty()) words.push_back("--help");
  return words;
}

}  // namespace

std::string refuse_negative(const std::string& text) {
  return text.starts_with('-') ? "a whole number is expected, not " + text : std::string{};
}

int run_command_line(int argc, const char* const* argv) {
  open_standard_streams();
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // a file over ulimit -f is an error of the write
  Invocation invocation;
  CLI::App app{"trawl: a polite, crash-proof web crawler and fetcher", "trawl"};
  app.set_version_flag("-V,--version", "trawl " TRAWL_VERSION);
  app.require_subcommand(1);
  app.fallthrough();
  app.footer("Each command has its own --help. Start with: trawl demo");
  add_globals(app, invocation.globals);
  add_crawl(app, invocation);
  add_fetch(app, invocation);
  add_run(app, invocation);
  add_check(app, invocation);
  add_results(app, invocation);
  add_cat(app, invocation);
  add_captures(app, invocation);
  add_changes(app, invocation);
  add_links(app, invocation);
  add_stats(app, invocation);
  add_runs(app, invocation);
  add_explain(app, invocation);
  add_export(app, invocation);
  add_wacz(app, invocation);
  add_backup(app, invocation);
  add_verify(app, invocation);
  add_requeue(app, invocation);
  add_forget(app, invocation);
  add_vacuum(app, invocation);
  add_cookies(app, invocation);
  add_warc(app, invocation);
  add_inspect(app, invocation);
  add_serve(app, invocation);
  add_submit(app, invocation);
  add_status(app, invocation);
  add_steering(app, invocation);
  add_logs(app, invocation);
  add_demo(app, invocation);
  add_health(app, invocation);
  add_completion(app, invocation);
  if (argc < 2) {
    say_text(app.help());
    return static_cast<int>(ExitCode::usage);
  }
  let_last_win(app);
  const std::vector<const char*> words = words_of(app, argc, argv);
  const auto count = static_cast<int>(words.size());
  try {
    app.parse(count, words.data());
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
    say_text(parse_error_line(app, count, words.data(), error));
    return static_cast<int>(ExitCode::usage);
  }
  const ProgressStyle style = stderr_style();
  const ExitCode code =
      run(invocation, {.level = log_level(invocation.globals),
                       .format = invocation.globals.log_format,
                       .colour = style.colour,
                       .over_live_line = style.live && !invocation.globals.quiet});
  stop_logging();
  return static_cast<int>(code);
}

}  // namespace trawl::service::cli
