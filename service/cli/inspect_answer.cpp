// Questions are parsed into a tree; answers are written as text, because a page can have fifty
// thousand links.
#include "core/web/ascii.hpp"
#include "core/web/charset/content.hpp"
#include "core/web/feeds/feed.hpp"
#include "core/web/feeds/sitemap.hpp"
#include "core/web/links/link_header.hpp"
#include "core/web/links/links.hpp"
#include "core/web/links/page_stream.hpp"
#include "core/web/links/style_stream.hpp"
#include "core/web/robots/robots.hpp"
#include "core/web/url/url.hpp"
#include "service/cli/inspect.hpp"
#include "service/text/base64.hpp"
#include "service/text/json_writer.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

namespace trawl::service::cli {
namespace {

namespace json = boost::json;

// What is wrong with a question; thrown and caught in this file alone, so that the answers below
// read straight on.
struct BadQuestion {
  std::string what;
};

// JSON can name half a surrogate pair, which no text has. The URL API reads it as U+FFFD.
std::string without_lone_surrogates(std::string_view line) {
  std::string text{line};
  // Whether text has an escape \uD8… to \uDF… at `at` whose fourth character is one of these.
  const auto escape = [&text](std::size_t at, std::string_view fourth) {
    return at + 5 < text.size() && text[at] == '\\' && text[at + 1] == 'u' &&
           (text[at + 2] == 'd' || text[at + 2] == 'D') && fourth.contains(text[at + 3]);
  };
  constexpr std::string_view high = "89abAB", low = "cdefCDEF";
  for (std::size_t at = text.find('\\'); at < text.size(); at = text.find('\\', at)) {
    if (escape(at, high) && escape(at + 6, low)) {
      at += 12;
      continue;
    }
    if (escape(at, high) || escape(at, low)) text.replace(at, 6, "\\ufffd");
    at += 2;
  }
  return text;
}

json::object question_of(std::string_view line) {
  json::error_code error;
  json::value value;
  // Copied only where there can be something to repair.
  if (line.contains("\\u"))
    value = json::parse(without_lone_surrogates(line), error);
  else
    value = json::parse(json::string_view{line.data(), line.size()}, error);
  if (error) throw BadQuestion{fmt::format("no JSON: {}", error.message())};
  if (!value.is_object()) throw BadQuestion{"no JSON object"};
  return std::move(value.get_object());
}

// Absent and null are the same.
std::optional<std::string_view> find_text(const json::object& question, std::string_view name) {
  const json::value* value = question.if_contains({name.data(), name.size()});
  if (value == nullptr || value->is_null()) return std::nullopt;
  if (!value->is_string()) throw BadQuestion{fmt::format("\"{}\" is no string", name)};
  const json::string& text = value->get_string();
  return std::string_view{text.data(), text.size()};
}

std::string_view text_of(const json::object& question, std::string_view name) {
  const auto text = find_text(question, name);
  if (!text) throw BadQuestion{fmt::format("\"{}\" is missing", name)};
  return *text;
}

struct Bytes {
  std::string bytes;
  bool raw = false;  // came as base64
};

Bytes bytes_of(const json::object& question, std::string_view name) {
  const std::string coded_name = fmt::format("{}_base64", name);
  const auto coded = find_text(question, coded_name);
  const auto text = find_text(question, name);
  if (coded && text) throw BadQuestion{fmt::format("both \"{}\" and \"{}\"", name, coded_name)};
  if (!coded) return {std::string{text_of(question, name)}};
  auto bytes = decode_base64(*coded);
  if (!bytes) throw BadQuestion{fmt::format("\"{}\" is no base64", coded_name)};
  return {std::move(*bytes), true};
}

void answer_url(JsonWriter& json, const json::object& question) {
  const std::string_view input = text_of(question, "input");
  std::optional<Result<web::Url>> base;
  if (const auto text = find_text(question, "base")) base = web::Url::parse(*text);
  const bool good_base = !base || *base;
  const auto url = good_base ? web::Url::parse(input, base ? &**base : nullptr)
                             : Result<web::Url>{std::unexpected(base->error())};
  json.begin_object();
  if (url) {
    json.key("href").text(url->href()).key("protocol").text(url->protocol());
    json.key("username").text(url->username()).key("password").text(url->password());
    json.key("host").text(url->host()).key("hostname").text(url->hostname());
    json.key("port").text(url->port()).key("pathname").text(url->pathname());
    json.key("search").text(url->search()).key("hash").text(url->hash());
  } else {
    json.key("failure").boolean(true);
  }
  json.end_object();
}

// The path that rules are matched with. A path alone and a URL without scheme are read too.
std::string robots_path(std::string_view text) {
  auto url = web::Url::parse(text);
  if (!url || !url->path_and_query().starts_with('/')) {
    const bool is_path = text.starts_with('/') && !text.starts_with("//");
    url = web::Url::parse(fmt::format("http:{}{}", is_path ? "//host" : "//", text));
  }
  if (!url) throw BadQuestion{fmt::format("\"url\" is no URL: {}", url.error().detail)};
  return std::string{url->path_and_query()};
}

void answer_robots(JsonWriter& json, const json::object& question) {
  const Bytes body = bytes_of(question, "robots_txt");
  const auto robots = web::Robots::parse(body.bytes, text_of(question, "user_agent"));
  const auto verdict = robots.check(robots_path(text_of(question, "url")));
  json.begin_object().key("allowed").boolean(verdict.allowed).key("line");
  verdict.line > 0 ? json.count(verdict.line) : json.null();
  json.key("rule").text(verdict.rule).key("crawl_delay");
  robots.crawl_delay_s() ? json.number(*robots.crawl_delay_s()) : json.null();
  json.key("sitemaps").begin_array();
  for (const std::string& sitemap : robots.sitemaps()) json.text(sitemap);
  json.end_array().end_object();
}

std::string field_text(const json::value& value) {
  if (!value.is_string()) throw BadQuestion{"a value of \"headers\" is no string"};
  return std::string{value.get_string()};
}

using Fields = std::vector<std::pair<std::string, std::string>>;

// An object {name: value | [value, …]} or a list of [name, value].
Fields headers_of(const json::object& question) {
  Fields fields;
  const json::value* headers = question.if_contains("headers");
  if (headers == nullptr || headers->is_null()) return fields;
  if (const json::object* object = headers->if_object()) {
    for (const auto& [name, value] : *object) {
      if (!value.is_array()) {
        fields.emplace_back(name, field_text(value));
        continue;
      }
      for (const json::value& one : value.get_array()) fields.emplace_back(name, field_text(one));
    }
    return fields;
  }
  const BadQuestion bad{"\"headers\" is no object and no list of [name, value]"};
  if (!headers->is_array()) throw bad;
  for (const json::value& pair : headers->get_array()) {
    if (!pair.is_array() || pair.get_array().size() != 2) throw bad;
    fields.emplace_back(field_text(pair.get_array()[0]), field_text(pair.get_array()[1]));
  }
  return fields;
}

std::vector<web::Link> links_of(const json::object& question, const Fields& fields,
                                const web::Url& base) {
  // A header may be asked about alone.
  if (!fields.empty() && !find_text(question, "html") && !find_text(question, "html_base64"))
    return {};
  const Bytes page = bytes_of(question, "html");
  const std::string_view named = find_text(question, "content_type").value_or("");
  auto type = named.empty() ? web::declared_media_type(fields) : web::parse_media_type(named);
  // Text in JSON has been decoded already, whatever a header says.
  if (!page.raw) type.charset = "UTF-8";
  if (type.is_css()) {
    web::StyleStream sheet{type.charset};
    sheet.feed(page.bytes);
    return sheet.finish(base).links;
  }
  if (const auto format = web::feed_format(type)) {
    web::FeedReader feed{*format, type, base};
    feed.feed(page.bytes);
    return feed.finish().links;
  }
  web::PageStream html{type, {}};
  return html.finish(base, page.bytes).links;
}

void answer_links(JsonWriter& json, const json::object& question) {
  const auto base = web::Url::parse(text_of(question, "base_url"));
  if (!base)
    throw BadQuestion{fmt::format("\"base_url\" is no absolute URL: {}", base.error().detail)};
  const Fields fields = headers_of(question);
  auto links = web::header_links(fields, *base);
  std::ranges::move(links_of(question, fields, *base), std::back_inserter(links));
  json.begin_object().key("links").begin_array();
  for (const web::Link& link : links) {
    json.begin_object().key("url").text(link.url).key("kind").text(web::to_string(link.kind));
    json.key("tag").text(link.tag).key("attribute").text(link.attribute);
    json.key("rel").text(link.rel).end_object();
  }
  json.end_array().end_object();
}

void append_entry(JsonWriter& json, const web::SitemapEntry& entry) {
  json.begin_object().key("loc").text(entry.loc).key("lastmod");
  entry.lastmod.empty() ? json.null() : json.text(entry.lastmod);
  if (entry.priority) json.key("priority").number(*entry.priority);
  if (!entry.changefreq.empty()) json.key("changefreq").text(entry.changefreq);
  json.end_object();
}

void answer_sitemap(JsonWriter& json, const json::object& question) {
  const auto url = web::Url::parse(text_of(question, "url"));
  if (!url) throw BadQuestion{fmt::format("\"url\" is no absolute URL: {}", url.error().detail)};
  const Bytes body = bytes_of(question, "body");
  // Text in JSON has been decoded already, whatever its XML declaration says.
  const auto sitemap = web::parse_sitemap(body.bytes, *url, body.raw ? "" : "UTF-8");
  json.begin_object().key("type");
  sitemap.summary.type ? json.text(web::to_string(*sitemap.summary.type)) : json.null();
  json.key("urls").begin_array();
  for (const web::SitemapEntry& entry : sitemap.entries) append_entry(json, entry);
  json.end_array().key("error");
  sitemap.summary.error.empty() ? json.null() : json.text(sitemap.summary.error);
  json.end_object();
}

}  // namespace

void append_answer(std::string& out, Inspection inspection, std::string_view line) {
  const std::size_t start = out.size();
  try {
    const json::object question = question_of(line);
    JsonWriter json{out};
    switch (inspection) {
      case Inspection::url:
        return answer_url(json, question);
      case Inspection::robots:
        return answer_robots(json, question);
      case Inspection::links:
        return answer_links(json, question);
      case Inspection::sitemap:
        return answer_sitemap(json, question);
    }
  } catch (const BadQuestion& bad) {
    out.resize(start);
    JsonWriter json{out};
    json.begin_object().key("error").text(bad.what).end_object();
  }
}

}  // namespace trawl::service::cli
