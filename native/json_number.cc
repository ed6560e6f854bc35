#include "json_number.h"

#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

namespace scrimp {

namespace {

// The digits of 00 to 99, so that a division yields two.
struct DigitPairs {
  char pairs[100][2];
};

constexpr DigitPairs makePairs() {
  DigitPairs table{};
  for (int i = 0; i < 100; i++) {
    table.pairs[i][0] = static_cast<char>('0' + i / 10);
    table.pairs[i][1] = static_cast<char>('0' + i % 10);
  }
  return table;
}

constexpr DigitPairs kDigits = makePairs();

// Digits of 10^0 to 10^19 are the index and one more.
constexpr uint64_t kPowersOfTen[] = {1ull,
                                     10ull,
                                     100ull,
                                     1000ull,
                                     10000ull,
                                     100000ull,
                                     1000000ull,
                                     10000000ull,
                                     100000000ull,
                                     1000000000ull,
                                     10000000000ull,
                                     100000000000ull,
                                     1000000000000ull,
                                     10000000000000ull,
                                     100000000000000ull,
                                     1000000000000000ull,
                                     10000000000000000ull,
                                     100000000000000000ull,
                                     1000000000000000000ull,
                                     10000000000000000000ull};

// The powers of ten that a double holds exactly.
constexpr double kExactPowers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                   1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

// Integers of so many digits are exact in a double.
constexpr int kExactDigits = 15;

int countDigits(uint64_t value) {
  // 1233 / 4096 is a little over the decimal logarithm of 2: the guess is right or one too many.
  const int bits = 64 - __builtin_clzll(value | 1);
  const int guess = bits * 1233 >> 12;
  return guess + (value >= kPowersOfTen[guess] || guess == 0);
}

bool isDigit(uint8_t byte) { return static_cast<uint8_t>(byte - '0') < 10; }

const uint8_t* skipDigits(const uint8_t* at, const uint8_t* end) {
  while (at < end && isDigit(*at)) at++;
  return at;
}

// Where the parts of a number stand. `fraction` and `exponent` are nullptr where there is none.
struct Token {
  const uint8_t* digits;
  const uint8_t* integerEnd;
  // Behind the point.
  const uint8_t* fraction = nullptr;
  const uint8_t* fractionEnd = nullptr;
  // Behind the e.
  const uint8_t* exponent = nullptr;
  const uint8_t* end = nullptr;

