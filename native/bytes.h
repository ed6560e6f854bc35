// Integers in memory. The caller has checked that the bytes are there.

#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

namespace scrimp {

constexpr bool kIsLittleEndian = std::endian::native == std::endian::little;

inline uint16_t swapBytes(uint16_t value) { return __builtin_bswap16(value); }
inline uint32_t swapBytes(uint32_t value) { return __builtin_bswap32(value); }
inline uint64_t swapBytes(uint64_t value) { return __builtin_bswap64(value); }

template <typename T>
inline T loadBigEndian(const uint8_t* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return kIsLittleEndian ? swapBytes(value) : value;
}

template <typename T>
inline T loadLittleEndian(const uint8_t* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return kIsLittleEndian ? value : swapBytes(value);
}

template <typename T>
inline void storeBigEndian(uint8_t* to, T value) {
  if (kIsLittleEndian) value = swapBytes(value);
  std::memcpy(to, &value, sizeof value);
}

template <typename T>
inline void storeLittleEndian(uint8_t* to, T value) {
  if (!kIsLittleEndian) value = swapBytes(value);
  std::memcpy(to, &value, sizeof value);
}

}  // namespace scrimp
