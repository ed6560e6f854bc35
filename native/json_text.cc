#include "json_text.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "hex.h"
#include "simd.h"
#include "utf8.h"

namespace scrimp {

namespace {

// For a byte what stands behind the backslash in its escape: itself, a letter, `u`, or 0 where it stays as it is.
constexpr std::array<uint8_t, 256> makeEscapes() {
  std::array<uint8_t, 256> escapes{};
  for (int i = 0; i < 0x20; i++) escapes[i] = 'u';
  escapes['\b'] = 'b';
  escapes['\f'] = 'f';
  escapes['\n'] = 'n';
  escapes['\r'] = 'r';
  escapes['\t'] = 't';
  escapes['"'] = '"';
  escapes['\\'] = '\\';
  return escapes;
}

constexpr std::array<uint8_t, 256> kEscapes = makeEscapes();

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

uint8_t* writeEscape(uint8_t byte, uint8_t* to) {
  *to++ = '\\';
  *to++ = kEscapes[byte];
  if (kEscapes[byte] != 'u') return to;
  *to++ = '0';
  *to++ = '0';
  *to++ = static_cast<uint8_t>(kHexDigits[byte >> 4]);
  *to++ = static_cast<uint8_t>(kHexDigits[byte & 15]);
  return to;
}

// Where reading and writing stand.
struct Cursor {
  const uint8_t* at;
  uint8_t* to;
};

// Copies characters that are not ASCII up to `stop` and no further than the first that is. False when one is malformed
// and to be refused.
bool copyNonAscii(Cursor& cursor, const uint8_t* stop, const uint8_t* end, Utf8 malformed) {
  while (cursor.at < stop && *cursor.at >= 0x80) {
    const Utf8Character character = readUtf8Character(cursor.at, end);
    if (character.isValid) {
      for (int i = 0; i < character.length; i++) *cursor.to++ = cursor.at[i];
    } else {
      if (malformed == Utf8::kRefuse) return false;
      std::memcpy(cursor.to, kReplacement, kReplacementBytes);
      cursor.to += kReplacementBytes;
    }
    cursor.at += character.length;
  }
  return true;
}

// Escapes what stands before `stop`; the text goes on to `end`.
bool escapeChunk(Cursor& cursor, const uint8_t* stop, const uint8_t* end, Utf8 malformed) {
  while (cursor.at < stop) {
    while (stop - cursor.at >= 16) {
      const Block16 block = Block16::load(cursor.at);
      block.store(cursor.to);
      const Mask16 mask = block.specialOrHigh();
      const int plain = mask.any() ? mask.first() : 16;
      cursor.at += plain;
      cursor.to += plain;
      if (plain < 16) break;
    }
    while (cursor.at < stop && *cursor.at < 0x80) {
      const uint8_t byte = *cursor.at++;
      if (kEscapes[byte] != 0) {
        cursor.to = writeEscape(byte, cursor.to);
        break;
      }
      *cursor.to++ = byte;
    }
    if (!copyNonAscii(cursor, stop, end, malformed)) return false;
  }
  return true;
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

// Replaces the escape at the cursor. False where it is none.
bool unescapeOne(Cursor& cursor, const uint8_t* end, bool* hasLoneSurrogate) {
  if (end - cursor.at < 2) return false;
  const uint8_t character = kCharacters[cursor.at[1]];
  if (character != 0) {
    *cursor.to++ = character;
    cursor.at += 2;
    return true;
  }
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
    const uint8_t* stop = end - text > kChunk ? text + kChunk : end;
    if (!output.reserve(static_cast<size_t>(stop - text) * kEscapeRoom + kSlack)) return false;
    Cursor cursor{text, output.at};
    if (!escapeChunk(cursor, stop, end, malformed)) return false;
    text = cursor.at;
    output.at = cursor.to;
  }
  return output.put('"');
}

const uint8_t* scanString(const uint8_t* at, const uint8_t* end, bool takesControls, StringToken* token) {
  if (at >= end || *at != '"') return nullptr;
  token->start = ++at;
  token->hasEscapes = false;
  while (at < end) {
    while (end - at >= 16) {
      const Mask16 mask = Block16::load(at).special();
      if (mask.any()) {
        at += mask.first();
        break;
      }
      at += 16;
    }
    if (at == end) break;
    const uint8_t byte = *at;
    if (byte == '"') {
      token->end = at;
      return at + 1;
    }
    if (byte == '\\') {
      if (end - at < 2) return nullptr;
      token->hasEscapes = true;
      at += 2;
    } else if (byte < 0x20 && !takesControls) {
      return nullptr;
    } else {
      at++;
    }
  }
  return nullptr;
}

uint8_t* unescape(const StringToken& token, uint8_t* to, bool* hasLoneSurrogate) {
  Cursor cursor{token.start, to};
  while (cursor.at < token.end) {
    const void* found = std::memchr(cursor.at, '\\', static_cast<size_t>(token.end - cursor.at));
    const uint8_t* escape = found == nullptr ? token.end : static_cast<const uint8_t*>(found);
    const size_t plain = static_cast<size_t>(escape - cursor.at);
    std::memcpy(cursor.to, cursor.at, plain);
    cursor.at += plain;
    cursor.to += plain;
    if (cursor.at < token.end && !unescapeOne(cursor, token.end, hasLoneSurrogate)) return nullptr;
  }
  return cursor.to;
}

}  // namespace scrimp
