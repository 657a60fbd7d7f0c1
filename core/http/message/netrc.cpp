// libcurl reads the file anew for each transfer, on the loop; it is read once here. No message
// quotes a word of it, since any may be a password.
#include "core/http/message/netrc.hpp"

#include <fmt/format.h>

#include <optional>

namespace trawl::http {
namespace {

class Words {
 public:
  explicit Words(std::string_view text) : rest_(text) {}

  std::optional<std::string> next() {
    skip_space();
    if (rest_.empty()) return std::nullopt;
    if (rest_.front() == '"') return quoted();
    const auto end = std::min(rest_.find_first_of(" \t\r\n"), rest_.size());
    std::string word{rest_.substr(0, end)};
    rest_.remove_prefix(end);
    return word;
  }
  // A macro ends at an empty line.
  void skip_macro() {
    const auto end = std::min(rest_.find("\n\n"), rest_.size());
    count_lines(rest_.substr(0, end));
    rest_.remove_prefix(end);
  }
  int line() const { return line_; }

 private:
  void count_lines(std::string_view text) {
    for (const char c : text) line_ += c == '\n' ? 1 : 0;
  }
  void skip_space() {
    for (;;) {
      const auto end = std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size());
      count_lines(rest_.substr(0, end));
      rest_.remove_prefix(end);
      if (!rest_.starts_with('#')) return;
      rest_.remove_prefix(std::min(rest_.find('\n'), rest_.size()));
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
  while (auto word = words.next()) {
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
    auto value = words.next();
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
