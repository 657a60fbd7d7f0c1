// One tree for all that is asked of a page: to make it costs more than to ask it. Both are done in
// a process of its own, since neither has a bound in libxml2 that a page could not be made to pass.
#include "service/records/selection.hpp"

#include "core/base/log.hpp"
#include "core/web/ascii.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>

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

// What passes between the processes: 0 and for each query the number of its values and these, or 1
// and what went wrong. Both are this program, but one of them has read the page.
class Writer {
 public:
  void number(std::size_t number) {
    const auto value = static_cast<std::uint32_t>(number);
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void text(std::string_view text) {
    number(text.size());
    bytes_ += text;
  }
  std::string bytes() && { return std::move(bytes_); }

 private:
  std::string bytes_;
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  Result<std::vector<Selection::Values>> result(std::size_t queries) {
    if (number() != 0) return fail(Errc::limit_exceeded, text());
    std::vector<Selection::Values> all(queries);
    for (Selection::Values& values : all)
      for (std::size_t count = number(); count > 0 && !cut_; --count) values.push_back(text());
    if (cut_ || !bytes_.empty())
      return fail(Errc::internal, "what is selected of the page came back damaged");
    return all;
  }

 private:
  std::string_view take(std::size_t size) {
    cut_ |= size > bytes_.size();
    const std::string_view taken = bytes_.substr(0, cut_ ? 0 : size);
    bytes_.remove_prefix(taken.size());
    return taken;
  }
  std::size_t number() {
    std::uint32_t value = 0;
    if (const std::string_view taken = take(sizeof value); !cut_)
      std::memcpy(&value, taken.data(), sizeof value);
    return value;
  }
  std::string text() { return std::string{take(number())}; }

  std::string_view bytes_;
  bool cut_ = false;  // before what was to be there
};

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
  worker_ = std::make_unique<WorkerProcess>([this](std::string_view html) { return work(html); },
                                            page_time_max);
}

Result<std::vector<Selection::Values>> Selection::read(std::string_view html) const {
  if (html.size() > page_bytes_max)
    return fail(Errc::limit_exceeded, fmt::format("the page is longer than {} bytes: nothing is "
                                                  "selected of it",
                                                  page_bytes_max));
  const auto answer = worker_->ask(html);
  if (!answer)
    return fail(
        answer.error().code,
        fmt::format("what is selected of the page can't be found out: {}", answer.error().detail));
  return Reader{*answer}.result(queries_.size());
}

std::string Selection::work(std::string_view html) const {
  Writer writer;
  const auto refused = [&](std::string_view detail) {
    Writer error;
    error.number(1);
    error.text(detail);
    return std::move(error).bytes();
  };
  if (!web::PageTree::is_within_bounds(html))
    return refused(fmt::format("an element of the page has more than {} attributes",
                               web::PageTree::attributes_max));
  const web::PageTree tree{html};
  writer.number(0);
  for (std::size_t i = 0; i < queries_.size(); ++i) {
    const auto values = tree.ask(queries_[i]);
    if (!values) return refused(fmt::format("{}: {}", names_[i], values.error().detail));
    writer.number(values->size());
    for (const std::string& value : *values) writer.text(value);
  }
  return std::move(writer).bytes();
}

}  // namespace trawl::service
