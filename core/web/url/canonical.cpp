// Two spellings of one resource must meet in one form, but two resources must never: so only what
// RFC 3986 calls equivalent is unified, plus what the job's rules name.
#include "core/web/url/canonical.hpp"

#include "core/web/percent.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

namespace trawl::web {
namespace {

// A longer URL is refused before its canonical form is made, unless that may be longer. No server
// takes such a URL, and what is stripped of it would be looked at on a thread that others wait for.
constexpr std::size_t written_bytes_max = 64 * 1024;

// '*' stands for any run of characters. Linear time for a glob with one star, as most have.
bool matches(std::string_view glob, std::string_view text) {
  std::size_t g = 0;
  std::size_t t = 0;
  std::size_t star = glob.npos;
  std::size_t after_star = 0;
  while (t < text.size()) {
    if (g < glob.size() && glob[g] == '*') {
      star = g++;
      after_star = t;
    } else if (g < glob.size() && glob[g] == text[t]) {
      ++g;
      ++t;
    } else if (star != glob.npos) {
      g = star + 1;
      t = ++after_star;
    } else {
      return false;
    }
  }
  return glob.find_first_not_of('*', g) == glob.npos;
}

std::string_view name_of(std::string_view parameter) {
  return parameter.substr(0, parameter.find('='));
}

bool is_stripped(std::string_view parameter, const std::vector<std::string>& globs) {
  std::string_view name = name_of(parameter);
  std::string decoded;
  if (name.contains('%')) {
    append_decoded(decoded, name);
    name = decoded;
  }
  return std::ranges::any_of(globs,
                             [name](const std::string& glob) { return matches(glob, name); });
}

// All views are into one text, so that their addresses are their order in it: repeated names keep
// it.
std::string sorted_by_name(std::string_view query) {
  std::vector<std::string_view> parameters;
  for (std::size_t start = 0; start <= query.size();) {
    const std::size_t end = std::min(query.find('&', start), query.size());
    parameters.push_back(query.substr(start, end - start));
    start = end + 1;
  }
  std::ranges::sort(parameters, [](std::string_view left, std::string_view right) {
    const auto order = name_of(left) <=> name_of(right);
    return order == 0 ? left.data() < right.data() : order < 0;
  });
  return fmt::format("{}", fmt::join(parameters, "&"));
}

// query: without '?'; nothing is appended when no parameter is left.
void append_query(std::string& out, std::string_view query, const CanonicalRules& rules) {
  const std::size_t start = out.size();
  while (true) {
    const std::size_t mark = out.size();
    const std::size_t end = std::min(query.find('&'), query.size());
    out += mark == start ? '?' : '&';
    append_normalised(out, query.substr(0, end));
    if (is_stripped(std::string_view(out).substr(mark + 1), rules.strip_params)) out.resize(mark);
    if (end == query.size()) break;
    query.remove_prefix(end + 1);
  }
  if (rules.sort_query && out.size() > start)
    out.replace(start + 1, out.npos, sorted_by_name(std::string_view(out).substr(start + 1)));
  if (out.size() == start + 1) out.resize(start);
}

// Of ";name=value" behind a segment's name (RFC 3986 3.3), what the rules name. What stays moves
// forward once, whatever the number of parameters. path: normalised.
void append_path(std::string& out, std::string_view path, const CanonicalRules& rules) {
  const std::size_t start = out.size();
  append_normalised(out, path);
  if (rules.strip_path_params.empty()) return;
  std::size_t kept = std::min(out.find(';', start), out.size());
  for (std::size_t at = kept; at < out.size();) {
    const std::size_t end = std::min(out.find_first_of(";/", at + 1), out.size());
    const std::string_view piece = std::string_view(out).substr(at, end - at);
    if (piece.front() == '/' || !is_stripped(piece.substr(1), rules.strip_path_params)) {
      std::string::traits_type::move(out.data() + kept, piece.data(), piece.size());
      kept += piece.size();
    }
    at = end;
  }
  out.resize(kept);
}

bool is_canonical(const Url& url) {
  return url.path_and_query().size() == url.href().size() - url.protocol().size() - 2 -
                                            url.host().size() &&  // no userinfo, no fragment
         url.path_and_query().find_first_of("%?;") == std::string_view::npos;
}

}  // namespace

Result<Url> canonicalise(const Url& url, const CanonicalRules& rules) {
  if (!url.is_http()) return fail(Errc::bad_url, "only http and https URLs are fetched");
  const auto too_long = [&rules](std::size_t bytes) {
    return fail(Errc::bad_url, fmt::format("the URL has {} bytes, more than urls.max_length = {}",
                                           bytes, rules.max_length));
  };
  const std::size_t written = url.without_fragment().size();
  if (written > std::max(written_bytes_max, rules.max_length)) return too_long(written);
  if (is_canonical(url)) {
    if (url.href().size() > rules.max_length) return too_long(url.href().size());
    return url;
  }
  std::string text;
  text.reserve(url.href().size());
  text.append(url.protocol()).append("//").append(url.host());
  append_path(text, url.pathname(), rules);
  if (const std::string_view search = url.search(); !search.empty())
    append_query(text, search.substr(1), rules);
  if (text.size() > rules.max_length) return too_long(text.size());
  return Url::parse(text);
}

}  // namespace trawl::web
