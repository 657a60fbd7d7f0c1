// What is known is known by page and link: another fault of the same link is nothing new.
#include "service/links/link_policy.hpp"

#include "core/base/log.hpp"
#include "core/base/result.hpp"
#include "core/web/ascii.hpp"
#include "core/web/digest.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <functional>
#include <system_error>
#include <utility>

namespace trawl::service {
namespace {

constexpr std::string_view page_prefix = "page:";

// visit(line, number): a fault, or an empty text.
void each_line(const std::string& file,
               const std::function<std::string(std::string_view, std::size_t)>& visit) {
  std::ifstream input{file};
  if (!input)
    throw Failure(Errc::usage, fmt::format("{} can't be read: {}", printable(file),
                                           std::generic_category().message(errno)));
  std::size_t number = 0;
  for (std::string line; std::getline(input, line);) {
    ++number;
    const auto text = web::ascii::trim(line);
    if (text.empty()) continue;
    if (const std::string fault = visit(text, number); !fault.empty())
      throw Failure(Errc::usage, fmt::format("{}:{}: {}", printable(file), number, fault));
  }
  if (input.bad() || std::filesystem::is_directory(file))
    throw Failure(Errc::usage, fmt::format("{} can't be read as a file", printable(file)));
}

std::uint64_t print_of(std::string_view page, std::string_view link) {
  return web::fingerprint(fmt::format("{} {}", page, link));
}

}  // namespace

void LinkPolicy::ignore_by(const std::string& file) {
  each_line(file, [this](std::string_view text, std::size_t) -> std::string {
    if (text == "#" || text.starts_with("# ")) return {};
    const bool page = text.starts_with(page_prefix);
    auto pattern =
        crawl::UrlPattern::create(page ? web::ascii::trim(text.substr(page_prefix.size())) : text);
    if (!pattern) return pattern.error().detail;
    (page ? pages_ : links_).push_back(std::move(*pattern));
    return {};
  });
}

void LinkPolicy::accept(const std::string& statuses) {
  if (statuses.empty()) return;
  auto ranges = storage::parse_status_filter(statuses);
  if (!ranges) throw Failure(ranges.error());
  accepted_ = std::move(*ranges);
}

void LinkPolicy::know(const std::string& file) {
  each_line(file, [this](std::string_view text, std::size_t) -> std::string {
    boost::system::error_code error;
    const auto value = boost::json::parse(text, error);
    const auto* object = error ? nullptr : value.if_object();
    const auto* page = object != nullptr ? object->if_contains("page") : nullptr;
    const auto* link = object != nullptr ? object->if_contains("link") : nullptr;
    if (page == nullptr || link == nullptr || !link->is_string() ||
        !(page->is_string() || page->is_null()))
      return "this is no line of trawl links; make the file with trawl links DIR --broken";
    const std::string_view on = page->is_null() ? std::string_view{} : page->get_string();
    known_.insert(print_of(on, link->get_string()));
    return {};
  });
}

LinkPolicy::Verdict LinkPolicy::judge(const FoundLink& found) const {
  const auto matches = [](const std::vector<crawl::UrlPattern>& patterns, std::string_view url) {
    return std::ranges::any_of(
        patterns, [url](const crawl::UrlPattern& pattern) { return pattern.matches(url); });
  };
  if (matches(links_, found.link.url) || matches(pages_, found.page.url)) return Verdict::ignored;
  // The status has to be what is wrong.
  const auto status = found.end ? found.end->status.value_or(0) : 0;
  const bool by_status = status >= 400 && found.end->state == crawl::UrlState::fetched;
  if (by_status && std::ranges::any_of(accepted_, [status](const auto& range) {
        return range.first <= status && status <= range.last;
      }))
    return Verdict::ignored;
  return known_.contains(print_of(found.page.url, found.link.url)) ? Verdict::known
                                                                   : Verdict::counts;
}

}  // namespace trawl::service
