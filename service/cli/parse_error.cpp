// CLI11 says of a word that is no command only that one is missing, and of an option that isn't
// known no more than that. What people know from other programs is looked up among the options
// first and then among the keys of the job file.
#include "service/cli/parse_error.hpp"

#include "config/key_paths.hpp"
#include "config/nearest.hpp"
#include "core/base/log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trawl::service::cli {
namespace {

// How curl, wget, aria2, HTTrack and Scrapy call what has another name here. An option of the
// command, else a key.
constexpr std::array synonyms = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"limit", "max-pages"},
    {"max-urls", "max-pages"},
    {"level", "depth"},
    {"max-depth", "depth"},
    {"recursive", "depth"},
    {"wait", "delay"},
    {"sleep", "delay"},
    {"rate", "delay"},
    {"max-rate", "limit-rate"},
    {"max-overall-download-limit", "limit-rate"},
    {"max-download-limit", "limit-rate"},
    {"jobs", "concurrency"},
    {"threads", "concurrency"},
    {"parallel", "concurrency"},
    {"workers", "concurrency"},
    {"directory-prefix", "output"},
    {"output-dir", "output"},
    {"input-file", "input"},
    {"timeout", "fetch.timeout_total"},
    {"max-time", "fetch.timeout_total"},
    {"connect-timeout", "fetch.timeout_connect"},
    {"tries", "fetch.attempts"},
    {"retry", "fetch.attempts"},
    {"max-redirs", "fetch.max_redirects"},
    {"max-redirect", "fetch.max_redirects"},
    {"max-filesize", "fetch.max_body"},
    {"header", "fetch.headers"},
    {"insecure", "fetch.tls_verify"},
    {"no-check-certificate", "fetch.tls_verify"},
    {"cacert", "fetch.ca_file"},
    {"load-cookies", "fetch.cookies_file"},
    {"quota", "limits.bytes"},
    {"port", "listen"},
    {"json", "format"},
    {"accept", "types"},
    {"reject", "scope.exclude"},
    {"retries", "fetch.attempts"},
    {"user", "fetch.netrc_file"},
    {"robots", "robots.policy"},
    {"no-parent", "scope"},
    {"proxy", "fetch.proxy"},
    {"accept-regex", "scope.include"},
    {"reject-regex", "scope.exclude"},
    {"span-hosts", "scope.mode"},
    {"no-robots", "robots.policy"},
    {"check-external", "scope.outlinks"},
    {"extra-hops", "scope.outlinks"},
});

struct Names {
  std::vector<std::string> texts;
  std::vector<std::string_view> views() const { return {texts.begin(), texts.end()}; }
  bool has(std::string_view name) const { return std::ranges::find(texts, name) != texts.end(); }
};

Names commands_of(const CLI::App& app) {
  Names names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    names.texts.push_back(command->get_name());
  return names;
}

// Of the command and of those around it, without their dashes.
Names options_of(const CLI::App* command) {
  Names names;
  for (; command != nullptr; command = command->get_parent())
    for (const CLI::Option* option : command->get_options())
      names.texts.insert(names.texts.end(), option->get_lnames().begin(),
                         option->get_lnames().end());
  return names;
}

// The one that was named last: "warc verify" within "warc".
const CLI::App& innermost(const CLI::App& app) {
  const auto named = app.get_subcommands();
  return named.empty() ? app : innermost(*named.back());
}

std::string full_name(const CLI::App& command) {
  const CLI::App* parent = command.get_parent();
  return parent == nullptr ? command.get_name() : full_name(*parent) + " " + command.get_name();
}

bool is_slip(std::string_view word, std::string_view nearest) {
  const int letters = static_cast<int>(word.size());
  return !nearest.empty() && config::edit_distance(word, nearest) <= std::min(2, letters / 3);
}

// "user-agent" is job.user_agent.
std::string_view key_called(std::string_view option) {
  std::string name{option};
  std::ranges::replace(name, '-', '_');
  for (const std::string_view path : config::job_key_paths())
    if (path == option || path.substr(path.rfind('.') + 1) == name) return path;
  return {};
}

// name: without dashes.
std::string meant_by(std::string_view name, const Names& options) {
  const auto* const synonym =
      std::ranges::find(synonyms, name, &std::pair<std::string_view, std::string_view>::first);
  const std::string_view here = synonym == synonyms.end() ? name : synonym->second;
  if (options.has(here)) return fmt::format(" (did you mean --{}?)", here);
  if (options.has("set"))
    if (const auto key = key_called(here); !key.empty())
      return fmt::format(" (did you mean --set {}=VALUE?)", key);
  const auto views = options.views();
  const auto nearest = config::nearest_key(name, views);
  return is_slip(name, nearest) ? fmt::format(" (did you mean --{}?)", nearest) : "";
}

std::string no_option(const CLI::App& command, std::string_view argument) {
  const std::string_view given = argument.substr(0, argument.find('='));
  const std::string_view name = given.substr(std::min(given.find_first_not_of('-'), given.size()));
  return fmt::format("{0}: there is no option {1}{2}; {0} --help has them all\n",
                     full_name(command), printable(given), meant_by(name, options_of(&command)));
}

// Of a command that wants another one behind it: what stands there instead.
std::string no_command(const CLI::App& command, int argc, const char* const* argv) {
  const auto named = static_cast<int>(std::ranges::count(full_name(command), ' '));
  std::vector<std::string_view> words;
  for (int i = 1; i < argc; ++i)
    if (argv[i][0] != '-') words.emplace_back(argv[i]);
  const std::string name = full_name(command);
  if (std::cmp_less_equal(words.size(), named)) {
    for (int i = 1; i < argc; ++i)
      if (const std::string_view option = argv[i];
          option.starts_with("--") && !options_of(&command).has(option.substr(2)))
        return no_option(command, option);
    return fmt::format("{0}: a command is missing; {0} --help has them all\n", name);
  }
  const std::string_view word = words[static_cast<std::size_t>(named)];
  const Names commands = commands_of(command);
  const auto views = commands.views();
  const auto nearest = config::nearest_key(word, views);
  return fmt::format("{0}: there is no command \"{1}\"{2}; {0} --help has them all\n", name,
                     printable(word),
                     is_slip(word, nearest) ? fmt::format(" (did you mean {}?)", nearest) : "");
}

std::string unknown_argument(const CLI::App& app) {
  const CLI::App& command = innermost(app);
  const auto extras = app.remaining(true);
  const auto option =
      std::ranges::find_if(extras, [](const auto& extra) { return extra.starts_with('-'); });
  if (option != extras.end()) return no_option(command, *option);
  return fmt::format("{0}: \"{1}\" is one argument too many; {0} --help says what it takes\n",
                     full_name(command), extras.empty() ? "" : printable(extras.front()));
}

}  // namespace

std::string parse_error_line(const CLI::App& app, int argc, const char* const* argv,
                             const CLI::ParseError& error) {
  const CLI::App& command = innermost(app);
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) return unknown_argument(app);
  if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr &&
      !commands_of(command).texts.empty())
    return no_command(command, argc, argv);
  return fmt::format("{0}: {1}; {0} --help says more\n", full_name(command),
                     printable(error.what()));
}

}  // namespace trawl::service::cli
