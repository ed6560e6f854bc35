#include "utf8.h"

#include <cstring>

#include "simd.h"
#include "utf8_blocks.h"

namespace scrimp {

namespace {

bool isContinuation(uint8_t byte) { return (byte & 0xc0) == 0x80; }

// What may follow the first byte of a character: most are followed by 80..bf, four are not, which is what keeps
// overlong forms (e0, f0), surrogates (ed) and what is beyond U+10FFFF (f4) out.
bool isSecond(uint8_t lead, uint8_t second) {
  switch (lead) {
    case 0xe0: return second >= 0xa0 && second <= 0xbf;
    case 0xed: return second >= 0x80 && second <= 0x9f;
    case 0xf0: return second >= 0x90 && second <= 0xbf;
    case 0xf4: return second >= 0x80 && second <= 0x8f;
    default: return isContinuation(second);
  }
}

int lengthByLead(uint8_t lead) {
  if (lead < 0xc2 || lead > 0xf4) return 0;
  if (lead < 0xe0) return 2;
  return lead < 0xf0 ? 3 : 4;
}

}  // namespace

Utf8Character readUtf8Character(const uint8_t* at, const uint8_t* end) {
  const int length = lengthByLead(*at);
  if (length == 0) return {1, false};
  if (end - at < 2 || !isSecond(at[0], at[1])) return {1, false};
  for (int i = 2; i < length; i++) {
    if (i >= end - at || !isContinuation(at[i])) return {static_cast<uint8_t>(i), false};
  }
  return {static_cast<uint8_t>(length), true};
}

const uint8_t* findNonAscii(const uint8_t* at, const uint8_t* end) {
  for (; end - at >= 16; at += 16) {
    const Mask16 high = Block16::load(at).high();
    if (high.any()) return at + high.first();
  }
  while (at < end && *at < 0x80) at++;
  return at;
}

const uint8_t* findMalformed(const uint8_t* at, const uint8_t* end) {
  at = findNonAscii(at, end);
  if (end - at >= kFewestBlockBytes && areBlocksValid(at, end)) return end;
  while (at < end) {
    if (*at < 0x80) {
      at = findNonAscii(at, end);
      continue;
    }
    const Utf8Character character = readUtf8Character(at, end);
    if (!character.isValid) return at;
    at += character.length;
  }
  return end;
}

uint8_t* copyUtf8Lossy(const uint8_t* at, const uint8_t* end, uint8_t* to) {
  while (at < end) {
    const uint8_t* malformed = findMalformed(at, end);
    const size_t sound = static_cast<size_t>(malformed - at);
    std::memcpy(to, at, sound);
    to += sound;
    if (malformed == end) return to;
    std::memcpy(to, kReplacement, kReplacementBytes);
    to += kReplacementBytes;
    at = malformed + readUtf8Character(malformed, end).length;
  }
  return to;
}

uint8_t* writeUtf8(uint32_t point, uint8_t* to) {
  if (point < 0x80) {
    *to++ = static_cast<uint8_t>(point);
    return to;
  }
  if (point < 0x800) {
    *to++ = static_cast<uint8_t>(0xc0 | (point >> 6));
  } else if (point < 0x10000) {
    *to++ = static_cast<uint8_t>(0xe0 | (point >> 12));
    *to++ = static_cast<uint8_t>(0x80 | ((point >> 6) & 0x3f));
  } else {
    *to++ = static_cast<uint8_t>(0xf0 | (point >> 18));
    *to++ = static_cast<uint8_t>(0x80 | ((point >> 12) & 0x3f));
    *to++ = static_cast<uint8_t>(0x80 | ((point >> 6) & 0x3f));
  }
  *to++ = static_cast<uint8_t>(0x80 | (point & 0x3f));
  return to;
}

}  // namespace scrimp
