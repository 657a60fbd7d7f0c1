// ICU does UTS 46; what differs is which of its findings the URL standard calls failures (not the
// lengths, hyphens and empty labels that DNS would refuse, for URLs have never checked them), and
// what Unicode has changed since the ICU 72 of Debian 12 was made.
#include "core/web/url/idna.hpp"

#include <unicode/uidna.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace trawl::web {
namespace {

// Punycode takes quadratic time in the length of a label. A name that DNS can carry has at most 253
// bytes, a label 63, and neither has fewer of them than code points: so these bounds cost no real
// host. They leave room for what the standard calls valid all the same, and for characters that
// UTS 46 ignores. The worst name costs about 0.1 ms.
constexpr std::size_t idn_bytes_max = 1024;  // of UTF-8
constexpr std::int32_t label_points_max = 128;

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

// Characters that UTS 46 maps in another way since its revisions 31 and 33 (Unicode 15.1 and 16).
struct Remapped {
  UChar32 first;
  UChar32 last;
  UChar32 to;  // what first becomes, and the others in step; 0 when they are ignored
};
constexpr auto remapped = std::to_array<Remapped>({
    {0x04C0, 0x04C0, 0x04CF},
    {0x10A0, 0x10C5, 0x2D00},
    {0x115F, 0x1160, 0},
    {0x17B4, 0x17B5, 0},
    {0x180E, 0x180E, 0},
    {0x1E9E, 0x1E9E, 0x00DF},
    {0x2061, 0x2063, 0},
    {0x206A, 0x206F, 0},
    {0x2132, 0x2132, 0x214E},
    {0x2183, 0x2183, 0x2184},
    {0x3164, 0x3164, 0},
    {0xFFA0, 0xFFA0, 0},
    {0x1D173, 0x1D17A, 0},
    {0x2F868, 0x2F868, 0x36FC},
    {0x2F874, 0x2F874, 0x5F53},
    {0x2F91F, 0x2F91F, 0x243AB},
    {0x2F95F, 0x2F95F, 0x7AEE},
    {0x2F9BF, 0x2F9BF, 0x45D7},
});

icu::UnicodeString remap(const icu::UnicodeString& domain) {
  icu::UnicodeString result;
  for (std::int32_t i = 0; i < domain.length(); i = domain.moveIndex32(i, 1)) {
    const UChar32 c = domain.char32At(i);
    const auto entry = std::ranges::lower_bound(remapped, c, {}, &Remapped::last);
    if (entry == remapped.end() || c < entry->first) {
      result.append(c);
    } else if (entry->to != 0) {
      result.append(entry->to + (c - entry->first));
    }
  }
  return result;
}

// Labels end at the full stops that UTS 46 maps to '.'.
bool has_long_label(const icu::UnicodeString& domain) {
  std::int32_t points = 0;
  for (std::int32_t i = 0; i < domain.length(); i = domain.moveIndex32(i, 1)) {
    const UChar32 c = domain.char32At(i);
    const bool stop = c == '.' || c == 0x3002 || c == 0xFF0E || c == 0xFF61;
    points = stop ? 0 : points + 1;
    if (points > label_points_max) return true;
  }
  return false;
}

// Runs one of ICU's two directions; empty when the standard calls the outcome a failure.
template <class Convert>
icu::UnicodeString run(Convert convert, const icu::UnicodeString& domain) {
  std::array<UChar, idn_bytes_max * 4> buffer;
  UIDNAInfo info = UIDNA_INFO_INITIALIZER;
  UErrorCode error = U_ZERO_ERROR;
  const std::int32_t size = convert(uts46(), domain.getBuffer(), domain.length(), buffer.data(),
                                    static_cast<std::int32_t>(buffer.size()), &info, &error);
  if (U_FAILURE(error) || (info.errors & ~ignored_findings) != 0) return {};
  return {buffer.data(), size};
}

// UTS 46, section 4.1, criterion 4: no label may look encoded after it has been decoded. ICU has
// this only among the hyphen findings, which are ignored.
bool decodes_to_ace_prefix(const icu::UnicodeString& ascii) {
  if (ascii.indexOf(u"xn--xn--") < 0) return false;
  const icu::UnicodeString decoded = run(uidna_nameToUnicode, ascii);
  return decoded.startsWith(u"xn--") || decoded.indexOf(u".xn--") >= 0;
}

Result<> append_through_icu(std::string& out, std::string_view domain) {
  if (domain.size() > idn_bytes_max)
    return fail(Errc::bad_url, "the internationalised host is longer than any name in DNS");
  const icu::StringPiece piece(domain.data(), static_cast<std::int32_t>(domain.size()));
  const icu::UnicodeString mapped = remap(icu::UnicodeString::fromUTF8(piece));
  if (has_long_label(mapped))
    return fail(Errc::bad_url, "a label of the internationalised host is longer than any in DNS");
  const icu::UnicodeString ascii = run(uidna_nameToASCII, mapped);
  if (ascii.isEmpty() || decodes_to_ace_prefix(ascii))
    return fail(Errc::bad_url, "the host is not a valid internationalised domain name");
  ascii.toUTF8String(out);
  return {};
}

}  // namespace

Result<> append_ascii_domain(std::string& out, std::string_view domain) {
  if (!is_ascii(domain)) return append_through_icu(out, domain);
  for (const char c : domain) out += to_lower(c);
  return {};
}

}  // namespace trawl::web
