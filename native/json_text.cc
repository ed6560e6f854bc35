#include "json_text.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "hex.h"
#include "simd.h"
#include "utf8.h"

namespace scrimp {

namespace {

// What a byte becomes in a string: itself, or an escape of two or six bytes, and how many bytes that is.
struct Escape {
  uint8_t bytes[7];
  uint8_t size;
};

constexpr std::array<Escape, 256> makeEscapes() {
  std::array<Escape, 256> escapes{};
  for (int i = 0; i < 256; i++) escapes[i] = {{static_cast<uint8_t>(i)}, 1};
  for (int i = 0; i < 0x20; i++) {
    escapes[i] = {
        {'\\', 'u', '0', '0', static_cast<uint8_t>(kHexDigits[i >> 4]), static_cast<uint8_t>(kHexDigits[i & 15])}, 6};
  }
  escapes['\b'] = {{'\\', 'b'}, 2};
  escapes['\f'] = {{'\\', 'f'}, 2};
  escapes['\n'] = {{'\\', 'n'}, 2};
  escapes['\r'] = {{'\\', 'r'}, 2};
  escapes['\t'] = {{'\\', 't'}, 2};
  escapes['"'] = {{'\\', '"'}, 2};
  escapes['\\'] = {{'\\', '\\'}, 2};
  return escapes;
}

constexpr std::array<Escape, 256> kEscapes = makeEscapes();

// The character by the letter behind the backslash, 0 for letters that mean something else or nothing.
constexpr std::array<uint8_t, 256> makeCharacters() {
  std::array<uint8_t, 256> characters{};
  characters['"'] = '"';
  characters['\\'] = '\\';
  characters['/'] = '/';
  characters['b'] = '\b';
  characters['f'] = '\f';
  characters['n'] = '\n';
  characters['r'] = '\r';
  characters['t'] = '\t';
  return characters;
}

constexpr std::array<uint8_t, 256> kCharacters = makeCharacters();

constexpr size_t kEscapeRoom = 6;

// Room is made for so many bytes of text at a time.
constexpr ptrdiff_t kChunk = 4096;

// What a block writes beyond what it counts, and the last character of a chunk.
constexpr size_t kSlack = 16;

// Escapes one byte. `to` has room for eight. Without a branch: where there is one escape there are often more, and a
// wrong guess costs as much as a dozen bytes.
inline uint8_t* escapeByte(uint8_t byte, uint8_t* to) {
  const Escape& escape = kEscapes[byte];
  std::memcpy(to, &escape, sizeof escape);
  return to + escape.size;
}

// Escapes well-formed text. `to` has room for kEscapeRoom bytes a byte, and kSlack. Returns the end.
uint8_t* escapeText(const uint8_t* at, const uint8_t* end, uint8_t* to) {
  for (; end - at >= 16; at += 16) {
    const Block16 block = Block16::load(at);
    if (!block.special().any()) {
      block.store(to);
      to += 16;
    } else {
      for (int i = 0; i < 16; i++) to = escapeByte(at[i], to);
    }
  }
  while (at < end) to = escapeByte(*at++, to);
  return to;
}

bool isHighSurrogate(uint32_t unit) { return (unit & 0xfc00) == 0xd800; }
bool isLowSurrogate(uint32_t unit) { return (unit & 0xfc00) == 0xdc00; }

// The UTF-16 unit of an escape `\uXXXX` that starts at `at`; -1 where there is none.
int32_t readUnit(const uint8_t* at, const uint8_t* end) {
  if (end - at < 6 || at[0] != '\\' || at[1] != 'u') return -1;
  const int32_t a = kHexValues[at[2]], b = kHexValues[at[3]], c = kHexValues[at[4]], d = kHexValues[at[5]];
  if ((a | b | c | d) < 0) return -1;
  return a << 12 | b << 8 | c << 4 | d;
}

// Replaces the escape of hex digits at the cursor, and the one behind it where both are a pair of surrogates. False
// where it is none.
bool unescapeUnit(TextCursor& cursor, const uint8_t* end, bool* hasLoneSurrogate) {
  const int32_t unit = readUnit(cursor.at, end);
  if (unit < 0) return false;
  uint32_t point = static_cast<uint32_t>(unit);
  cursor.at += 6;
  if (isHighSurrogate(point) && end - cursor.at >= 2 && cursor.at[0] == '\\' && cursor.at[1] == 'u') {
    const int32_t low = readUnit(cursor.at, end);
    if (low < 0) return false;
    if (isLowSurrogate(static_cast<uint32_t>(low))) {
      point = 0x10000 + ((point & 0x3ff) << 10) + (static_cast<uint32_t>(low) & 0x3ff);
      cursor.at += 6;
    }
  }
  if (isHighSurrogate(point) || isLowSurrogate(point)) {
    *hasLoneSurrogate = true;
    point = 0xfffd;
  }
  cursor.to = writeUtf8(point, cursor.to);
  return true;
}

}  // namespace

bool writeJsonString(const uint8_t* text, size_t length, Utf8 malformed, Output& output) {
  const uint8_t* const end = text + length;
  if (!output.put('"')) return false;
  while (text < end) {
    const uint8_t* stop = findMalformed(text, end);
    for (; text < stop; text += std::min(stop - text, kChunk)) {
      const ptrdiff_t size = std::min(stop - text, kChunk);
      if (!output.reserve(static_cast<size_t>(size) * kEscapeRoom + kSlack)) return false;
      output.fetchAhead(static_cast<size_t>(size));
      output.at = escapeText(text, text + size, output.at);
    }
    if (text == end) break;
    if (malformed == Utf8::kRefuse || !output.put(kReplacement, kReplacementBytes)) return false;
    text += readUtf8Character(text, end).length;
  }
  return output.put('"');
}

const uint8_t* findStringEnd(const uint8_t* at, const uint8_t* end) {
  while (end - at >= 16) {
    const Mask16 mask = Block16::load(at).special();
    if (mask.any()) return at + mask.first();
    at += 16;
  }
  while (at < end && kEscapes[*at].size == 1) at++;
  return at;
}

bool unescape(TextCursor& cursor, const uint8_t* stop, const uint8_t* end, bool* hasLoneSurrogate) {
  // Not the cursor itself: its positions would go through memory.
  const uint8_t* at = cursor.at;
  uint8_t* to = cursor.to;
  while (at < stop) {
    if (end - at >= 16) {
      const Block16 block = Block16::load(at);
      block.store(to);
      const Mask16 mask = block.special();
      const int plain = mask.any() ? mask.first() : 16;
      at += plain;
      to += plain;
      if (plain == 16) continue;
    } else if (kEscapes[*at].size == 1) {
      *to++ = *at++;
      continue;
    }
    // Where there is one escape there are often more.
    while (at < stop && end - at >= 2 && *at == '\\' && kCharacters[at[1]] != 0) {
      *to++ = kCharacters[at[1]];
      at += 2;
    }
    if (at >= stop || kEscapes[*at].size == 1) continue;
    if (*at != '\\') break;
    cursor = {at, to};
    if (!unescapeUnit(cursor, end, hasLoneSurrogate)) return false;
    at = cursor.at;
    to = cursor.to;
  }
  cursor = {at, to};
  return true;
}

}  // namespace scrimp
