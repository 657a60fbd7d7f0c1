#pragma once
// Short searches in bytes. Names, values and the text between two tags are mostly shorter than 32
// bytes, where the call of memchr costs more than its work; so the first 64 bytes are searched
// inline and only then is libc asked.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace trawl::web::scan {

// The first `wanted` in [at, end), or end.
inline const char* find(const char* at, const char* end, char wanted) {
#if defined(__SSE2__)
  const __m128i pattern = _mm_set1_epi8(wanted);
  for (int chunk = 0; chunk < 4 && end - at >= 16; ++chunk, at += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const auto hits = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, pattern)));
    if (hits != 0) return at + std::countr_zero(hits);
  }
#endif
  if (at == end) return end;
  const void* hit = std::memchr(at, wanted, static_cast<std::size_t>(end - at));
  return hit == nullptr ? end : static_cast<const char*>(hit);
}

// The first `one` or `other` in [at, end), or end.
inline const char* find_either(const char* at, const char* end, char one, char other) {
#if defined(__SSE2__)
  const __m128i first = _mm_set1_epi8(one);
  const __m128i second = _mm_set1_epi8(other);
  for (; end - at >= 16; at += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i equal = _mm_or_si128(_mm_cmpeq_epi8(bytes, first), _mm_cmpeq_epi8(bytes, second));
    const auto hits = static_cast<unsigned>(_mm_movemask_epi8(equal));
    if (hits != 0) return at + std::countr_zero(hits);
  }
#endif
  while (at != end && *at != one && *at != other) ++at;
  return at;
}

// The first of three different bytes in [at, end), or end.
inline const char* find_one_of(const char* at, const char* end, char one, char two, char three) {
#if defined(__SSE2__)
  const __m128i first = _mm_set1_epi8(one);
  const __m128i second = _mm_set1_epi8(two);
  const __m128i third = _mm_set1_epi8(three);
  for (; end - at >= 16; at += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i equal =
        _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, first), _mm_cmpeq_epi8(bytes, second)),
                     _mm_cmpeq_epi8(bytes, third));
    const auto hits = static_cast<unsigned>(_mm_movemask_epi8(equal));
    if (hits != 0) return at + std::countr_zero(hits);
  }
#endif
  while (at != end && *at != one && *at != two && *at != three) ++at;
  return at;
}

// True when no byte of [at, end) is above 0x7F.
inline bool all_ascii(const char* at, const char* end) {
#if defined(__SSE2__)
  for (; end - at >= 64; at += 64) {
    const auto* chunk = reinterpret_cast<const __m128i*>(at);
    const __m128i low = _mm_or_si128(_mm_loadu_si128(chunk), _mm_loadu_si128(chunk + 1));
    const __m128i high = _mm_or_si128(_mm_loadu_si128(chunk + 2), _mm_loadu_si128(chunk + 3));
    if (_mm_movemask_epi8(_mm_or_si128(low, high)) != 0) return false;
  }
#endif
  for (; end - at >= 8; at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, 8);
    if ((word & 0x8080'8080'8080'8080) != 0) return false;
  }
  for (; at != end; ++at) {
    if (static_cast<unsigned char>(*at) >= 0x80) return false;
  }
  return true;
}

}  // namespace trawl::web::scan
