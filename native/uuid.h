// The text of a uuid: 16 bytes as hex digits in groups of 8, 4, 4, 4 and 12.

#pragma once

#include <cstddef>
#include <cstdint>

namespace scrimp {

constexpr size_t kUuidText = 36;

// Writes the canonical text, lower case, of 16 bytes. Returns the place behind it.
uint8_t* formatUuid(const uint8_t* bytes, uint8_t* to);

// Reads text into 16 bytes: upper and lower case, braces around, and dashes left out are taken. False for other text.
bool parseUuid(const uint8_t* text, size_t size, uint8_t* bytes);

}  // namespace scrimp
