// UTF-8 as the WHATWG Encoding Standard has it: no overlong forms, no surrogates, nothing beyond U+10FFFF. What is
// malformed becomes U+FFFD, one for each maximal part of a character, or is refused.

#pragma once

#include <cstddef>
#include <cstdint>

namespace scrimp {

// The bytes of U+FFFD, and how many they are.
constexpr uint8_t kReplacement[] = {0xef, 0xbf, 0xbd};
constexpr size_t kReplacementBytes = sizeof kReplacement;

// A malformed byte becomes three.
constexpr size_t kLossyGrowth = 3;

// A character that is not ASCII.
struct Utf8Character {
  // Bytes it takes; where it is malformed, bytes that one U+FFFD stands for. Never 0.
  uint8_t length;
  bool isValid;
};

// Looks at the character that starts at `at`, whose first byte is not ASCII.
Utf8Character readUtf8Character(const uint8_t* at, const uint8_t* end);

// The first byte that is not ASCII, or `end`.
const uint8_t* findNonAscii(const uint8_t* at, const uint8_t* end);

// The first byte of the first malformed character, or `end`.
const uint8_t* findMalformed(const uint8_t* at, const uint8_t* end);

// Copies text and replaces what is malformed. `to` has room for kLossyGrowth bytes a byte. Returns the end of the copy.
uint8_t* copyUtf8Lossy(const uint8_t* at, const uint8_t* end, uint8_t* to);

// Writes a code point that is no surrogate. `to` has room for four bytes. Returns the place behind it.
uint8_t* writeUtf8(uint32_t point, uint8_t* to);

}  // namespace scrimp
