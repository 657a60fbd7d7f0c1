// What the daemon as a whole may do; what a job may do is in its own file.
#include "config/check.hpp"
#include "config/daemon_key.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace trawl::config {
namespace {

constexpr std::uint64_t bandwidth_min = 1024;

std::string check_path(std::string& text) {
  return text.find('\0') == std::string::npos ? check_text(text) : "a file's path";
}
std::string check_folder(std::string& text) {
  return text.empty() ? "a folder's path" : check_path(text);
}

// "127.0.0.1:8090", "[::1]:8090", "localhost:8090".
struct Listen {
  bool read(const toml::node& node, ListenAddress& out) const {
    const auto text = text_of(node);
    const auto colon = text ? text->rfind(':') : std::string_view::npos;
    if (!text || colon == std::string_view::npos) return false;
    std::string host{text->substr(0, colon)};
    const auto port_text = text->substr(colon + 1);
    std::uint16_t port = 0;
    const auto [rest, error] =
        std::from_chars(port_text.data(), port_text.data() + port_text.size(), port);
    if (error != std::errc{} || rest != port_text.data() + port_text.size()) return false;
    if (host == "localhost") host = "127.0.0.1";
    const bool bracketed = host.starts_with('[') && host.ends_with(']');
    if (bracketed) host = host.substr(1, host.size() - 2);
    std::array<unsigned char, 16> bytes{};
    if (inet_pton(bracketed ? AF_INET6 : AF_INET, host.c_str(), bytes.data()) != 1) return false;
    out = {std::move(host), port};
    return true;
  }
  std::string expected() const {
    return R"(an address and a port like "127.0.0.1:8090" or "[::1]:8090")";
  }
  std::string print(const ListenAddress& value) const { return toml_string(value.to_string()); }
};

template <class E>
struct AutoOr {
  Choice<E> choice;

