// A byte and the one before it tell most of what can be wrong with UTF-8, and three look-ups tell it of sixteen pairs
// at once: by the upper half of the first byte, by its lower half, by the upper half of the second. Each look-up gives
// a set of errors that are possible; what is in all three is there. (Keiser and Lemire, "Validating UTF-8 In Less Than
// One Instruction Per Byte", 2020.)

#include "utf8_blocks.h"

#include <cstring>

#if defined(__x86_64__)
#include <tmmintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace scrimp {

namespace {

struct ErrorTables {
  uint8_t firstHigh[16];
  uint8_t firstLow[16];
  uint8_t secondHigh[16];
};

// The last bit is no error by itself: two continuations are right where the byte before both leads three or four.
constexpr uint8_t kTwoContinuations = 0x80;

// Pairs of bytes that have an error: each range of first bytes is all pairings of its upper and its lower halves.
struct PairRange {
  uint8_t error;
  uint8_t firstLow, firstHigh;
  uint8_t secondLow, secondHigh;
};

constexpr PairRange kPairs[] = {
    // A lead without continuation.
    {0x01, 0xc0, 0xff, 0x00, 0x7f},
    {0x01, 0xc0, 0xff, 0xc0, 0xff},
    // A continuation without lead.
    {0x02, 0x00, 0x7f, 0x80, 0xbf},
    // Overlong forms of two, three and four bytes.
    {0x04, 0xc0, 0xc1, 0x80, 0xbf},
    {0x08, 0xe0, 0xe0, 0x80, 0x9f},
    {0x10, 0xf0, 0xf0, 0x80, 0x8f},
    // Surrogates.
    {0x20, 0xed, 0xed, 0xa0, 0xbf},
    // Beyond U+10FFFF. The second shares its bit with an overlong form, which has the same upper halves.
    {0x40, 0xf4, 0xff, 0x90, 0xbf},
    {0x10, 0xf5, 0xff, 0x80, 0x8f},
    {kTwoContinuations, 0x80, 0xbf, 0x80, 0xbf},
};

constexpr ErrorTables makeTables() {
  ErrorTables tables{};
  for (const PairRange& pair : kPairs) {
    for (int first = pair.firstLow; first <= pair.firstHigh; first++) {
      tables.firstHigh[first >> 4] |= pair.error;
      tables.firstLow[first & 15] |= pair.error;
    }
    for (int second = pair.secondLow; second <= pair.secondHigh; second++) tables.secondHigh[second >> 4] |= pair.error;
  }
  return tables;
}

constexpr ErrorTables kTables = makeTables();

// What stands between this and its end may use SSSE3, which is asked for before it is called.
#if defined(__x86_64__) && defined(__clang__)
#pragma clang attribute push(__attribute__((target("ssse3"))), apply_to = function)
#elif defined(__x86_64__)
#pragma GCC push_options
#pragma GCC target("ssse3")
#endif

#if defined(__x86_64__)

class Checker {
 public:
  void next(const uint8_t* at) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i half = _mm_set1_epi8(0x0f);
    const __m128i before = _mm_alignr_epi8(bytes, previous_, 15);
    const __m128i highOfFirst = _mm_and_si128(_mm_srli_epi16(before, 4), half);
    const __m128i highOfSecond = _mm_and_si128(_mm_srli_epi16(bytes, 4), half);
    const __m128i errors =
        _mm_and_si128(_mm_and_si128(_mm_shuffle_epi8(load(kTables.firstHigh), highOfFirst),
                                    _mm_shuffle_epi8(load(kTables.firstLow), _mm_and_si128(before, half))),
                      _mm_shuffle_epi8(load(kTables.secondHigh), highOfSecond));
    // The upper bit remains where the byte two before leads three bytes, or that three before leads four.
    const __m128i third = _mm_subs_epu8(_mm_alignr_epi8(bytes, previous_, 14), _mm_set1_epi8(0xe0 - 0x80));
    const __m128i fourth = _mm_subs_epu8(_mm_alignr_epi8(bytes, previous_, 13), _mm_set1_epi8(0xf0 - 0x80));
    const __m128i isContinued = _mm_and_si128(_mm_or_si128(third, fourth), _mm_set1_epi8(-0x80));
    errors_ = _mm_or_si128(errors_, _mm_xor_si128(errors, isContinued));
    previous_ = bytes;
  }

  bool isValid() const { return _mm_movemask_epi8(_mm_cmpeq_epi8(errors_, _mm_setzero_si128())) == 0xffff; }

 private:
  static __m128i load(const uint8_t* table) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(table)); }

  __m128i previous_ = _mm_setzero_si128();
  __m128i errors_ = _mm_setzero_si128();
};

#elif defined(__aarch64__)

class Checker {
 public:
  void next(const uint8_t* at) {
    const uint8x16_t bytes = vld1q_u8(at);
    const uint8x16_t before = vextq_u8(previous_, bytes, 15);
    const uint8x16_t errors =
        vandq_u8(vandq_u8(vqtbl1q_u8(vld1q_u8(kTables.firstHigh), vshrq_n_u8(before, 4)),
                          vqtbl1q_u8(vld1q_u8(kTables.firstLow), vandq_u8(before, vdupq_n_u8(0x0f)))),
                 vqtbl1q_u8(vld1q_u8(kTables.secondHigh), vshrq_n_u8(bytes, 4)));
    const uint8x16_t third = vqsubq_u8(vextq_u8(previous_, bytes, 14), vdupq_n_u8(0xe0 - 0x80));
    const uint8x16_t fourth = vqsubq_u8(vextq_u8(previous_, bytes, 13), vdupq_n_u8(0xf0 - 0x80));
    const uint8x16_t isContinued = vandq_u8(vorrq_u8(third, fourth), vdupq_n_u8(0x80));
    errors_ = vorrq_u8(errors_, veorq_u8(errors, isContinued));
    previous_ = bytes;
  }

  bool isValid() const { return vmaxvq_u8(errors_) == 0; }

 private:
  uint8x16_t previous_ = vdupq_n_u8(0);
  uint8x16_t errors_ = vdupq_n_u8(0);
};

#else

// Knows nothing, so calls nothing valid.
class Checker {
 public:
  void next(const uint8_t*) {}
  bool isValid() const { return false; }
};

#endif

// Walks the text in blocks, the last one filled up with zeros: a character that the end cuts short lacks a
// continuation.
bool checkBlocks(const uint8_t* at, const uint8_t* end) {
  Checker checker;
  for (; end - at >= 16; at += 16) checker.next(at);
  uint8_t last[16] = {};
  std::memcpy(last, at, static_cast<size_t>(end - at));
  checker.next(last);
  // One that is cut short right at the end of a block.
  const uint8_t none[16] = {};
  checker.next(none);
  return checker.isValid();
}

#if defined(__x86_64__) && defined(__clang__)
#pragma clang attribute pop
#elif defined(__x86_64__)
#pragma GCC pop_options
#endif

#if defined(__x86_64__)
// All x64 since 2008.
const bool hasShuffle = __builtin_cpu_supports("ssse3");
#else
constexpr bool hasShuffle = true;
#endif

}  // namespace

bool areBlocksValid(const uint8_t* at, const uint8_t* end) { return hasShuffle && checkBlocks(at, end); }

}  // namespace scrimp
