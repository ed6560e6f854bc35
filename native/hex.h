// Hex digits.

#pragma once

#include <array>
#include <cstdint>

namespace scrimp {

inline constexpr char kHexDigits[] = "0123456789abcdef";

constexpr std::array<int8_t, 256> makeHexValues() {
  std::array<int8_t, 256> values{};
  for (auto& value : values) value = -1;
  for (int i = 0; i < 10; i++) values['0' + i] = static_cast<int8_t>(i);
  for (int i = 0; i < 6; i++) values['a' + i] = values['A' + i] = static_cast<int8_t>(10 + i);
  return values;
}

// Their values, -1 for other bytes: whatever is combined with it by | stays negative.
inline constexpr std::array<int8_t, 256> kHexValues = makeHexValues();

}  // namespace scrimp
