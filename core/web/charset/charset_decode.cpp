// Bodies become UTF-8 before they are read. Nearly all are UTF-8 already and are only checked.
// Encodings of one byte are tables, because ICU's differ from the standard's in places and one is
// missing there; those of several bytes have a file of their own. UTF-16 is left to ICU.

#include "core/base/result.hpp"
#include "core/web/byte_scan.hpp"
#include "core/web/charset/charset.hpp"
#include "core/web/charset/charset_multi_byte.hpp"
#include "core/web/charset/charset_tables.hpp"
#include "core/web/charset/content.hpp"
#include "core/web/utf8.hpp"

#include <array>

namespace trawl::web {
namespace {

void convert_with_icu(std::string_view body, std::string_view charset, std::string& out) {
  const IcuConverter source = open_converter(std::string(charset).c_str());
  const IcuConverter target = open_converter("UTF-8");
  std::array<UChar, 4096> pivot;
  UChar* pivot_read = pivot.data();
  UChar* pivot_write = pivot.data();
  std::array<char, 16384> chunk;
  const char* in = body.data();
  const char* const in_end = in + body.size();
  UBool first = true;
  while (true) {
    UErrorCode status = U_ZERO_ERROR;
    char* to = chunk.data();
    ucnv_convertEx(target.get(), source.get(), &to, to + chunk.size(), &in, in_end, pivot.data(),
                   &pivot_read, &pivot_write, pivot.data() + pivot.size(), first, true, &status);
    first = false;
    out.append(chunk.data(), to);
    if (status == U_BUFFER_OVERFLOW_ERROR) continue;
    if (U_FAILURE(status)) throw Failure(Errc::internal, u_errorName(status));
    return;
  }
}

struct SingleByteEncoding {
  std::string_view name;
  UpperHalf upper;
};
constexpr SingleByteEncoding single_byte_encodings[] = {
#include "core/web/charset/charset_single_byte.inc"
};

constexpr UpperHalf user_defined = [] {
  UpperHalf table{};
  for (std::size_t i = 0; i < table.size(); ++i) table[i] = static_cast<char16_t>(0xF780 + i);
  return table;
}();

void convert_bytes(std::string_view body, const UpperHalf& upper, std::string& out) {
  out.reserve(body.size() + body.size() / 8);
  const char* at = body.data();
  const char* const end = at + body.size();
  while (at != end) {
    const char* const start = at;
    while (end - at >= 16 && scan::all_ascii(at, at + 16)) at += 16;
    while (at != end && static_cast<unsigned char>(*at) < 0x80) ++at;
    out.append(start, at);
    for (; at != end && static_cast<unsigned char>(*at) >= 0x80; ++at) {
      utf8::append(out, upper[static_cast<unsigned char>(*at) - 0x80U]);
    }
  }
}

std::string_view utf8_text(std::string_view body, std::string& storage) {
  const std::size_t valid = utf8::valid_prefix(body);
  if (valid == body.size()) return body;
  storage.reserve(body.size() + 64);
  storage.append(body.substr(0, valid));
  utf8::append_repaired(storage, body.substr(valid));
  return storage;
}

}  // namespace

IcuConverter open_converter(const char* name) {
  UErrorCode status = U_ZERO_ERROR;
  IcuConverter converter(ucnv_open(name, &status));
  if (U_FAILURE(status)) {
    throw Failure(Errc::internal,
                  std::string("ICU has no converter for ") + name + ": " + u_errorName(status));
  }
  return converter;
}

const UpperHalf* upper_half_of(std::string_view encoding) {
  if (encoding == "x-user-defined") return &user_defined;
  for (const SingleByteEncoding& known : single_byte_encodings) {
    if (known.name == encoding) return &known.upper;
  }
  return nullptr;
}

std::string_view to_utf8(std::string_view body, std::string_view charset, std::string& storage) {
  // A byte order mark is stronger than any label (Encoding standard, section 6: decode).
  const std::string_view marked = bom_charset(body);
  if (marked.empty()) return part_to_utf8(body, encoding_name(charset), storage);
  body.remove_prefix(marked == "UTF-8" ? 3 : 2);
  return part_to_utf8(body, marked, storage);
}

std::string_view part_to_utf8(std::string_view bytes, std::string_view encoding,
                              std::string& storage) {
  storage.clear();
  if (bytes.empty()) return {};
  if (encoding.empty() || encoding == "UTF-8") return utf8_text(bytes, storage);
  if (const UpperHalf* upper = upper_half_of(encoding)) {
    convert_bytes(bytes, *upper, storage);
  } else if (encoding == "replacement") {
    storage = utf8::replacement;
  } else if (!decode_multi_byte(bytes, encoding, storage)) {
    convert_with_icu(bytes, encoding, storage);
  }
  return storage;
}

}  // namespace trawl::web
