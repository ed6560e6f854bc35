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

// A string in the input, without its quotes.
struct StringToken {
  const uint8_t* start;
  const uint8_t* end;
  bool hasEscapes;

  size_t size() const { return static_cast<size_t>(end - start); }
};

// Finds the end of a string whose opening quote stands at `at`. Control characters are refused unless `takesControls`.
// Returns the place behind the closing quote, nullptr where there is none. Escapes are found but not looked into.
const uint8_t* scanString(const uint8_t* at, const uint8_t* end, bool takesControls, StringToken* token);

// Replaces the escapes of a string; `to` has room for as many bytes as the string takes, as no escape is shorter than
// what it stands for. A surrogate that stands alone becomes U+FFFD, and `hasLoneSurrogate` true. Returns the end of the
// text, nullptr at an escape that is none.
uint8_t* unescape(const StringToken& token, uint8_t* to, bool* hasLoneSurrogate);

}  // namespace scrimp