  bool isNegative(const uint8_t* start) const { return digits != start; }
};

bool scan(const uint8_t* at, const uint8_t* end, Token* token) {
  if (at < end && *at == '-') at++;
  token->digits = at;
  at = skipDigits(at, end);
  if (at == token->digits) return false;
  token->integerEnd = at;
  if (at < end && *at == '.') {
    token->fraction = ++at;
    at = skipDigits(at, end);
    if (at == token->fraction) return false;
    token->fractionEnd = at;
  }
  if (at < end && (*at | 0x20) == 'e') {
    token->exponent = ++at;
    if (at < end && (*at == '+' || *at == '-')) at++;
    const uint8_t* digits = at;
    at = skipDigits(at, end);
    if (at == digits) return false;
  }
  token->end = at;
  return true;
}

bool hasLeadingZero(const Token& token) { return *token.digits == '0' && token.integerEnd - token.digits > 1; }

// A number that from_chars() refuses for its size: too great, or so close to 0 that 0 is the nearest double? The place
// of its first digit that is not 0 tells, as the two are 600 powers of ten apart.
bool isTooGreat(const Token& token) {
  int64_t exponent = 0;
  if (token.exponent != nullptr) {
    const uint8_t* at = token.exponent;
    const bool isNegative = *at == '-';
    if (*at == '-' || *at == '+') at++;
    // Beyond a billion it is decided, as no input holds so many digits.
    for (; at < token.end && exponent < 1'000'000'000'000; at++) exponent = exponent * 10 + (*at - '0');
    if (isNegative) exponent = -exponent;
  }
  const uint8_t* first = token.digits;
  while (first < token.integerEnd && *first == '0') first++;
  if (first < token.integerEnd) return exponent + (token.integerEnd - first) > 0;
  first = token.fraction;
  while (first < token.fractionEnd && *first == '0') first++;
  return exponent - (first - token.fraction) > 0;
}

// Writes the digits of the shortest form at `digits`; the number is 0.DIGITS * 10^point.
struct Shortest {
  char digits[24];
  int count;
  int point;
};

Shortest shortest(double magnitude) {
  char text[32];
  // d.ddde+xx, of which the digits are the fewest that give the double back, and the closest to it among those.
  const auto [textEnd, error] = std::to_chars(text, text + sizeof text, magnitude, std::chars_format::scientific);
  Shortest result;
  result.digits[0] = text[0];
  result.count = 1;
  const char* at = text + 1;
  if (*at == '.') {
    for (at++; *at != 'e'; at++) result.digits[result.count++] = *at;
  }
  at++;
  const bool isNegative = *at++ == '-';
  int exponent = 0;
  for (; at < textEnd; at++) exponent = exponent * 10 + (*at - '0');
  result.point = (isNegative ? -exponent : exponent) + 1;
  return result;
}

uint8_t* copy(const char* from, int count, uint8_t* to) {
  std::memcpy(to, from, static_cast<size_t>(count));
  return to + count;
}

uint8_t* fill(uint8_t byte, int count, uint8_t* to) {
  std::memset(to, byte, static_cast<size_t>(count));
  return to + count;
}

// Number::toString of ECMAScript (6.1.6.1.20), from its fifth step on.
uint8_t* layOut(const Shortest& number, uint8_t* to) {
  const auto& [digits, count, point] = number;
  if (count <= point && point <= 21) return fill('0', point - count, copy(digits, count, to));
  if (0 < point && point <= 21) {
    to = copy(digits, point, to);
    *to++ = '.';
    return copy(digits + point, count - point, to);
  }
  if (-6 < point && point <= 0) {
    to = fill('0', -point, copy("0.", 2, to));
    return copy(digits, count, to);
  }
  *to++ = static_cast<uint8_t>(digits[0]);
  if (count > 1) {
    *to++ = '.';
    to = copy(digits + 1, count - 1, to);
  }
  *to++ = 'e';
  const int exponent = point - 1;
  *to++ = exponent < 0 ? '-' : '+';
  return writeUnsigned(static_cast<uint64_t>(exponent < 0 ? -exponent : exponent), to);
}

// A number of at most six decimals and fifteen digits in all, as most are. Where such a decimal is the number, it is
// its shortest form: no two of fifteen digits are the same double. Returns nullptr for others.
uint8_t* writeDecimals(double value, uint8_t* to) {
  constexpr double kMillion = 1e6;
  constexpr double kGreatest = 1e9;
  if (!(value < kGreatest)) return nullptr;
  const uint64_t millionths = static_cast<uint64_t>(value * kMillion + 0.5);
  if (millionths == 0 || static_cast<double>(millionths) / kMillion != value) return nullptr;
  to = writeUnsigned(millionths / 1'000'000, to);
  uint64_t decimals = millionths % 1'000'000;
  *to++ = '.';
  int count = 6;
  for (; decimals % 10 == 0; decimals /= 10) count--;
  for (int i = count; i-- > 0; decimals /= 10) to[i] = static_cast<uint8_t>('0' + decimals % 10);
  return to + count;
}

}  // namespace

uint8_t* writeUnsigned(uint64_t value, uint8_t* to) {
  uint8_t* const end = to + countDigits(value);
  uint8_t* at = end;
  while (value >= 100) {
    at -= 2;
    std::memcpy(at, kDigits.pairs[value % 100], 2);
    value /= 100;
  }
  if (value >= 10) {
    std::memcpy(at - 2, kDigits.pairs[value], 2);
  } else {
    at[-1] = static_cast<uint8_t>('0' + value);
  }
  return end;
}

uint8_t* writeInteger(int64_t value, uint8_t* to) {
  if (value >= 0) return writeUnsigned(static_cast<uint64_t>(value), to);
  *to++ = '-';
  // Negated as unsigned: the magnitude of the least integer is no signed one.
  return writeUnsigned(0 - static_cast<uint64_t>(value), to);
}

uint8_t* writeDouble(double value, uint8_t* to) {
  constexpr double kSafe = 9007199254740991;
  if (std::signbit(value)) {
    *to++ = '-';
    value = -value;
  }
  if (value <= kSafe && value == std::trunc(value)) return writeUnsigned(static_cast<uint64_t>(value), to);
  uint8_t* const behind = writeDecimals(value, to);
  return behind != nullptr ? behind : layOut(shortest(value), to);
}

const uint8_t* readInteger(const uint8_t* at, const uint8_t* end, bool takesZeros, int64_t* value) {
  const bool isNegative = at < end && *at == '-';
  if (isNegative) at++;
  const uint8_t* digits = at;
  uint64_t magnitude = 0;
  // Eighteen digits cannot overflow; what has more comes below.
  const uint8_t* const safe = end - at > 18 ? at + 18 : end;
  for (; at < safe && isDigit(*at); at++) magnitude = magnitude * 10 + (*at - '0');
  if (at == digits) return nullptr;
  const uint8_t* const integerEnd = skipDigits(at, end);
  if (integerEnd < end && (*integerEnd == '.' || (*integerEnd | 0x20) == 'e')) return nullptr;
  if (*digits == '0' && integerEnd - digits > 1) {
    if (!takesZeros) return nullptr;
    while (digits < integerEnd && *digits == '0') digits++;
    if (integerEnd - digits > 19) return nullptr;
    magnitude = 0;
    for (at = digits; at < integerEnd; at++) magnitude = magnitude * 10 + (*at - '0');
  } else {
    // Nineteen digits fit 64 bits without sign.
    if (integerEnd - digits > 19) return nullptr;
    for (; at < integerEnd; at++) magnitude = magnitude * 10 + (*at - '0');
  }
  constexpr uint64_t kGreatest = std::numeric_limits<int64_t>::max();
  if (magnitude > kGreatest + isNegative) return nullptr;
  *value = static_cast<int64_t>(isNegative ? 0 - magnitude : magnitude);
  return integerEnd;
}

const uint8_t* readDouble(const uint8_t* at, const uint8_t* end, bool takesZeros, double* value) {
  Token token;
  if (!scan(at, end, &token) || (hasLeadingZero(token) && !takesZeros)) return nullptr;
  const bool isNegative = token.isNegative(at);
  const int64_t scale = token.fraction == nullptr ? 0 : token.fractionEnd - token.fraction;
  if (token.exponent == nullptr && (token.integerEnd - token.digits) + scale <= kExactDigits) {
    uint64_t mantissa = 0;
    for (const uint8_t* p = token.digits; p < token.integerEnd; p++) mantissa = mantissa * 10 + (*p - '0');
    for (const uint8_t* p = token.fraction; p < token.fractionEnd; p++) mantissa = mantissa * 10 + (*p - '0');
    // Both operands are exact, so the one rounding of the division is the right one.
    const double magnitude = static_cast<double>(mantissa) / kExactPowers[scale];
    *value = isNegative ? -magnitude : magnitude;
    return token.end;
  }
  const auto [_, error] =
      std::from_chars(reinterpret_cast<const char*>(at), reinterpret_cast<const char*>(token.end), *value);
  if (error == std::errc::result_out_of_range) {
    if (isTooGreat(token)) return nullptr;
    *value = isNegative ? -0.0 : 0.0;
  } else if (error != std::errc()) {
    return nullptr;
  }
  return token.end;
}

const uint8_t* skipNumber(const uint8_t* at, const uint8_t* end) {
  Token token;
  return scan(at, end, &token) && !hasLeadingZero(token) ? token.end : nullptr;
}

}  // namespace scrimp
