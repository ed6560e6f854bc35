// Part of a message as UTF-16, with the way back from bytes to units: JavaScript cuts its strings out of it.
//
// What of the bytes is text and what is numbers is not known here and need not be. Well-formed text starts with the
// first byte of a character and ends with the last of one, so whatever stands around it, it is decoded rightly; where
// text is malformed at its edges, the index says that there is no cut.

#pragma once

#include <cstddef>
#include <cstdint>

namespace scrimp {

// In the index: no character starts at this byte.
constexpr uint16_t kNoCut = 0xffff;

// Bytes of the longest window: units must stay below kNoCut.
constexpr size_t kMostWindowBytes = 8192;

// Decodes at most kMostWindowBytes. `units` has room for as many as there are bytes, `index` for one more: index[i] is
// the unit at which byte i starts. What is malformed becomes U+FFFD. Returns the number of units.
size_t decodeWindow(const uint8_t* bytes, size_t size, uint16_t* units, uint16_t* index);

}  // namespace scrimp
