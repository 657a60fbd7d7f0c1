#pragma once
// What decoding and encoding have in common: the tables of encodings of one byte, and ICU, which
// decodes UTF-16 and has the tables of the rest.

#include <unicode/ucnv.h>

#include <array>
#include <memory>
#include <string_view>

namespace trawl::web {

// The characters of the bytes 0x80 to 0xFF; U+FFFD for a byte that is none.
using UpperHalf = std::array<char16_t, 128>;
// Absent for an encoding of several bytes. Static storage.
const UpperHalf* upper_half_of(std::string_view encoding);

struct CloseIcuConverter {
  void operator()(UConverter* converter) const { ucnv_close(converter); }
};
using IcuConverter = std::unique_ptr<UConverter, CloseIcuConverter>;

// Throws Failure{internal} when ICU does not know the name.
IcuConverter open_converter(const char* name);

}  // namespace trawl::web
