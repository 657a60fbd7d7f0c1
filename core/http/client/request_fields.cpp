// libcurl writes Host first and Content-Length last; what it would add on its own (Expect, a
// Content-Type for forms) is switched off, so that what we recorded is what was sent.
#include "core/http/client/request_fields.hpp"

#include "core/http/message/credentials.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <new>

namespace trawl::http {
namespace {

constexpr std::string_view accept =
    "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

// Adds fields; those of the same names that were there give way.
void replace(Headers& fields, const Headers& added) {
  std::erase_if(fields, [&added](const auto& field) {
    return std::ranges::any_of(
        added, [&field](const auto& other) { return same_name(field.first, other.first); });
  });
  fields.insert(fields.end(), added.begin(), added.end());
}

void append(HeaderList& list, const std::string& line) {
  curl_slist* longer = curl_slist_append(list.get(), line.c_str());
  if (longer == nullptr) throw std::bad_alloc();
  if (!list) list.reset(longer);  // appending returns the same first element afterwards
}

HeaderList list_of(const Headers& fields) {
  HeaderList list;
  for (const auto& [name, value] : fields)
    // "Name:" would ask libcurl to leave the field out; the semicolon sends it empty.
    append(list, value.empty() ? name + ";" : fmt::format("{}: {}", name, value));
  return list;
}

// Archives are handed on, so credentials are not in them.
std::string text_of(const Headers& fields, bool gives_back_cookie = false) {
  std::string text;
  for (const auto& [name, value] : fields) {
    const bool given_back = gives_back_cookie && same_name(name, "cookie");
    const bool secret = is_secret_header(name) && !given_back;
    text.append(name).append(value.empty() ? ":" : ": ");
    text.append(secret ? "***" : value).append("\r\n");
  }
  return text;
}

std::string_view after_scheme(std::string_view url) {
  const auto start = url.find("://");
  return start == url.npos ? url : url.substr(start + 3);
}

}  // namespace

std::string_view authority_of(std::string_view url) {
  url = after_scheme(url);
  url = url.substr(0, url.find_first_of("/?#"));
  const auto at = url.rfind('@');
  return at == url.npos ? url : url.substr(at + 1);
}

bool has_content(const Request& request) {
  return !request.body.empty() || request.method == "POST" || request.method == "PUT" ||
         request.method == "PATCH";
}

RequestFields::RequestFields(std::string_view user_agent, std::string_view accept_encoding,
                             const Headers& headers) {
  fields_ = {{"User-Agent", std::string{user_agent}}, {"Accept", std::string{accept}}};
  if (!accept_encoding.empty()) fields_.emplace_back("Accept-Encoding", accept_encoding);
  replace(fields_, headers);
  default_list_ = list_of(fields_);
  default_text_ = text_of(fields_);
}

Headers RequestFields::merged(const Headers& extra) const {
  Headers fields = fields_;
  replace(fields, extra);
  return fields;
}

HeaderList RequestFields::list_for(const Request& request) const {
  if (request.headers.empty() && !has_content(request)) return {};
  HeaderList list = list_of(merged(request.headers));
  if (has_content(request)) {
    append(list, "Expect:");
    if (find_header(request.headers, "content-type").empty()) append(list, "Content-Type:");
  }
  return list;
}

std::string RequestFields::head_of(const Request& request) const {
  const std::string_view rest = after_scheme(request.url);
  const auto path = rest.find_first_of("/?#");
  const std::string_view target = path == rest.npos ? std::string_view{} : rest.substr(path);
  std::string head;
  head.reserve(request.method.size() + request.url.size() + default_text_.size() + 128);
  head.append(request.method).append(" ").append(target.starts_with('/') ? "" : "/");
  head.append(target).append(" HTTP/1.1\r\nHost: ").append(authority_of(request.url));
  head.append("\r\n");
  if (request.headers.empty())
    head.append(default_text_);
  else
    head.append(text_of(merged(request.headers), request.gives_back_cookie));
  if (has_content(request))
    head.append("Content-Length: ").append(fmt::to_string(request.body.size())).append("\r\n");
  return head.append("\r\n");
}

}  // namespace trawl::http
