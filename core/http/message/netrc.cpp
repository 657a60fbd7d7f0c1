// libcurl reads the file anew for each transfer, on the loop; it is read once here. No message
// quotes a word of it, since any may be a password.
#include "core/http/message/netrc.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace trawl::http {
namespace {

class Words {
 public:
  explicit Words(std::string_view text) : rest_(text) {}

  std::optional<std::string> keyword() { return next(true); }
  // May begin with a #, unless that is the first thing of its line.
  std::optional<std::string> value() { return next(false); }
  // A macro ends at an empty line.
  void skip_macro() {
    take_line();
    while (!rest_.empty())
      if (take_line().find_first_not_of(" \t\r\n") == std::string_view::npos) return;
  }
  int line() const { return line_; }

 private:
  std::optional<std::string> next(bool comment_may_follow) {
    skip_space(comment_may_follow);
    if (rest_.empty()) return std::nullopt;
    if (rest_.front() == '"') return quoted();
    const auto end = std::min(rest_.find_first_of(" \t\r\n"), rest_.size());
    std::string word{rest_.substr(0, end)};
    rest_.remove_prefix(end);
    return word;
  }
  std::string_view take(std::size_t bytes) {
    const auto taken = rest_.substr(0, bytes);
    line_ += static_cast<int>(std::ranges::count(taken, '\n'));
    rest_.remove_prefix(taken.size());
    return taken;
  }
  // With its end.
  std::string_view take_line() {
    const auto end = rest_.find('\n');
    return take(end == std::string_view::npos ? end : end + 1);
  }
  void skip_space(bool comment_may_follow) {
    for (;;) {
      const auto space = take(rest_.find_first_not_of(" \t\r\n"));
      comment_may_follow = comment_may_follow || space.contains('\n');
      if (!rest_.starts_with('#') || !comment_may_follow) return;
      take_line();
    }
  }
  std::string quoted() {
    std::string word;
    std::size_t at = 1;
    for (; at < rest_.size() && rest_[at] != '"' && rest_[at] != '\n'; ++at) {
      if (rest_[at] == '\\' && at + 1 < rest_.size()) ++at;
      word += rest_[at];
    }
    rest_.remove_prefix(std::min(at + 1, rest_.size()));
    return word;
  }

  std::string_view rest_;
  int line_ = 1;
};

}  // namespace

Result<std::vector<NetrcEntry>> parse_netrc(std::string_view text) {
  std::vector<NetrcEntry> entries;
  NetrcEntry nobody;  // what "default" says, and what comes before any machine
  NetrcEntry* entry = &nobody;
  Words words{text};
  while (auto word = words.keyword()) {
    if (*word == "default") {
      entry = &nobody;
      continue;
    }
    const bool known = *word == "machine" || *word == "login" || *word == "password" ||
                       *word == "account" || *word == "macdef";
    if (!known)
      return fail(Errc::config,
                  fmt::format("line {}: expected machine, login, password, account, macdef or "
                              "default",
                              words.line()));
    auto value = words.value();
    if (!value) return fail(Errc::config, fmt::format("line {}: ends too soon", words.line()));
    if (*word == "machine")
      entry = &entries.emplace_back(NetrcEntry{.machine = std::move(*value)});
    else if (*word == "login")
      entry->login = std::move(*value);
    else if (*word == "password")
      entry->password = std::move(*value);
    else if (*word == "macdef")
      words.skip_macro();
  }
  return entries;
}

}  // namespace trawl::http
