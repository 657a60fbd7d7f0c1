// Few keys and one section, so that the layers are laid in a plain walk; the readers of values and
// the form of messages are those of the job files.
#include "config/daemon.hpp"

#include "config/check.hpp"
#include "config/daemon_key.hpp"
#include "config/document.hpp"
#include "config/nearest.hpp"
#include "core/base/errno_text.hpp"
#include "core/base/limits.hpp"
#include "core/web/ascii.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <system_error>

namespace trawl::config {
namespace {

using Errors = std::vector<ConfigError>;

constexpr const char* token_variable = "TRAWL_TOKEN";

constexpr std::string_view log_prefix = "TRAWL_LOG__";

bool is_daemon_variable(std::string_view name) {
  return std::ranges::any_of(daemon_keys(),
                             [name](const DaemonKey& key) { return key.variable() == name; });
}

// It has to stand in a header (RFC 6750, 2.1). Empty: it may.
std::string why_no_token(std::string_view token) {
  if (token.empty()) return "is empty; expected a token";
  const bool fits = std::ranges::all_of(token, [](char c) { return c > ' ' && c <= '~'; });
  return fits ? "" : "expected a token of printable ASCII characters without blanks";
}

Origin at(const std::string& file, const toml::source_position& position) {
  return {file, static_cast<int>(position.line), static_cast<int>(position.column)};
}

class DaemonLayers {
 public:
  void add_document(const toml::table& document, const std::string& file) {
    struct Entry {
      std::string path;
      const toml::key* name;
      const toml::node* node;
    };
    std::vector<Entry> entries;
    for (const auto& [name, node] : document) {
      if (name.str() != "log" || !node.is_table()) {
        entries.push_back({std::string{name.str()}, &name, &node});
        continue;
      }
      for (const auto& [key, value] : *node.as_table())
        entries.push_back({fmt::format("log.{}", key.str()), &key, &value});
    }
    std::ranges::sort(entries, std::less{}, [](const Entry& entry) {
      const auto& begin = entry.name->source().begin;
      return std::pair{begin.line, begin.column};
    });
    for (const Entry& entry : entries) {
      const DaemonKey* key = find_daemon_key(entry.path);
      if (key == nullptr)
        refuse_unknown(entry.path, at(file, entry.name->source().begin));
      else
        read(*key, *entry.node, at(file, entry.node->source().begin));
    }
  }

  void add_environment(const std::map<std::string, std::string>& variables) {
    for (const DaemonKey& key : daemon_keys())
      if (const auto found = variables.find(key.variable()); found != variables.end())
        read_text(key, found->second, false, {found->first, 0, 0});
    // No job has such a section, so whoever wrote it meant the daemon.
    for (const auto& [name, value] : variables)
      if (name.starts_with(log_prefix) && !is_daemon_variable(name))
        refuse_unknown("log." + web::ascii::lowered(name.substr(log_prefix.size())), {name, 0, 0});
  }

  void add_option(const Override& option) {
    const DaemonKey* key = find_daemon_key(option.key);
    if (key == nullptr) return refuse_unknown(option.key, {option.source, 0, 0});
    read_text(*key, option.value, option.literal, {option.source, 0, 0});
  }

  void take_token(const std::map<std::string, std::string>& variables) {
    const auto variable = variables.find(token_variable);
    if (variable != variables.end()) {
      if (std::string wrong = why_no_token(variable->second); !wrong.empty())
        return refuse({variable->first, 0, 0}, {}, std::move(wrong));
      loaded_.token = variable->second;
      return;
    }
    const std::string& file = loaded_.spec.token_file;
    if (file.empty()) {
      // An unset variable in a compose file is not meant to take the token away.
      const Origin origin = loaded_.origin("token_file");
      if (variables.contains(origin.source))
        refuse(origin, "token_file", "is empty; expected a file's path");
      return;
    }
    auto token = read_token(file);
    if (!token)
      return refuse(loaded_.origin("token_file"), "token_file", std::move(token.error().detail));
    loaded_.token = std::move(*token);
  }

  Loaded<LoadedDaemon> finish() && {
    if (!loaded_.spec.listen.is_loopback() && loaded_.token.empty() && errors_.empty())
      refuse(loaded_.origin("listen"), "listen",
             fmt::format("{} is more than loopback, and without a token anybody there could steer "
                         "this daemon: set token_file or TRAWL_TOKEN, or listen on 127.0.0.1",
                         loaded_.spec.listen.to_string()));
    if (!errors_.empty()) return std::unexpected(std::move(errors_));
    return std::move(loaded_);
  }

