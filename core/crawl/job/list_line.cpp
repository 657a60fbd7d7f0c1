// Strict, because a key that is misspelt would send a request that nobody meant.
#include "core/crawl/job/list_line.hpp"

#include "core/base/limits.hpp"
#include "core/crawl/job/url_text.hpp"
#include "core/http/message/credentials.hpp"
#include "core/web/ascii.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace trawl::crawl {
namespace {

namespace json = boost::json;

// Thrown and caught in this file alone.
struct Refused {
  std::string why;
};

template <class... Args>
[[noreturn]] void refuse(fmt::format_string<Args...> text, Args&&... args) {
  throw Refused{fmt::format(text, std::forward<Args>(args)...)};
}

std::string_view text_of(std::string_view key, const json::value& value) {
  if (const auto* text = value.if_string()) return {text->data(), text->size()};
  refuse("\"{}\" has to be a string", key);
}

bool is_token(std::string_view text) {
  constexpr std::string_view others = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           others.contains(c);
  });
}

bool is_field_value(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return c == '\t' || (byte >= 0x20 && byte != 0x7F);
  });
}

// Set from the URL, the body or the connection.
bool is_set_by_trawl(std::string_view name) {
  constexpr auto names = std::to_array<std::string_view>(
      {"connection", "content-length", "expect", "host", "keep-alive", "proxy-connection", "te",
       "trailer", "transfer-encoding", "upgrade", "range", "if-range"});
  return std::ranges::any_of(names, [&](auto own) { return web::ascii::equals(name, own); });
}

std::string method_of(const json::value& value) {
  std::string method{text_of("method", value)};
  for (char& c : method)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  if (!is_token(method) || method.size() > 32) refuse("\"method\" is no HTTP method");
  if (method == "CONNECT" || method == "TRACE")
    refuse("the method {} is for proxies and debugging and not sent by trawl", method);
  return method;
}

void add_headers(const json::value& value, http::Headers& headers) {
  const auto* fields = value.if_object();
  if (fields == nullptr) refuse("\"headers\" has to be an object of names and values");
  for (const auto& [key, field] : *fields) {
    const std::string_view name{key.data(), key.size()};
    if (!is_token(name)) refuse("\"headers\" has a name that is none: \"{:.80}\"", name);
    if (is_set_by_trawl(name)) refuse("\"headers\": {} is set by trawl itself", name);
    const std::string_view text = text_of(fmt::format("headers.{}", name), field);
    if (!is_field_value(text)) refuse("\"headers\": {} has a control character in its value", name);
    headers.emplace_back(name, web::ascii::trim(text));
  }
}

std::string decode_base64(std::string_view text) {
  std::string bytes;
  std::uint32_t bits = 0;
  int count = 0;
  while (text.ends_with('=')) text.remove_suffix(1);
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (const char c : text) {
    const auto digit = digits.find(c);
    if (digit == digits.npos) refuse("\"body_base64\" is no base64 (RFC 4648, 4)");
    bits = bits << 6 | static_cast<std::uint32_t>(digit);
    if ((count += 6) < 8) continue;
    count -= 8;
    bytes += static_cast<char>(bits >> count & 0xFF);
  }
  if (count == 6) refuse("\"body_base64\" is no base64: a digit is missing at its end");
  return bytes;
}

Checksum checksum_of(std::string_view key, std::string_view text) {
  auto checksum =
      parse_checksum(key == "checksum" ? std::string{text} : fmt::format("{}:{}", key, text));
  if (!checksum) refuse("\"{}\" {}", key, checksum.error().detail);
  return std::move(*checksum);
}

void add_urls(const json::value& value, std::vector<std::string>& urls) {
  const auto* list = value.if_array();
  if (list == nullptr || list->empty())
    refuse("\"urls\" has to be an array with the mirrors of one file");
  if (list->size() > limits::mirrors_max)
    refuse("\"urls\" has {} mirrors, and {} are the most", list->size(), limits::mirrors_max);
  for (const json::value& url : *list) urls.emplace_back(text_of("urls", url));
}

