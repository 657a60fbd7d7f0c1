// The standard describes a state machine over code points. Its states are functions here, each of
// which reads a whole component with string searches; the branches are the standard's.
#include "core/web/url/url_parser.hpp"

#include "core/web/url/scheme.hpp"
#include "core/web/url/url_host.hpp"

#include <algorithm>
#include <utility>

namespace trawl::web {
namespace {

char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_alpha(char c) {
  return to_lower(c) >= 'a' && to_lower(c) <= 'z';
}
bool is_scheme_char(char c) {
  return is_alpha(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
}

// "C:" or "C|".
bool is_drive_letter(std::string_view text) {
  return text.size() == 2 && is_alpha(text[0]) && (text[1] == ':' || text[1] == '|');
}

bool starts_with_drive_letter(std::string_view text) {
  if (!is_drive_letter(text.substr(0, 2))) return false;
  return text.size() == 2 || std::string_view("/\\?#").contains(text[2]);
}

// The first segment of a path when it is "C:", which a file URL never climbs above.
std::string_view leading_drive(std::string_view path) {
  if (path.size() < 3 || !is_drive_letter(path.substr(1, 2)) || path[2] == '|') return {};
  return path.size() == 3 || path[3] == '/' ? path.substr(1, 2) : std::string_view();
}

// How many dots a segment consists of, %2e counting as one; 0 when it is no dot segment.
int dot_segment(std::string_view segment) {
  if (segment.size() > 6) return 0;
  int dots = 0;
  while (!segment.empty()) {
    if (segment.front() == '.') {
      segment.remove_prefix(1);
    } else if (segment.starts_with("%2e") || segment.starts_with("%2E")) {
      segment.remove_prefix(3);
    } else {
      return 0;
    }
    ++dots;
  }
  return dots <= 2 ? dots : 0;
}

}  // namespace

Result<Url> UrlBuilder::build() {
  url_.href_.reserve(input_.size() + (base_ != nullptr ? base_->href_.size() : 0) + 8);
  Result<> read = take_scheme() ? read_after_scheme() : read_without_scheme();
  if (!read) return std::unexpected(std::move(read.error()));
  return finish();
}

bool UrlBuilder::take_scheme() {
  if (input_.empty() || !is_alpha(input_.front())) return false;
  std::size_t end = 1;
  while (end < input_.size() && is_scheme_char(input_[end])) ++end;
  if (end == input_.size() || input_[end] != ':') return false;
  for (const char c : input_.substr(0, end)) url_.href_ += to_lower(c);
  special_ = is_special_scheme(url_.href_);
  file_ = url_.href_ == "file";
  url_.href_ += ':';
  url_.scheme_end_ = here();
  at_ = end + 1;
  return true;
}

Result<> UrlBuilder::read_after_scheme() {
  if (file_) return read_file();
  if (special_) {
    // "http:page" is relative to a base of the same scheme, as it was in RFC 1808's days.
    if (base_ != nullptr && base_->protocol() == url_.href_ && !rest().starts_with("//"))
      return read_relative();
    return read_authority();
  }
  if (rest().starts_with("//")) return read_authority();
  write_no_authority();
  if (!sees('/')) {
    read_opaque_path();
    return {};
  }
  ++at_;
  read_path();
  read_query_and_fragment();
  return {};
}

Result<> UrlBuilder::read_without_scheme() {
  if (base_ == nullptr) return fail(Errc::bad_url, "the URL is relative and has no base");
  if (base_->opaque_path_) {
    if (!sees('#')) return fail(Errc::bad_url, "the URL is relative and its base has no hierarchy");
    copy_scheme();
    write_no_authority();
    url_.opaque_path_ = true;
    copy_path();
    copy_query();
    read_query_and_fragment();
    return {};
  }
  copy_scheme();
  return file_ ? read_file() : read_relative();
}

Result<> UrlBuilder::read_relative() {
  if (sees_slash()) {
    const bool second_slash = at_ + 1 < input_.size() && is_slash(input_[at_ + 1]);
    if (second_slash) return read_authority();
    copy_authority();
    ++at_;
    read_path();
  } else {
    copy_authority();
    copy_path();
    if (at_end() || sees('#')) {
      copy_query();
    } else if (!sees('?')) {
      shorten_path();
      read_path();
    }
  }
  read_query_and_fragment();
  return {};
}

// The file state and the file slash state; url_ has "file:" already.
Result<> UrlBuilder::read_file() {
  const bool file_base = base_ != nullptr && base_->protocol() == "file:";
  if (sees_slash()) {
    if (at_ + 1 < input_.size() && is_slash(input_[at_ + 1])) {
      at_ += 2;
      return read_file_host();
    }
    ++at_;
    if (file_base) {
      copy_authority();
      if (!starts_with_drive_letter(rest())) {
        const std::string_view drive = leading_drive(base_->pathname());
        if (!drive.empty()) write_segment(drive);
      }
    } else {
      write_empty_host();
    }
    read_path();
  } else if (file_base) {
    copy_authority();
    if (at_end() || sees('#')) {
      copy_path();
      copy_query();
    } else if (sees('?')) {
      copy_path();
    } else {
      if (!starts_with_drive_letter(rest())) {
        copy_path();
        shorten_path();
      }
      read_path();
    }
  } else {
    write_empty_host();
    read_path();
  }
  read_query_and_fragment();
  return {};
}

Result<> UrlBuilder::read_file_host() {
  const std::string_view host = until_delimiter();
  write_empty_host();
  if (is_drive_letter(host)) {
    read_path();
  } else {
    if (!host.empty()) {
      if (Result<> parsed = append_host(url_.href_, host, true); !parsed) return parsed;
      if (std::string_view(url_.href_).substr(url_.host_start_) == "localhost")
        url_.href_.resize(url_.host_start_);
      url_.host_end_ = url_.path_start_ = here();
    }
    at_ += host.size();
    read_path_start();
  }
  read_query_and_fragment();
  return {};
}

// At the slashes before the authority: two, or with a special scheme any number of both kinds.
Result<> UrlBuilder::read_authority() {
  if (special_) {
    while (sees_slash()) ++at_;
  } else {
    at_ += 2;
  }
  const std::string_view authority = until_delimiter();
  url_.href_ += "//";
  if (Result<> written = write_authority(authority); !written) return written;
  at_ += authority.size();
  read_path_start();
  read_query_and_fragment();
  return {};
}

void UrlBuilder::read_opaque_path() {
  url_.opaque_path_ = true;
  const std::size_t end = std::min(input_.find_first_of("?#", at_), input_.size());
  append_encoded(url_.href_, input_.substr(at_, end - at_), EncodeSet::c0_control);
  // A space at the end of the path would get lost if what follows were ever removed.
  if (end < input_.size() && end > at_ && input_[end - 1] == ' ') {
    url_.href_.pop_back();
    url_.href_ += "%20";
  }
  at_ = end;
  read_query_and_fragment();
}

void UrlBuilder::read_path_start() {
  if (special_) {
    if (sees_slash()) ++at_;
    read_path();
  } else if (sees('/')) {
    ++at_;
    read_path();
  }
}

// At the first byte of a segment, its slash taken.
void UrlBuilder::read_path() {
  while (true) {
    const std::string_view segment = until_delimiter();
    at_ += segment.size();
    const bool last = !sees_slash();
    if (const int dots = dot_segment(segment); dots > 0) {
      if (dots == 2) shorten_path();
      if (last) write_segment({});
    } else {
      const bool drive = file_ && path_is_empty() && is_drive_letter(segment);
      write_segment(segment);
      if (drive) url_.href_.back() = ':';
    }
    if (last) return;
    ++at_;
  }
}

void UrlBuilder::read_query_and_fragment() {
  if (sees('?')) {
    url_.search_start_ = here();
    url_.href_ += '?';
    const std::size_t end = std::min(input_.find('#', at_), input_.size());
    append_encoded(url_.href_, input_.substr(at_ + 1, end - at_ - 1),
                   special_ ? EncodeSet::special_query : EncodeSet::query);
    at_ = end;
  }
  if (sees('#')) {
    url_.hash_start_ = here();
    url_.href_ += '#';
    append_encoded(url_.href_, input_.substr(at_ + 1), EncodeSet::fragment);
    at_ = input_.size();
  }
}

std::string_view UrlBuilder::until_delimiter() const {
  const std::size_t end = input_.find_first_of(special_ ? "/?#\\" : "/?#", at_);
  return input_.substr(at_, std::min(end, input_.size()) - at_);
}

}  // namespace trawl::web
