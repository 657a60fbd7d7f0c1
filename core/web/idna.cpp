// ICU does UTS 46; what differs is which of its findings the URL standard calls failures: not the
// lengths, hyphens and empty labels that DNS would refuse, for URLs have never checked them.
#include "core/web/idna.hpp"

#include <unicode/uidna.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace trawl::web {
namespace {

// Punycode takes quadratic time in the length of a label. A name that DNS can carry has at most
// 253 bytes, so this bound costs no real host.
constexpr std::size_t idn_bytes_max = 4096;

constexpr std::uint32_t ignored_findings =
    UIDNA_ERROR_EMPTY_LABEL | UIDNA_ERROR_LABEL_TOO_LONG | UIDNA_ERROR_DOMAIN_NAME_TOO_LONG |
    UIDNA_ERROR_LEADING_HYPHEN | UIDNA_ERROR_TRAILING_HYPHEN | UIDNA_ERROR_HYPHEN_3_4;

// Opened once and never closed: it is constant, and ICU lets all threads share it.
const UIDNA* uts46() {
  static const UIDNA* const instance = [] {
    UErrorCode error = U_ZERO_ERROR;
    const UIDNA* opened =
        uidna_openUTS46(UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ | UIDNA_NONTRANSITIONAL_TO_ASCII |
                            UIDNA_NONTRANSITIONAL_TO_UNICODE,
                        &error);
    if (U_FAILURE(error))
      throw Failure(Errc::internal, std::string("ICU has no IDNA data: ") + u_errorName(error));
    return opened;
  }();
  return instance;
}

bool is_ascii(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) > 0x7F; });
}

char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

// UTS 46, section 4.1: an xn-- label must stand for something that needs encoding. ICU 72 still
// takes labels that decode to plain ASCII, which are those that end with the delimiter.
bool has_needless_encoding(std::string_view domain) {
  for (std::size_t start = 0; start < domain.size();) {
    const std::size_t end = std::min(domain.find('.', start), domain.size());
    const std::string_view label = domain.substr(start, end - start);
    if (label.starts_with("xn--") && label.ends_with('-')) return true;
    start = end + 1;
  }
  return false;
}

Result<> append_through_icu(std::string& out, std::string_view domain) {
  if (domain.size() > idn_bytes_max)
    return fail(Errc::bad_url, "the internationalised host is longer than any name in DNS");
  std::array<char, idn_bytes_max * 4> buffer;
  UIDNAInfo info = UIDNA_INFO_INITIALIZER;
  UErrorCode error = U_ZERO_ERROR;
  const std::int32_t size = uidna_nameToASCII_UTF8(
      uts46(), domain.data(), static_cast<std::int32_t>(domain.size()), buffer.data(),
      static_cast<std::int32_t>(buffer.size()), &info, &error);
  if (U_FAILURE(error) || (info.errors & ~ignored_findings) != 0 || size < 0 ||
      static_cast<std::size_t>(size) > buffer.size())
    return fail(Errc::bad_url, "the host is not a valid internationalised domain name");
  const std::string_view ascii(buffer.data(), static_cast<std::size_t>(size));
  if (!is_ascii(ascii) || has_needless_encoding(ascii))
    return fail(Errc::bad_url, "the host is not a valid internationalised domain name");
  out += ascii;
  return {};
}

}  // namespace

Result<> append_ascii_domain(std::string& out, std::string_view domain) {
  if (!is_ascii(domain)) return append_through_icu(out, domain);
  for (const char c : domain) out += to_lower(c);
  return {};
}

}  // namespace trawl::web
