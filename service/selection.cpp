// One tree for all that is asked of a page: to make it costs more than to ask it.
#include "service/selection.hpp"

#include "core/base/log.hpp"
#include "core/web/ascii.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace trawl::service {
namespace {

constexpr std::size_t name_bytes_max = 64;
constexpr std::string_view xpath_mark = "xpath:";

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= name_bytes_max && std::ranges::all_of(text, [](char c) {
    return web::ascii::is_alnum(c) || c == '_' || c == '-';
  });
}

Result<web::PageQuery> query_of(std::string_view expression) {
  if (expression.starts_with(xpath_mark))
    return web::PageQuery::xpath(web::ascii::trim(expression.substr(xpath_mark.size())));
  const bool is_path =
      expression.starts_with('/') || expression.starts_with('(') || expression.starts_with("./");
  return is_path ? web::PageQuery::xpath(expression) : web::PageQuery::css(expression);
}

}  // namespace

Selection::Selection(const std::vector<std::string>& wanted) {
  if (wanted.size() > queries_max)
    throw Failure(Errc::usage, fmt::format("--select is given {} times, and {} are allowed",
                                           wanted.size(), queries_max));
  for (const std::string_view each : wanted) {
    const std::size_t end = std::min(each.find('='), each.size());
    const std::string_view name = each.substr(0, end);
    if (end == each.size() || !is_name(name))
      throw Failure(Errc::usage,
                    fmt::format("--select {}: NAME=EXPRESSION is expected, such as "
                                "'price=.price::text'; a name is of letters, digits, _ and -",
                                printable(each, 128)));
    if (std::ranges::find(names_, name) != names_.end())
      throw Failure(Errc::usage, fmt::format("--select: the name {} is given twice", name));
    auto query = query_of(web::ascii::trim(each.substr(end + 1)));
    if (!query)
      throw Failure(Errc::usage,
                    fmt::format("--select {}: {}", printable(each, 256), query.error().detail));
    names_.emplace_back(name);
    queries_.push_back(std::move(*query));
  }
}

Result<std::vector<Selection::Values>> Selection::read(std::string_view html) const {
  if (html.size() > page_bytes_max)
    return fail(Errc::limit_exceeded, fmt::format("the page is longer than {} bytes: nothing is "
                                                  "selected of it",
                                                  page_bytes_max));
  const web::PageTree tree{html};
  std::vector<Values> found;
  found.reserve(queries_.size());
  for (std::size_t i = 0; i < queries_.size(); ++i) {
    auto values = tree.ask(queries_[i]);
    if (!values)
      return fail(values.error().code, fmt::format("{}: {}", names_[i], values.error().detail));
    found.push_back(std::move(*values));
  }
  return found;
}

}  // namespace trawl::service
