// Base64 (RFC 4648, 4 and 5): written in the standard alphabet, read from either, mixed or not, padded or not.

#pragma once

#include <cstddef>
#include <cstdint>

namespace scrimp {

// Characters of `length` bytes with padding.
constexpr size_t base64Room(size_t length) { return (length + 2) / 3 * 4; }

// Writes base64; `to` has base64Room(length) bytes of room. Returns the end of the text.
uint8_t* writeBase64(const uint8_t* from, size_t length, bool isPadded, uint8_t* to);

// How many bytes a text stands for; -1 where its length or its padding is that of no base64.
ptrdiff_t base64Length(const uint8_t* text, size_t length);

// Decodes text of which base64Length() is not negative into as many bytes. False when a character is none of base64.
bool readBase64(const uint8_t* text, size_t length, uint8_t* to);

}  // namespace scrimp
