// ICU does the work; its escape callback writes what the target lacks as &#x…;, as a browser does
// in forms.
#include "core/web/charset_encode.hpp"

#include "core/base/result.hpp"

#include <unicode/ucnv.h>
#include <unicode/ucnv_err.h>

#include <array>
#include <memory>

namespace trawl::web {
namespace {

struct CloseConverter {
  void operator()(UConverter* converter) const { ucnv_close(converter); }
};
using Converter = std::unique_ptr<UConverter, CloseConverter>;

Converter open_converter(const std::string& name) {
  UErrorCode status = U_ZERO_ERROR;
  Converter converter(ucnv_open(name.c_str(), &status));
  if (U_FAILURE(status))
    throw Failure(Errc::internal, "ICU has no converter for " + name + ": " + u_errorName(status));
  return converter;
}

}  // namespace

std::string encode_utf8(std::string_view text, std::string_view charset, bool byte_order_mark) {
  std::string out;
  if (byte_order_mark && charset == "UTF-16LE") out = "\xFF\xFE";
  if (byte_order_mark && charset == "UTF-16BE") out = "\xFE\xFF";
  const Converter source = open_converter("UTF-8");
  const Converter target = open_converter(std::string{charset});
  UErrorCode status = U_ZERO_ERROR;
  ucnv_setFromUCallBack(target.get(), UCNV_FROM_U_CALLBACK_ESCAPE, UCNV_ESCAPE_XML_HEX, nullptr,
                        nullptr, &status);
  if (U_FAILURE(status)) throw Failure(Errc::internal, u_errorName(status));
  std::array<UChar, 4096> pivot;
  UChar* pivot_read = pivot.data();
  UChar* pivot_write = pivot.data();
  std::array<char, 16384> chunk;
  const char* in = text.data();
  const char* const in_end = in + text.size();
  for (UBool first = true;; first = false) {
    status = U_ZERO_ERROR;
    char* to = chunk.data();
    ucnv_convertEx(target.get(), source.get(), &to, to + chunk.size(), &in, in_end, pivot.data(),
                   &pivot_read, &pivot_write, pivot.data() + pivot.size(), first, true, &status);
    out.append(chunk.data(), to);
    if (status == U_BUFFER_OVERFLOW_ERROR) continue;
    if (U_FAILURE(status)) throw Failure(Errc::internal, u_errorName(status));
    return out;
  }
}

}  // namespace trawl::web
