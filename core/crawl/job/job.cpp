// The two names under which a job appears on other people's servers: the User-Agent they log and
// the product token their robots.txt addresses. Both come from one template, so they can't differ.
#include "core/crawl/job/job.hpp"

#include <algorithm>
#include <string_view>

namespace trawl::crawl {
namespace {

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

// RFC 9309 2.2.1: product tokens are letters, "-" and "_".
std::string_view leading_token(std::string_view text) {
  const auto in_token = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
  };
  const auto* end = std::ranges::find_if_not(text, in_token);
  return text.substr(0, static_cast<std::size_t>(end - text.begin()));
}

}  // namespace

std::string user_agent(const JobSpec& job) {
  std::string text = job.user_agent;
  if (job.contact.empty()) replace_all(text, " (+{contact})", "");
  replace_all(text, "{version}", TRAWL_VERSION);
  replace_all(text, "{contact}", job.contact);
  return text;
}

std::string product_token(const JobSpec& job) {
  const std::string agent = user_agent(job);
  std::string_view token = leading_token(agent);
  // "Mozilla/5.0 (compatible; examplebot/1.0)": the crawler's own name is in the comment.
  constexpr std::string_view marker = "(compatible; ";
  if (const auto at = agent.find(marker); token == "Mozilla" && at != std::string::npos)
    token = leading_token(std::string_view{agent}.substr(at + marker.size()));
  return token.empty() ? "trawl" : std::string{token};
}

std::optional<RecrawlInterval> recrawl_interval(const RecrawlSpec& recrawl) {
  if (recrawl.every) return recrawl.every;
  if (recrawl.min && recrawl.max) return RecrawlInterval{*recrawl.min, *recrawl.max};
  return std::nullopt;
}

}  // namespace trawl::crawl