  void read(const toml::node& node, std::optional<E>& out, Problems& problems) const {
    const auto text = text_of(node);
    if (text == "auto") return out.reset();
    const auto word = std::ranges::find(choice.words, text, [](const auto& w) { return w.first; });
    if (word == choice.words.end())
      return mismatch(problems, node, choice.expected() + " or \"auto\"");
    out = word->second;
  }
  std::string print(const std::optional<E>& value) const {
    return value ? choice.print(*value) : "\"auto\"";
  }
};

template <class Codec, class T>
DaemonKey make_daemon_key(std::string_view path, std::string_view doc, bool live,
                          const Codec& codec, T DaemonSpec::* member) {
  return {.path = path,
          .doc = doc,
          .live = live,
          .read = [=](const toml::node& node, DaemonSpec& spec,
                      Problems& problems) { read_value(codec, node, spec.*member, problems); },
          .print = [=](const DaemonSpec& spec) { return codec.print(spec.*member); },
          .copy = [=](const DaemonSpec& from, DaemonSpec& to) { to.*member = from.*member; }};
}

void add_place_keys(std::vector<DaemonKey>& keys) {
  keys.push_back(make_daemon_key(
      "listen",
      "Where the control API and the dashboard are served: an address and a port. Anything but "
      "loopback needs a token.",
      false, Listen{}, &DaemonSpec::listen));
  keys.push_back(make_daemon_key(
      "hosts",
      "Names by which the API and the dashboard may be asked for, besides addresses and "
      "`localhost`: against pages that bring their own name for this machine.",
      false, TextList{check_not_empty}, &DaemonSpec::hosts));
  keys.push_back(make_daemon_key(
      "jobs_dir",
      "A folder whose `*.toml` files are jobs. It is watched: files that are added, changed or "
      "removed are picked up.",
      false, Text{check_folder}, &DaemonSpec::jobs_dir));
  keys.push_back(make_daemon_key(
      "data_dir",
      "The daemon's own folder: submitted jobs, the states of all jobs, and the output folders of "
      "jobs that name none. One daemon at a time holds it.",
      false, Text{check_folder}, &DaemonSpec::data_dir));
  keys.push_back(make_daemon_key("token_file",
                                 "A file with the API's token in its first line; `TRAWL_TOKEN` in "
                                 "the environment goes before it.",
                                 false, Text{check_path}, &DaemonSpec::token_file));
}

void add_bound_keys(std::vector<DaemonKey>& keys) {
  keys.push_back(make_daemon_key("concurrency",
                                 "Fetches in flight, of all jobs together; shared by "
                                 "`job.weight`.",
                                 true, Count{.min = 1, .max = 100'000}, &DaemonSpec::concurrency));
  keys.push_back(make_daemon_key("jobs_at_once",
                                 "Jobs that run side by side; the others wait for a place.", true,
                                 Count{.min = 1, .max = 1000}, &DaemonSpec::jobs_at_once));
  keys.push_back(make_daemon_key(
      "bandwidth",
      "Receive bodies no faster than this, all jobs together, whatever `limits.bandwidth` of each "
      "says.",
      true, or_off(Speed{.min = bandwidth_min}), &DaemonSpec::bandwidth));
  keys.push_back(make_daemon_key(
      "memory",
      "While the daemon holds more memory than this, no further job begins its run; or `\"off\"`.",
      true, or_off(Bytes{.min = 64ULL << 20}), &DaemonSpec::memory_bytes));
  keys.push_back(make_daemon_key("grace",
                                 "At a shutdown: how long fetches in flight may take to finish, "
                                 "where `job.grace` isn't shorter.",
                                 true, Duration{.max = Millis{std::chrono::hours{1}}},
                                 &DaemonSpec::grace));
  keys.push_back(
      make_daemon_key("allow_private_networks",
                      "Private networks, in CIDR form, that submitted jobs may name in "
                      "`fetch.allow_private_networks`; files in `jobs_dir` may name any.",
                      true, TextList{check_network}, &DaemonSpec::allow_private_networks));
}

void add_log_keys(std::vector<DaemonKey>& keys) {
  using spdlog::level::level_enum;
  keys.push_back(make_daemon_key("log.file",
                                 "A file for the log; empty: standard error. SIGHUP opens it anew, "
                                 "as logrotate wants it.",
                                 false, Text{check_path}, &DaemonSpec::log_file));
  keys.push_back(make_daemon_key(
      "log.format", "`\"text\"`, `\"json\"`, or `\"auto\"`: as `--log-format` says.", false,
      AutoOr<LogFormat>{
          Choice<LogFormat>{{{"text", LogFormat::text}, {"json", LogFormat::json}}, {}}},
      &DaemonSpec::log_format));
  keys.push_back(
      make_daemon_key("log.level",
                      "`\"error\"`, `\"warn\"`, `\"info\"`, `\"debug\"`, `\"trace\"`, or "
                      "`\"auto\"`: as `-q` and `-v` say.",
                      false,
                      AutoOr<level_enum>{Choice<level_enum>{{{"error", level_enum::err},
                                                             {"warn", level_enum::warn},
                                                             {"info", level_enum::info},
                                                             {"debug", level_enum::debug},
                                                             {"trace", level_enum::trace}},
                                                            {}}},
                      &DaemonSpec::log_level));
}

}  // namespace

std::string DaemonKey::variable() const {
  std::string name = "TRAWL_";
  for (const char c : path) {
    if (c == '.')
      name += "__";
    else
      name += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return name;
}

std::span<const DaemonKey> daemon_keys() {
  static const std::vector<DaemonKey> keys = [] {
    std::vector<DaemonKey> all;
    add_place_keys(all);
    add_bound_keys(all);
    add_log_keys(all);
    return all;
  }();
  return keys;
}

const DaemonKey* find_daemon_key(std::string_view path) {
  const auto found = std::ranges::find(daemon_keys(), path, &DaemonKey::path);
  return found == daemon_keys().end() ? nullptr : &*found;
}

}  // namespace trawl::config