 private:
  void read_text(const DaemonKey& key, const std::string& value, bool literal,
                 const Origin& origin) {
    const toml::value<std::string> plain{value};
    const auto parsed = literal ? nullptr : parse_value(value);
    Problems problems;
    if (parsed) key.read(*parsed, loaded_.spec, problems);
    Problems as_plain;
    if (!parsed || !problems.empty()) key.read(plain, loaded_.spec, as_plain);
    if (!as_plain.empty()) {
      for (const Problem& problem : parsed ? problems : as_plain)
        refuse(origin, std::string{key.path} + problem.entry, problem.message);
      return;
    }
    loaded_.origins.insert_or_assign(std::string{key.path}, origin);
  }

  void read(const DaemonKey& key, const toml::node& node, const Origin& origin) {
    Problems problems;
    key.read(node, loaded_.spec, problems);
    for (const Problem& problem : problems)
      refuse(problem.where.line != 0 ? at(origin.source, problem.where) : origin,
             std::string{key.path} + problem.entry, problem.message);
    if (problems.empty()) loaded_.origins.insert_or_assign(std::string{key.path}, origin);
  }

  void refuse_unknown(std::string_view path, const Origin& origin) {
    std::vector<std::string_view> paths;
    for (const DaemonKey& key : daemon_keys()) paths.push_back(key.path);
    if (path == "log")
      return refuse(origin, path, "expected a table, [log], with file, format and level");
    const std::string_view nearest = nearest_key(path, paths);
    refuse(origin, path,
           nearest.empty() ? std::string{"unknown key"}
                           : fmt::format("unknown key; the nearest known key is {}", nearest));
  }

  void refuse(const Origin& origin, std::string_view key, std::string message) {
    if (errors_.size() < errors_shown_max)
      errors_.push_back(
          {origin.source, origin.line, origin.column, printable(key, 80), std::move(message)});
  }

  LoadedDaemon loaded_;
  Errors errors_;
};

}  // namespace

bool ListenAddress::is_loopback() const {
  return host.starts_with("127.") || host == "::1";
}

std::string ListenAddress::to_string() const {
  return host.contains(':') ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

Origin LoadedDaemon::origin(std::string_view key) const {
  const auto found = origins.find(key);
  return found == origins.end() ? Origin{} : found->second;
}

Loaded<LoadedDaemon> load_daemon(const std::filesystem::path& file, const Overrides& overrides) {
  if (file.empty()) return load_daemon_text({}, {}, overrides);
  const auto text = read_document(file);
  if (!text) return std::unexpected(std::vector{text.error()});
  return load_daemon_text(*text, file.string(), overrides);
}

Loaded<LoadedDaemon> load_daemon_text(std::string_view toml, const std::string& file,
                                      const Overrides& overrides) {
  const auto document = parse_document(toml, file);
  if (!document) return std::unexpected(std::vector{document.error()});
  DaemonLayers layers;
  layers.add_document(*document, file);
  layers.add_environment(overrides.environment);
  for (const Override& option : overrides.options) layers.add_option(option);
  layers.take_token(overrides.environment);
  return std::move(layers).finish();
}

Result<std::string> read_token(const std::string& file) {
  std::error_code ignored;
  if (std::filesystem::is_directory(file, ignored))
    return fail(Errc::io, fmt::format("{} is a directory; expected a file with the token", file));
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> stream{std::fopen(file.c_str(), "rbe"),
                                                               std::fclose};
  if (!stream) return fail(Errc::io, fmt::format("can't open {}: {}", file, errno_text(errno)));
  std::string text(limits::credentials_file_bytes_max, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), stream.get()));
  text.resize(std::min(text.find_first_of("\r\n"), text.size()));
  if (std::string wrong = why_no_token(text); !wrong.empty())
    return fail(Errc::config, fmt::format("{} {}", file, wrong));
  return text;
}

std::map<std::string, std::string> job_environment(
    const std::map<std::string, std::string>& environment) {
  auto rest = environment;
  std::erase_if(rest, [](const auto& variable) {
    return is_daemon_variable(variable.first) || variable.first.starts_with(log_prefix);
  });
  return rest;
}

DaemonSpec live_changes(const DaemonSpec& running, const DaemonSpec& loaded) {
  DaemonSpec spec = loaded;
  for (const DaemonKey& key : daemon_keys())
    if (!key.live) key.copy(running, spec);
  return spec;
}

std::vector<DaemonChange> changes_between(const DaemonSpec& old_spec, const DaemonSpec& new_spec) {
  std::vector<DaemonChange> changes;
  for (const DaemonKey& key : daemon_keys()) {
    const std::string before = key.print(old_spec), after = key.print(new_spec);
    if (before != after)
      changes.push_back({fmt::format("{}: {} → {}", key.path, before, after), !key.live});
  }
  return changes;
}

}  // namespace trawl::config
