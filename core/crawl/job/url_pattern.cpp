// Globs for people, RE2 for the rest: both run in bounded time and memory on any input, so that a
// pattern can't be made slow by a hostile URL. URLs are ASCII, so a glob is made so when it is
// read: one that isn't would be taken and never match.
#include "core/crawl/job/url_pattern.hpp"

#include "core/base/log.hpp"
#include "core/crawl/job/glob_forms.hpp"
#include "core/web/percent.hpp"
#include "core/web/url/idna.hpp"
#include "core/web/utf8.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>

namespace trawl::crawl {
namespace {

constexpr std::string_view expression_prefix = "re:";
constexpr std::size_t shown_bytes_max = 200;

bool is_ascii(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) > 0x7F; });
}

std::string encoded(std::string_view text) {
  std::string out;
  for (const char& c : text) {
    if (static_cast<unsigned char>(c) > 0x7F)
      web::append_encoded(out, {&c, 1}, web::EncodeSet::c0_control);
    else
      out += c;
  }
  return out;
}

// Links as they stand in pages may have escapes in lower case; canonical URLs have not.
std::string with_upper_escapes(std::string_view text) {
  std::string out{text};
  for (std::size_t at = out.find('%'); at != out.npos; at = out.find('%', at + 1)) {
    if (at + 2 >= out.size()) break;
    if (web::hex_value(out[at + 1]) < 0 || web::hex_value(out[at + 2]) < 0) continue;
    for (char* digit : {&out[at + 1], &out[at + 2]})
      if (*digit >= 'a') *digit = static_cast<char>(*digit - 'a' + 'A');
  }
  return out;
}

struct HostPart {
  std::size_t begin = 0;
  std::size_t size = 0;
};

// Where a glob says its host: behind a scheme of literals and wildcards, up to the slash.
HostPart host_of(std::string_view glob) {
  const auto scheme = glob.find("://");
  if (scheme == glob.npos || glob.substr(0, scheme).contains('/')) return {};
  const std::size_t begin = scheme + 3;
  return {begin, std::min(glob.find('/', begin), glob.size()) - begin};
}

bool is_host_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return web::is_unreserved(static_cast<unsigned char>(c)) && c != '~';
  });
}

// Labels are converted one by one, since others may be wildcards. A label with a `*` before its
// characters is taken for the path, into which its run may reach.
Result<std::string> ascii_host(std::string_view host) {
  std::string out;
  for (std::size_t begin = 0; begin <= host.size();) {
    const std::size_t end = std::min(host.find_first_of(".:", begin), host.size());
    const std::string_view label = host.substr(begin, end - begin);
    const std::size_t wild = label.find_first_of("*?");
    if (is_ascii(label)) {
      out += label;
    } else if (wild == label.npos) {
      const std::size_t start = out.size();
      if (!web::append_ascii_domain(out, label) ||
          !is_host_name(std::string_view(out).substr(start)))
        return fail(Errc::config, fmt::format("\"{}\" is no internationalised name of a host",
                                              printable(label, shown_bytes_max)));
    } else if (label[wild] == '*' && is_ascii(label.substr(0, wild))) {
      out += encoded(label);
    } else {
      return fail(Errc::config,
                  fmt::format("\"{}\" is a part of an internationalised name of a host, which has "
                              "another form in URLs; write whole labels, or their xn-- form",
                              printable(label, shown_bytes_max)));
    }
    if (end == host.size()) break;
    out += host[end];
    begin = end + 1;
  }
  return out;
}

// What a canonical URL has where the glob has characters beyond ASCII.
Result<std::string> ascii_glob(std::string_view text) {
  if (is_ascii(text)) return with_upper_escapes(text);
  const HostPart host = host_of(text);
  auto name = ascii_host(text.substr(host.begin, host.size));
  if (!name) return name;
  return with_upper_escapes(encoded(text.substr(0, host.begin)) + *name +
                            encoded(text.substr(host.begin + host.size)));
}

// Of an expression only its writer knows which characters stand for themselves.
Result<> check_characters(std::string_view text) {
  if (is_ascii(text)) return {};
  if (!web::utf8::is_valid(text))
    return fail(Errc::config,
                fmt::format("\"{}\" is not in UTF-8", printable(text, shown_bytes_max)));
  if (!text.starts_with(expression_prefix)) return {};
  const auto first = std::ranges::find_if(text, [](char c) { return (c & 0x80) != 0; });
  const auto last = std::find_if(first + 1, text.end(), [](char c) { return (c & 0xC0) != 0x80; });
  const std::string_view character{first, last};
  return fail(Errc::config,
              fmt::format("\"{}\" matches no URL, since URLs are ASCII: write \"{}\" percent-"
                          "encoded, as {}",
                          printable(text, shown_bytes_max), printable(character, shown_bytes_max),
                          encoded(character)));
}

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
  if (auto sound = check_characters(text); !sound) return std::unexpected(std::move(sound.error()));
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
  auto glob = ascii_glob(text);
  if (!glob) return std::unexpected(std::move(glob.error()));
  pattern.glob_ = std::move(*glob);
  if (GlobForms forms = canonical_forms(pattern.glob_); !forms.empty())
    pattern.forms_ = std::make_shared<const GlobForms>(std::move(forms));
  return pattern;
}

bool UrlPattern::matches(std::string_view url) const {
  if (!expression_) {
    const bool has_escapes = glob_.contains('%') && url.contains('%');
    const std::string spelled = has_escapes ? with_upper_escapes(url) : std::string{};
    const std::string_view text = has_escapes ? std::string_view{spelled} : url;
    return glob_matches(glob_, text) || (forms_ && forms_->matches(text));
  }
  return re2::RE2::PartialMatch(re2::StringPiece(url.data(), url.size()), *expression_);
}

}  // namespace trawl::crawl