class LineReader {
 public:
  ListLine read(const json::object& object) {
    for (const auto& [key, value] : object) take({key.data(), key.size()}, value);
    if (line_.urls.empty()) refuse("\"url\" is missing");
    if (bodies_ > 1) refuse("\"body\" and \"body_base64\" are one too many");
    const bool plain_get = line_.request.method == "GET" && line_.request.body.empty();
    if (line_.urls.size() > 1 && !plain_get)
      refuse("\"urls\", the mirrors of one file, are fetched with GET alone");
    if (line_.request.method == "HEAD" && bodies_ > 0) refuse("a HEAD request has no body");
    return std::move(line_);
  }

 private:
  void take(std::string_view key, const json::value& value) {
    RequestSpec& request = line_.request;
    if (key == "url" || key == "urls") {
      if (!line_.urls.empty()) refuse("\"url\" and \"urls\" are one too many");
      key == "url" ? void(line_.urls.emplace_back(text_of(key, value)))
                   : add_urls(value, line_.urls);
    } else if (key == "method") {
      request.method = method_of(value);
    } else if (key == "headers") {
      add_headers(value, request.headers);
    } else if (key == "body" || key == "body_base64") {
      ++bodies_;
      const auto text = text_of(key, value);
      request.body = key == "body" ? std::string{text} : decode_base64(text);
    } else if (key == "checksum" || web::algorithm_from_name(key)) {
      if (!request.checksum.empty()) refuse("\"{}\" is one checksum too many", key);
      request.checksum = checksum_of(key, text_of(key, value));
    } else {
      refuse(
          "unknown key \"{:.80}\"; known are url, urls, method, headers, body, body_base64, "
          "checksum, sha256, sha512, sha1 and md5",
          key);
    }
  }

  ListLine line_;
  int bodies_ = 0;
};

}  // namespace

Result<ListLine> parse_list_line(std::string_view line) {
  if (line.size() >= limits::list_line_bytes_max)
    return fail(Errc::bad_url,
                fmt::format("the line is longer than {} bytes", limits::list_line_bytes_max));
  json::error_code error;
  const json::value value = json::parse({line.data(), line.size()}, error);
  if (error) return fail(Errc::bad_url, fmt::format("no JSON object: {}", error.message()));
  const auto* object = value.if_object();
  if (object == nullptr) return fail(Errc::bad_url, "no JSON object");
  try {
    return LineReader{}.read(*object);
  } catch (const Refused& refused) {
    return fail(Errc::bad_url, refused.why);
  }
}

std::string hide_request_secrets(std::string_view line) {
  json::error_code error;
  json::value value = json::parse({line.data(), line.size()}, error);
  json::object* object = error ? nullptr : value.if_object();
  if (object == nullptr) return {};
  constexpr std::string_view hidden = "***";
  const auto hide_user = [](json::value& url) {
    if (const auto* text = url.if_string()) url = without_userinfo(std::string{*text});
  };
  if (object->erase("body_base64") > 0 || object->contains("body")) (*object)["body"] = hidden;
  if (auto* url = object->if_contains("url")) hide_user(*url);
  if (auto* urls = object->if_contains("urls"); urls != nullptr && urls->is_array())
    std::ranges::for_each(urls->get_array(), hide_user);
  if (auto* headers = object->if_contains("headers"); headers != nullptr && headers->is_object())
    for (auto& field : headers->get_object())
      if (http::is_secret_header({field.key().data(), field.key().size()})) field.value() = hidden;
  return json::serialize(value);
}

std::vector<std::string> named_urls(const SeedSpec& seeds) {
  std::vector<std::string> urls = seeds.urls;
  for (const std::string& request : seeds.requests)
    if (auto line = parse_list_line(request)) urls.push_back(std::move(line->urls.front()));
  return urls;
}

}  // namespace trawl::crawl
