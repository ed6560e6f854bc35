// Numbers of JSON (RFC 8259, 6) to and from text, exactly.
//
//     -? (0 | [1-9][0-9]*) (\. [0-9]+)? ([eE] [-+]? [0-9]+)?

#pragma once

#include <cstddef>
#include <cstdint>

namespace scrimp {

// Bytes that an integer takes at most: -9223372036854775808.
constexpr size_t kIntegerRoom = 20;

// Bytes that a double takes at most: -0.0000012345678901234567.
constexpr size_t kDoubleRoom = 25;

// Each writes where the caller has made room, and returns the place behind what it wrote.
uint8_t* writeUnsigned(uint64_t value, uint8_t* to);
uint8_t* writeInteger(int64_t value, uint8_t* to);

// A finite double with the fewest digits that give it back, as JavaScript prints it, and -0 as "-0".
uint8_t* writeDouble(double value, uint8_t* to);

// Each reads a number right at `at`: no blanks before it. Returns the place behind it, nullptr where there is none or
// it does not fit. With `takesZeros` zeros may stand before the first digit, which RFC 8259 forbids.
const uint8_t* readInteger(const uint8_t* at, const uint8_t* end, bool takesZeros, int64_t* value);
const uint8_t* readDouble(const uint8_t* at, const uint8_t* end, bool takesZeros, double* value);

// Steps over a number. Returns the place behind it, nullptr where it breaks the grammar.
const uint8_t* skipNumber(const uint8_t* at, const uint8_t* end);

}  // namespace scrimp
