// Sixteen bytes at a time: SSE2, which every x64 has, NEON, which every arm64 has, or two words of eight.

#pragma once

#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#elif defined(__ARM_NEON)
#include <arm_neon.h>
#endif

namespace scrimp {

// Which of sixteen bytes have a property. Lowest first: four bits a byte with NEON, one with SSE2.
struct Mask16 {
#if defined(__ARM_NEON)
  static constexpr int kBitsPerByte = 4;
#else
  static constexpr int kBitsPerByte = 1;
#endif
  uint64_t bits;

  bool any() const { return bits != 0; }
  // Index of the first one; there is one.
  int first() const { return __builtin_ctzll(bits) / kBitsPerByte; }
};

#if defined(__SSE2__)

struct Block16 {
  __m128i bytes;

  static Block16 load(const uint8_t* from) { return {_mm_loadu_si128(reinterpret_cast<const __m128i*>(from))}; }
  void store(uint8_t* to) const { _mm_storeu_si128(reinterpret_cast<__m128i*>(to), bytes); }

  // Bytes that are not ASCII.
  Mask16 high() const { return {static_cast<uint32_t>(_mm_movemask_epi8(bytes))}; }

  // Bytes that end or interrupt a string of JSON: quote, backslash, control characters.
  Mask16 special() const { return {static_cast<uint32_t>(_mm_movemask_epi8(specials()))}; }

  // Both.
  Mask16 specialOrHigh() const { return {static_cast<uint32_t>(_mm_movemask_epi8(_mm_or_si128(specials(), bytes)))}; }

 private:
  __m128i specials() const {
    const __m128i quotes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
    const __m128i backslashes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
    // min(byte, 0x1f) == byte for control characters alone: an unsigned comparison.
    const __m128i controls = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);
    return _mm_or_si128(_mm_or_si128(quotes, backslashes), controls);
  }
};

#elif defined(__ARM_NEON)

struct Block16 {
  uint8x16_t bytes;

  static Block16 load(const uint8_t* from) { return {vld1q_u8(from)}; }
  void store(uint8_t* to) const { vst1q_u8(to, bytes); }

  Mask16 high() const { return maskOf(highs()); }
  Mask16 special() const { return maskOf(specials()); }
  Mask16 specialOrHigh() const { return maskOf(vorrq_u8(specials(), highs())); }

 private:
  uint8x16_t highs() const { return vcgeq_u8(bytes, vdupq_n_u8(0x80)); }
  uint8x16_t specials() const {
    const uint8x16_t quotes = vceqq_u8(bytes, vdupq_n_u8('"'));
    const uint8x16_t backslashes = vceqq_u8(bytes, vdupq_n_u8('\\'));
    return vorrq_u8(vorrq_u8(quotes, backslashes), vcltq_u8(bytes, vdupq_n_u8(0x20)));
  }
  // NEON has no movemask: a narrowing shift leaves four bits of each byte.
  static Mask16 maskOf(uint8x16_t matches) {
    const uint8x8_t narrow = vshrn_n_u16(vreinterpretq_u16_u8(matches), 4);
    return {vget_lane_u64(vreinterpret_u64_u8(narrow), 0)};
  }
};

#else

struct Block16 {
  uint8_t bytes[16];

  static Block16 load(const uint8_t* from) {
    Block16 block;
    std::memcpy(block.bytes, from, sizeof block.bytes);
    return block;
  }
  void store(uint8_t* to) const { std::memcpy(to, bytes, sizeof bytes); }

  Mask16 high() const {
    return maskOf([](uint8_t byte) { return byte >= 0x80; });
  }
  Mask16 special() const { return maskOf(isSpecial); }
  Mask16 specialOrHigh() const {
    return maskOf([](uint8_t byte) { return byte >= 0x80 || isSpecial(byte); });
  }

 private:
  static bool isSpecial(uint8_t byte) { return byte < 0x20 || byte == '"' || byte == '\\'; }
  template <typename Test>
  Mask16 maskOf(Test test) const {
    uint64_t bits = 0;
    for (int i = 0; i < 16; i++) bits |= static_cast<uint64_t>(test(bytes[i])) << i;
    return {bits};
  }
};

#endif

}  // namespace scrimp
