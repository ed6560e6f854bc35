// Strings of JSON (RFC 8259, 7) to and from UTF-8.

#pragma once

#include <cstddef>
#include <cstdint>

#include "output.h"

namespace scrimp {

// What becomes of malformed UTF-8 and of surrogates that stand alone.
enum class Utf8 : uint8_t { kReplace, kRefuse };

// Writes text with its quotes: quote, backslash and control characters are escaped as JSON.stringify does, the rest is
// UTF-8. False when it is malformed and to be refused, or when there is no room.
[[nodiscard]] bool writeJsonString(const uint8_t* text, size_t length, Utf8 malformed, Output& output);

// The first byte from `at` on that ends or interrupts a string: quote, backslash or control character; else `end`.
const uint8_t* findStringEnd(const uint8_t* at, const uint8_t* end);

// Where reading and writing stand.
struct TextCursor {
  const uint8_t* at;
  uint8_t* to;
};

// Bytes that unescape() may write beyond as many as stand before `stop`.
constexpr size_t kUnescapeSlack = 32;

// Copies text up to `stop` or a little further, or up to a quote or control character, and replaces the escapes, none
// of which is shorter than what it stands for. `end` is that of the input. A surrogate that stands alone becomes
// U+FFFD, and `hasLoneSurrogate` true. False at an escape that is none.
[[nodiscard]] bool unescape(TextCursor& cursor, const uint8_t* stop, const uint8_t* end, bool* hasLoneSurrogate);

}  // namespace scrimp
