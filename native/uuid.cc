#include "uuid.h"

#include "hex.h"

namespace scrimp {

namespace {

// A dash may stand before these bytes.
constexpr bool mayHaveDash(int byte) { return byte == 4 || byte == 6 || byte == 8 || byte == 10; }

}  // namespace

uint8_t* formatUuid(const uint8_t* bytes, uint8_t* to) {
  for (int i = 0; i < 16; i++) {
    if (mayHaveDash(i)) *to++ = '-';
    *to++ = static_cast<uint8_t>(kHexDigits[bytes[i] >> 4]);
    *to++ = static_cast<uint8_t>(kHexDigits[bytes[i] & 15]);
  }
  return to;
}

bool parseUuid(const uint8_t* text, size_t size, uint8_t* bytes) {
  const uint8_t* at = text;
  const uint8_t* end = text + size;
  if (size > 2 && text[0] == '{' && end[-1] == '}') {
    at++;
    end--;
  }
  for (int i = 0; i < 16; i++) {
    if (mayHaveDash(i) && at < end && *at == '-') at++;
    if (end - at < 2) return false;
    const int byte = kHexValues[at[0]] << 4 | kHexValues[at[1]];
    // Either value is -1 for what is no digit.
    if (byte < 0) return false;
    bytes[i] = static_cast<uint8_t>(byte);
    at += 2;
  }
  return at == end;
}

}  // namespace scrimp
