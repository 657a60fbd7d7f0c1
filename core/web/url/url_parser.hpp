#pragma once
// The basic URL parser of the URL standard, section 4.4, without state override.

#include "core/base/result.hpp"
#include "core/web/percent.hpp"
#include "core/web/url/url.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace trawl::web {

// Writes a URL's serialisation front to back while it reads the input; used once.
class UrlBuilder {
 public:
  // input: cleaned (see url_input.hpp); it and base must outlive the builder.
  UrlBuilder(std::string_view input, const Url* base) : input_(input), base_(base) {}

  Result<Url> build();

 private:
  // The states. Each takes over at at_; those that can fail go on to the end of the input.
  Result<> read_after_scheme();
  Result<> read_without_scheme();
  Result<> read_relative();
  Result<> read_file();
  Result<> read_file_host();
  Result<> read_authority();
  void read_opaque_path();
  void read_path_start();
  void read_path();
  void read_query_and_fragment();
  bool take_scheme();

  Result<> write_authority(std::string_view authority);
  void write_userinfo(std::string_view userinfo);
  Result<> write_port(std::string_view digits);
  void write_no_authority();
  void write_empty_host();
  void write_segment(std::string_view segment);
  void shorten_path();
  void copy_scheme();
  void copy_authority();
  void copy_path();
  void copy_query();
  Result<Url> finish();

  bool at_end() const { return at_ >= input_.size(); }
  bool sees(char c) const { return at_ < input_.size() && input_[at_] == c; }
  bool is_slash(char c) const { return c == '/' || (c == '\\' && special_); }
  bool sees_slash() const { return !at_end() && is_slash(input_[at_]); }
  std::string_view rest() const { return input_.substr(at_); }
  std::string_view until_delimiter() const;  // up to a slash, '?', '#' or the end
  std::uint32_t here() const { return static_cast<std::uint32_t>(url_.href_.size()); }
  bool path_is_empty() const { return url_.href_.size() == url_.path_start_; }

  std::string_view input_;
  std::size_t at_ = 0;
  const Url* base_;
  bool special_ = false;
  bool file_ = false;
  Url url_;
};

}  // namespace trawl::web
