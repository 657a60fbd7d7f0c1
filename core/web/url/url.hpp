#pragma once
// URLs exactly as browsers read them: the URL record, parser and serialiser of the WHATWG URL
// standard (https://url.spec.whatwg.org/), hosts through IDNA (UTS 46, by ICU).
// A Url holds its serialisation once, with offsets of the components into it.

#include "core/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace trawl::web {

class Url {
 public:
  // The basic URL parser without state override. Errors: Errc::bad_url. Linear in the input.
  static Result<Url> parse(std::string_view input, const Url* base = nullptr);

  // The getters of the URL API (URL standard, section 6.1), as views into href().
  const std::string& href() const { return href_; }
  std::string take_href() && { return std::move(href_); }  // for those who need nothing else
  std::string_view protocol() const;                       // with ':'
  std::string_view username() const;
  std::string_view password() const;
  std::string_view host() const;  // hostname[:port]
  std::string_view hostname() const;
  std::string_view port() const;  // empty for the scheme's default
  std::string_view pathname() const;
  std::string_view search() const;  // empty, or with '?'
  std::string_view hash() const;    // empty, or with '#'

  std::string_view scheme() const;          // without ':'
  bool is_http() const;                     // http or https
  std::uint16_t effective_port() const;     // the port or the scheme's default; 0 if there is none
  std::string origin() const;               // "https://host[:port]"; "null" for opaque origins
  std::string_view path_and_query() const;  // what robots.txt rules match
  std::string_view without_fragment() const;  // what is sent and stored

  bool operator==(const Url& other) const { return href_ == other.href_; }

 private:
  friend class UrlBuilder;  // the standard's parser
  friend class PlainLink;   // the short way for ordinary links
  Url() = default;

  // A URL without a host has nothing between scheme and path, or "/." where the path starts with
  // "//" and would read as a host.
  bool has_host() const { return host_end_ > scheme_end_; }
  std::size_t search_start() const;  // the end of the path
  std::size_t hash_start() const;    // the end of path and query

  // Offsets into href_, in the order of the text; npos32 where a component is null.
  static constexpr std::uint32_t npos32 = 0xFFFF'FFFF;
  std::string href_;
  std::uint32_t scheme_end_ = 0;    // after ':'
  std::uint32_t username_end_ = 0;  // at ':' before a password, at '@', or at the host
  std::uint32_t host_start_ = 0;    // the first byte of the host
  std::uint32_t host_end_ = 0;      // equal to scheme_end_ when the host is null
  std::uint32_t path_start_ = 0;
  std::uint32_t search_start_ = npos32;  // at '?'
  std::uint32_t hash_start_ = npos32;    // at '#'
  std::uint32_t port_ = npos32;
  bool opaque_path_ = false;
};

}  // namespace trawl::web
