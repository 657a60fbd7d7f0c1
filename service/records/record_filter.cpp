// A mistyped state or code would silently match nothing, so each word is checked.
#include "service/records/record_filter.hpp"

#include "config/nearest.hpp"
#include "core/base/note.hpp"
#include "core/web/ascii.hpp"
#include "core/web/headers/type_filter.hpp"
#include "core/web/url/host.hpp"
#include "service/text/time_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace trawl::service {
namespace {

std::vector<std::string_view> all_error_names() {
  std::vector<std::string_view> names;
  for (int code = 0; code <= static_cast<int>(Errc::internal); ++code)
    names.push_back(to_string(static_cast<Errc>(code)));
  return names;
}

// A host as people type it, or paste it from a URL.
Result<std::string> read_host(std::string_view text) {
  std::string url{text};
  if (!text.contains("://")) url.insert(0, "http://");
  const auto parsed = web::Url::parse(url);
  if (!parsed || !parsed->is_http())
    return fail(Errc::usage,
                fmt::format("\"{}\" is no host; write example.org or [::1]:8080", text));
  return web::host_key(*parsed);
}

// What is between commas; of an empty text nothing.
std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  if (text.empty()) return words;
  for (;;) {
    const auto comma = text.find(',');
    words.push_back(web::ascii::trim(text.substr(0, comma)));
    if (comma == text.npos) return words;
    text.remove_prefix(comma + 1);
  }
}

Result<std::vector<crawl::UrlState>> read_states(std::string_view text) {
  std::vector<crawl::UrlState> states;
  for (const std::string_view word : words_of(text)) {
    const auto state = crawl::url_state_from_string(word);
    if (!state)
      return fail(
          Errc::usage,
          fmt::format("\"{}\" is no state; they are queued, fetched, failed and excluded", word));
    states.push_back(*state);
  }
  return states;
}

Result<std::vector<Errc>> read_errors(std::string_view text) {
  std::vector<Errc> errors;
  for (const std::string_view word : words_of(text)) {
    const auto error = errc_from_string(word);
    const std::string_view near = error ? "" : config::nearest_key(word, all_error_names());
    if (!error)
      return fail(Errc::usage,
                  near.empty()
                      ? fmt::format("\"{}\" is no error code; trawl stats lists those "
                                    "of a crawl",
                                    word)
                      : fmt::format("\"{}\" is no error code; did you mean \"{}\"?", word, near));
    errors.push_back(*error);
  }
  return errors;
}

Result<std::vector<std::string>> read_notes(std::string_view text) {
  std::vector<std::string> notes;
  for (const std::string_view word : words_of(text)) {
    if (std::ranges::find(note_words, word) == note_words.end())
      return fail(Errc::usage,
                  fmt::format("\"{}\" is no note; they are {}", word, fmt::join(note_words, ", ")));
    notes.emplace_back(word);
  }
  return notes;
}

Result<std::vector<std::string>> read_types(std::string_view text) {
  std::vector<std::string> types;
  for (const std::string_view word : words_of(text)) {
    auto globs = web::type_globs(word);
    if (!globs)
      return fail(Errc::usage,
                  fmt::format("\"{}\" is no content type; write text/html, image/* or pdf", word));
    std::ranges::move(*globs, std::back_inserter(types));
  }
  return types;
}

Result<std::vector<crawl::UrlPattern>> read_patterns(const std::vector<std::string>& texts) {
  std::vector<crawl::UrlPattern> patterns;
  for (const std::string& text : texts) {
    if (text.empty())
      return fail(Errc::usage, "--url is empty; write a pattern of URLs such as */docs/*");
    auto pattern = crawl::UrlPattern::create(text);
    if (!pattern) return fail(Errc::usage, fmt::format("--url: {}", pattern.error().detail));
    patterns.push_back(std::move(*pattern));
  }
  return patterns;
}

}  // namespace

Result<storage::RecordFilter> read_filter(const FilterText& text, Wall now) {
  storage::RecordFilter filter{.live = text.live, .limit = text.limit};
  if (auto states = read_states(text.state))
    filter.states = std::move(*states);
  else
    return std::unexpected(states.error());
  if (!text.status.empty()) {
    auto status = storage::parse_status_filter(text.status);
    if (!status) return std::unexpected(status.error());
    filter.status = std::move(*status);
  }
  if (!text.host.empty()) {
    auto host = read_host(text.host);
    if (!host) return std::unexpected(host.error());
    filter.host = std::move(*host);
  }
  if (!text.since.empty()) {
    const auto since = read_since(text.since, now);
    if (!since) return std::unexpected(since.error());
    filter.since_ms = since->time_since_epoch().count();
  }
  if (!text.changed_since.empty()) {
    const auto since = read_since(text.changed_since, now);
    if (!since) return std::unexpected(since.error());
    filter.changed_since_ms = since->time_since_epoch().count();
  }
  if (auto errors = read_errors(text.error))
    filter.errors = std::move(*errors);
  else
    return std::unexpected(errors.error());
  if (auto notes = read_notes(text.note))
    filter.notes = std::move(*notes);
  else
    return std::unexpected(notes.error());
  if (auto types = read_types(text.type))
    filter.types = std::move(*types);
  else
    return std::unexpected(types.error());
  if (auto patterns = read_patterns(text.urls))
    filter.urls = std::move(*patterns);
  else
    return std::unexpected(patterns.error());
  return filter;
}

}  // namespace trawl::service
