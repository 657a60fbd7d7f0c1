// [hooks]: who is told how the job goes. One value is a webhook's URL or a command, since an event
// has one of them; a command is a list of words because no shell reads it.
#include "config/check.hpp"
#include "config/job.hpp"
#include "config/key.hpp"

namespace trawl::config {
namespace {

using crawl::HookSpec;
using crawl::HookTarget;
using crawl::JobSpec;

constexpr std::size_t words_max = 64;

bool is_web_url(std::string_view text) {
  const std::string lower = lower_ascii(text);
  return (lower.starts_with("https://") || lower.starts_with("http://")) && !text.ends_with("//");
}

// The paths of many receivers' URLs are secrets.
std::string without_path(std::string_view url) {
  const std::string shown = hide_password(url);
  const auto slash = shown.find('/', shown.find("://") + 3);
  const bool has_path = slash != std::string::npos && slash + 1 < shown.size();
  return has_path ? shown.substr(0, slash) + "/***" : shown;
}

// "off", "https://…", or ["/usr/bin/notify", "argument"].
struct Target {
  bool read(const toml::node& node, HookTarget& out) const {
    HookTarget target;
    if (const auto text = text_of(node)) {
      if (*text != "off" && !is_web_url(*text)) return false;
      if (*text != "off") target.url = *text;
    } else {
      const toml::array* words = node.as_array();
      if (words == nullptr || words->empty() || words->size() > words_max) return false;
      for (const toml::node& word : *words) {
        const auto text_word = text_of(word);
        if (!text_word || text_word->contains('\0')) return false;
        target.command.emplace_back(*text_word);
      }
      if (!target.command.front().starts_with('/')) return false;
    }
    out = std::move(target);
    return true;
  }
  std::string expected() const {
    return "\"off\", a URL, or a command as a list like [\"/usr/local/bin/notify\", \"docs\"], "
           "whose "
           "first word is a whole path";
  }
  std::string print(const HookTarget& value) const {
    if (value.off()) return "\"off\"";
    return value.command.empty() ? toml_string(without_path(value.url)) : toml_list(value.command);
  }
};

std::string check_path(std::string& text) {
  return text.find('\0') == std::string::npos ? check_text(text) : "a file's path";
}

}  // namespace

void add_hook_keys(std::vector<Key>& keys) {
  keys.push_back(
      make_key("hooks.on_finish",
               "What is told that a run ended, by itself or at a limit: a webhook's URL, "
               "or a command as a list of words ([hooks](hooks.md)).",
               Target{}, &JobSpec::hooks, &HookSpec::on_finish));
  keys.push_back(make_key("hooks.on_error", "The same, of a run that an error stopped.", Target{},
                          &JobSpec::hooks, &HookSpec::on_error));
  keys.push_back(make_key("hooks.on_host_blocked",
                          "The same, of a host that is left alone since it failed so often "
                          "(`fetch.host_breaker`).",
                          Target{}, &JobSpec::hooks, &HookSpec::on_host_blocked));
  keys.push_back(make_key("hooks.secret_file",
                          "A file whose first line is the key of the webhooks' signatures; "
                          "empty: they are not signed.",
                          Text{check_path}, &JobSpec::hooks, &HookSpec::secret_file));
  keys.push_back(make_key("hooks.timeout", "For one attempt of a webhook, or a command.",
                          Duration{.min = Millis{100}, .max = Millis{std::chrono::minutes{10}}},
                          &JobSpec::hooks, &HookSpec::timeout));
  keys.push_back(make_key("hooks.attempts",
                          "How often a webhook is tried, with waits of 1 s, 2 s, 4 s and so on.",
                          Count{1, 10}, &JobSpec::hooks, &HookSpec::attempts));
  keys.push_back(make_key("hooks.allow_private_networks",
                          "Networks in CIDR form that webhooks may reach although they are not "
                          "public; those of `fetch` don't count here.",
                          TextList{check_network}, &JobSpec::hooks,
                          &HookSpec::allow_private_networks));
}

}  // namespace trawl::config
