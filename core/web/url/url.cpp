// A Url is its text and offsets, so every getter is a view; parsing first tries the short way that
// ordinary links take and falls back to the standard's parser.
#include "core/web/url/url.hpp"

#include "core/web/url/plain_link.hpp"
#include "core/web/url/scheme.hpp"
#include "core/web/url/url_input.hpp"
#include "core/web/url/url_parser.hpp"

namespace trawl::web {

Result<Url> Url::parse(std::string_view input, const Url* base) {
  Result<Url> result{Url()};
  if (!PlainLink::read(input, base, *result)) {
    std::string storage;
    result = UrlBuilder(clean_url_input(input, storage), base).build();
  }
  return result;
}

std::size_t Url::hash_start() const {
  return hash_start_ == npos32 ? href_.size() : hash_start_;
}

std::size_t Url::search_start() const {
  return search_start_ == npos32 ? hash_start() : search_start_;
}

std::string_view Url::protocol() const {
  return std::string_view(href_).substr(0, scheme_end_);
}

std::string_view Url::scheme() const {
  return std::string_view(href_).substr(0, scheme_end_ - 1);
}

std::string_view Url::username() const {
  if (!has_host()) return {};
  return std::string_view(href_).substr(scheme_end_ + 2, username_end_ - scheme_end_ - 2);
}

std::string_view Url::password() const {
  if (host_start_ <= username_end_ + 1) return {};
  return std::string_view(href_).substr(username_end_ + 1, host_start_ - username_end_ - 2);
}

std::string_view Url::host() const {
  if (!has_host()) return {};
  return std::string_view(href_).substr(host_start_, path_start_ - host_start_);
}

std::string_view Url::hostname() const {
  return std::string_view(href_).substr(host_start_, host_end_ - host_start_);
}

std::string_view Url::port() const {
  if (port_ == npos32) return {};
  return std::string_view(href_).substr(host_end_ + 1, path_start_ - host_end_ - 1);
}

std::string_view Url::pathname() const {
  return std::string_view(href_).substr(path_start_, search_start() - path_start_);
}

std::string_view Url::search() const {
  const std::size_t start = search_start();
  const std::string_view text = std::string_view(href_).substr(start, hash_start() - start);
  return text.size() > 1 ? text : std::string_view();
}

std::string_view Url::hash() const {
  const std::string_view text = std::string_view(href_).substr(hash_start());
  return text.size() > 1 ? text : std::string_view();
}

bool Url::is_http() const {
  const std::string_view href = href_;
  return href.starts_with("http:") || href.starts_with("https:");
}

std::uint16_t Url::effective_port() const {
  return port_ == npos32 ? default_port(scheme()) : static_cast<std::uint16_t>(port_);
}

std::string Url::origin() const {
  const std::string_view name = scheme();
  if (name == "blob") {
    const Result<Url> inner = parse(pathname());
    return inner && inner->is_http() ? inner->origin() : "null";
  }
  if (!is_special_scheme(name) || name == "file") return "null";
  std::string origin(protocol());
  origin.append("//").append(host());
  return origin;
}

std::string_view Url::path_and_query() const {
  return std::string_view(href_).substr(path_start_, hash_start() - path_start_);
}

std::string_view Url::without_fragment() const {
  return std::string_view(href_).substr(0, hash_start());
}

}  // namespace trawl::web
