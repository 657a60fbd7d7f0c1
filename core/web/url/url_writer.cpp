// The other half of UrlBuilder: what it writes, and how the offsets into the text are kept.
#include "core/web/url/scheme.hpp"
#include "core/web/url/url_host.hpp"
#include "core/web/url/url_parser.hpp"

#include <fmt/format.h>

#include <iterator>
#include <utility>

namespace trawl::web {
namespace {

// The ':' before the port, if there is one: the first that no brackets enclose.
std::size_t find_port(std::string_view text) {
  bool inside_brackets = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == ':' && !inside_brackets) return i;
    if (text[i] == '[') inside_brackets = true;
    if (text[i] == ']') inside_brackets = false;
  }
  return text.npos;
}

}  // namespace

Result<> UrlBuilder::write_authority(std::string_view authority) {
  const std::size_t at_sign = authority.rfind('@');
  std::string_view host = authority;
  url_.username_end_ = here();
  if (at_sign != authority.npos) {
    write_userinfo(authority.substr(0, at_sign));
    host = authority.substr(at_sign + 1);
  }
  const std::size_t colon = find_port(host);
  const std::string_view name = host.substr(0, colon);
  // Only a URL of a scheme that is not special may have an empty host, and then nothing with it.
  if (name.empty() && (special_ || colon != host.npos || at_sign != authority.npos))
    return fail(Errc::bad_url, "the URL has no host");
  url_.host_start_ = here();
  if (!name.empty())
    if (Result<> parsed = append_host(url_.href_, name, special_); !parsed) return parsed;
  url_.host_end_ = here();
  if (colon != host.npos)
    if (Result<> port = write_port(host.substr(colon + 1)); !port) return port;
  url_.path_start_ = here();
  return {};
}

void UrlBuilder::write_userinfo(std::string_view userinfo) {
  const std::size_t colon = userinfo.find(':');
  const std::size_t start = url_.href_.size();
  append_encoded(url_.href_, userinfo.substr(0, colon), EncodeSet::userinfo);
  url_.username_end_ = here();
  if (colon != userinfo.npos && colon + 1 < userinfo.size()) {
    url_.href_ += ':';
    append_encoded(url_.href_, userinfo.substr(colon + 1), EncodeSet::userinfo);
  }
  if (url_.href_.size() > start) url_.href_ += '@';
}

Result<> UrlBuilder::write_port(std::string_view digits) {
  std::uint32_t port = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return fail(Errc::bad_url, "the port is not a number");
    port = port * 10 + static_cast<std::uint32_t>(c - '0');
    if (port > 0xFFFF) return fail(Errc::bad_url, "the port is larger than 65535");
  }
  const std::string_view scheme = std::string_view(url_.href_).substr(0, url_.scheme_end_ - 1);
  const bool is_default = default_port(scheme) != 0 && port == default_port(scheme);
  if (digits.empty() || is_default) return {};
  url_.port_ = port;
  fmt::format_to(std::back_inserter(url_.href_), ":{}", port);
  return {};
}

void UrlBuilder::write_no_authority() {
  url_.username_end_ = url_.host_start_ = url_.host_end_ = url_.path_start_ = url_.scheme_end_;
}

void UrlBuilder::write_empty_host() {
  url_.href_ += "//";
  url_.username_end_ = url_.host_start_ = url_.host_end_ = url_.path_start_ = here();
}

void UrlBuilder::write_segment(std::string_view segment) {
  url_.href_ += '/';
  append_encoded(url_.href_, segment, EncodeSet::path);
}

void UrlBuilder::shorten_path() {
  const std::string_view path = std::string_view(url_.href_).substr(url_.path_start_);
  if (path.empty()) return;
  const bool only_drive = file_ && path.size() == 3 && path[2] == ':' &&
                          ((path[1] | 0x20) >= 'a' && (path[1] | 0x20) <= 'z');
  if (!only_drive) url_.href_.resize(url_.path_start_ + path.rfind('/'));
}

void UrlBuilder::copy_scheme() {
  url_.href_ = base_->protocol();
  url_.scheme_end_ = here();
  special_ = is_special_scheme(base_->scheme());
  file_ = base_->scheme() == "file";
}

void UrlBuilder::copy_authority() {
  if (!base_->has_host()) return write_no_authority();
  url_.href_.append(base_->href_, url_.scheme_end_, base_->path_start_ - url_.scheme_end_);
  url_.username_end_ = base_->username_end_;
  url_.host_start_ = base_->host_start_;
  url_.host_end_ = base_->host_end_;
  url_.path_start_ = base_->path_start_;
  url_.port_ = base_->port_;
}

void UrlBuilder::copy_path() {
  url_.href_ += base_->pathname();
}

void UrlBuilder::copy_query() {
  if (base_->search_start_ == Url::npos32) return;
  url_.search_start_ = here();
  url_.href_.append(base_->href_, base_->search_start_, base_->hash_start() - base_->search_start_);
}

Result<Url> UrlBuilder::finish() {
  const std::string_view path = std::string_view(url_.href_).substr(url_.path_start_);
  if (!url_.has_host() && !url_.opaque_path_ && path.starts_with("//")) {
    url_.href_.insert(url_.path_start_, "/.");
    url_.path_start_ += 2;
    if (url_.search_start_ != Url::npos32) url_.search_start_ += 2;
    if (url_.hash_start_ != Url::npos32) url_.hash_start_ += 2;
  }
  if (url_.href_.size() >= Url::npos32) return fail(Errc::bad_url, "the URL is longer than 4 GiB");
  return std::move(url_);
}

}  // namespace trawl::web
