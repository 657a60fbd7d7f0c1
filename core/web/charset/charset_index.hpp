#pragma once
// What the encodings of several bytes have in common: the Encoding standard's indexes (section 5),
// and how two bytes say a place in one.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace trawl::web {

// A code point for each pointer; 0 where the standard has none.
using Index = std::vector<char32_t>;

// Made at the first use, in some milliseconds; static storage, any thread. They throw
// Failure{internal} when ICU lacks the converter whose table they are.
const Index& big5_index();
const Index& euc_kr_index();
const Index& gb18030_index();
const Index& jis0208_index();
const Index& jis0212_index();

inline constexpr std::size_t no_pointer = SIZE_MAX;

// Four bytes of GB18030 (section 5: index gb18030 ranges): 0 and no_pointer where there is nothing.
char32_t gb18030_ranges_code_point(std::size_t pointer);
std::size_t gb18030_ranges_pointer(char32_t code_point);

// Characters that GB18030 moved out of the private use area in 2022: the private one is written as
// the other, and never read (section 10.2.2).
struct MovedCharacter {
  char16_t code_point;
  char16_t private_use;
};
inline constexpr MovedCharacter gb18030_moved[] = {
    {0xFE10, 0xE78D}, {0xFE12, 0xE78E}, {0xFE11, 0xE78F}, {0xFE13, 0xE790}, {0xFE14, 0xE791},
    {0xFE15, 0xE792}, {0xFE16, 0xE793}, {0xFE17, 0xE794}, {0xFE18, 0xE795}, {0xFE19, 0xE796},
    {0x9FB4, 0xE81E}, {0x9FB5, 0xE826}, {0x9FB6, 0xE82B}, {0x9FB7, 0xE82C}, {0x9FB8, 0xE832},
    {0x9FB9, 0xE843}, {0x9FBA, 0xE854}, {0x9FBB, 0xE864}};

// The bytes that may stand in one place: a range, or two.
struct ByteRanges {
  std::uint8_t first;
  std::uint8_t last;
  std::uint8_t next_first = 1;
  std::uint8_t next_last = 0;

  constexpr std::size_t first_size() const { return std::size_t{last} - first + 1; }
  constexpr std::size_t size() const { return first_size() + next_last + 1 - next_first; }
  // size() for a byte that is in neither.
  constexpr std::size_t position(std::uint8_t byte) const {
    if (byte >= first && byte <= last) return std::size_t{byte} - first;
    if (byte >= next_first && byte <= next_last) return byte - next_first + first_size();
    return size();
  }
  constexpr std::uint8_t byte(std::size_t position) const {
    return static_cast<std::uint8_t>(
        position < first_size() ? first + position : next_first + position - first_size());
  }
};

struct TwoBytes {
  ByteRanges leads;
  ByteRanges trails;

  constexpr std::size_t pointer(std::uint8_t lead, std::uint8_t trail) const {
    const std::size_t high = leads.position(lead);
    const std::size_t low = trails.position(trail);
    return high < leads.size() && low < trails.size() ? high * trails.size() + low : no_pointer;
  }
  constexpr std::uint8_t lead(std::size_t pointer) const {
    return leads.byte(pointer / trails.size());
  }
  constexpr std::uint8_t trail(std::size_t pointer) const {
    return trails.byte(pointer % trails.size());
  }
};

inline constexpr TwoBytes big5_bytes{.leads = {0x81, 0xFE}, .trails = {0x40, 0x7E, 0xA1, 0xFE}};
inline constexpr TwoBytes euc_kr_bytes{.leads = {0x81, 0xFE}, .trails = {0x41, 0xFE}};
inline constexpr TwoBytes gb18030_bytes{.leads = {0x81, 0xFE}, .trails = {0x40, 0x7E, 0x80, 0xFE}};
inline constexpr TwoBytes shift_jis_bytes{.leads = {0x81, 0x9F, 0xE0, 0xFC},
                                          .trails = {0x40, 0x7E, 0x80, 0xFC}};
inline constexpr TwoBytes euc_jp_bytes{.leads = {0xA1, 0xFE}, .trails = {0xA1, 0xFE}};
inline constexpr TwoBytes iso_2022_jp_bytes{.leads = {0x21, 0x7E}, .trails = {0x21, 0x7E}};

}  // namespace trawl::web
