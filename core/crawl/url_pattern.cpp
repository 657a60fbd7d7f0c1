// Globs for people, RE2 for the rest: both run in bounded time and memory on any input, so that a
// pattern can't be made slow by a hostile URL.
#include "core/crawl/url_pattern.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>

namespace trawl::crawl {
namespace {

constexpr std::string_view expression_prefix = "re:";

// Whether a URL of that scheme can begin with what the glob begins with.
bool can_begin(std::string_view literal, std::string_view scheme) {
  return literal.starts_with(scheme) || scheme.starts_with(literal);
}

}  // namespace

bool glob_matches(std::string_view glob, std::string_view text) {
  std::size_t g = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;  // the last `*`, and where its run ends for now
  std::size_t run_end = 0;
  while (t < text.size()) {
    if (g < glob.size() && glob[g] == '*') {
      star = g++;
      run_end = t;
    } else if (g < glob.size() && (glob[g] == '?' || glob[g] == text[t])) {
      ++g;
      ++t;
    } else if (star != std::string_view::npos) {
      g = star + 1;
      t = ++run_end;
    } else {
      return false;
    }
  }
  while (g < glob.size() && glob[g] == '*') ++g;
  return g == glob.size();
}

std::size_t UrlPattern::program_size() const {
  return expression_ ? static_cast<std::size_t>(std::max(expression_->ProgramSize(), 0)) : 0;
}

Result<UrlPattern> UrlPattern::create(std::string_view text) {
  UrlPattern pattern;
  pattern.text_ = text;
  if (text.starts_with(expression_prefix)) {
    re2::RE2::Options options;
    options.set_log_errors(false);
    auto expression = std::make_shared<const re2::RE2>(
        std::string(text.substr(expression_prefix.size())), options);
    if (!expression->ok()) {
      return fail(Errc::config,
                  fmt::format("\"{}\" is not a valid expression: {}", text, expression->error()));
    }
    pattern.expression_ = std::move(expression);
    return pattern;
  }
  const std::string_view literal = text.substr(0, text.find_first_of("*?"));
  if (!can_begin(literal, "https://") && !can_begin(literal, "http://")) {
    return fail(Errc::config,
                fmt::format("\"{0}\" matches no URL: a glob is on the whole URL, so it begins with "
                            "http:// or https:// or *; did you mean \"*{0}\"?",
                            text));
  }
  return pattern;
}

bool UrlPattern::matches(std::string_view url) const {
  if (!expression_) return glob_matches(text_, url);
  return re2::RE2::PartialMatch(re2::StringPiece(url.data(), url.size()), *expression_);
}

}  // namespace trawl::crawl
