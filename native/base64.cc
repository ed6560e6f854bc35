#include "base64.h"

#include <array>
#include <cstring>

namespace scrimp {

namespace {

constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// Two characters for each twelve bits: half as many look-ups.
struct PairTable {
  char pairs[4096][2];
};

constexpr PairTable makePairs() {
  PairTable table{};
  for (int i = 0; i < 4096; i++) {
    table.pairs[i][0] = kAlphabet[i >> 6];
    table.pairs[i][1] = kAlphabet[i & 63];
  }
  return table;
}

constexpr PairTable kPairs = makePairs();

constexpr uint8_t kNoDigit = 0x40;

constexpr std::array<uint8_t, 256> makeDigits() {
  std::array<uint8_t, 256> digits{};
  for (auto& digit : digits) digit = kNoDigit;
  for (uint8_t i = 0; i < 64; i++) digits[static_cast<uint8_t>(kAlphabet[i])] = i;
  digits['-'] = 62;
  digits['_'] = 63;
  return digits;
}

constexpr std::array<uint8_t, 256> kDigits = makeDigits();

void putPair(uint32_t bits, uint8_t* to) { std::memcpy(to, kPairs.pairs[bits], 2); }

size_t withoutPadding(const uint8_t* text, size_t length) {
  size_t stop = length;
  while (stop > 0 && length - stop < 2 && text[stop - 1] == '=') stop--;
  return stop;
}

}  // namespace

uint8_t* writeBase64(const uint8_t* from, size_t length, bool isPadded, uint8_t* to) {
  for (; length >= 3; length -= 3, from += 3, to += 4) {
    const uint32_t bits = static_cast<uint32_t>(from[0]) << 16 | static_cast<uint32_t>(from[1]) << 8 | from[2];
    putPair(bits >> 12, to);
    putPair(bits & 0xfff, to + 2);
  }
  if (length == 0) return to;
  const uint32_t bits = static_cast<uint32_t>(from[0]) << 16 | (length == 2 ? static_cast<uint32_t>(from[1]) << 8 : 0);
  putPair(bits >> 12, to);
  to += 2;
  if (length == 2) *to++ = static_cast<uint8_t>(kAlphabet[(bits >> 6) & 63]);
  if (!isPadded) return to;
  if (length == 1) *to++ = '=';
  *to++ = '=';
  return to;
}

ptrdiff_t base64Length(const uint8_t* text, size_t length) {
  const size_t digits = withoutPadding(text, length);
  const bool isPadded = digits < length;
  if (digits % 4 == 1 || (isPadded && length % 4 != 0)) return -1;
  // Not digits * 3 / 4, which overflows first.
  return static_cast<ptrdiff_t>(digits / 4 * 3 + digits % 4 * 3 / 4);
}

bool readBase64(const uint8_t* text, size_t length, uint8_t* to) {
  const uint8_t* at = text;
  size_t left = withoutPadding(text, length);
  uint8_t seen = 0;
  for (; left >= 4; left -= 4, at += 4, to += 3) {
    const uint8_t a = kDigits[at[0]], b = kDigits[at[1]], c = kDigits[at[2]], d = kDigits[at[3]];
    seen |= a | b | c | d;
    to[0] = static_cast<uint8_t>(a << 2 | b >> 4);
    to[1] = static_cast<uint8_t>(b << 4 | c >> 2);
    to[2] = static_cast<uint8_t>(c << 6 | d);
  }
  if (left > 0) {
    const uint8_t a = kDigits[at[0]], b = kDigits[at[1]], c = left == 3 ? kDigits[at[2]] : 0;
    seen |= a | b | c;
    to[0] = static_cast<uint8_t>(a << 2 | b >> 4);
    if (left == 3) to[1] = static_cast<uint8_t>(b << 4 | c >> 2);
  }
  return (seen & kNoDigit) == 0;
}

}  // namespace scrimp
