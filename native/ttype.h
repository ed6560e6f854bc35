// Thrift's wire types by their codes in TBinaryProtocol.

#pragma once

#include <cstdint>

namespace scrimp {

enum TType : uint8_t {
  kStop = 0,
  kBool = 2,
  kI8 = 3,
  kDouble = 4,
  kI16 = 6,
  kI32 = 8,
  kI64 = 10,
  kString = 11,
  kStruct = 12,
  kMap = 13,
  kSet = 14,
  kList = 15,
  kUuid = 16,
  // What no protocol has.
  kNoType = 0xff,
};

constexpr uint32_t kUuidBytes = 16;

// One bit a code.
constexpr uint32_t kValueTypes = 1u << kBool | 1u << kI8 | 1u << kDouble | 1u << kI16 | 1u << kI32 | 1u << kI64 |
                                 1u << kString | 1u << kStruct | 1u << kMap | 1u << kSet | 1u << kList | 1u << kUuid;

// True for the types that a field, an element, a key can have.
constexpr bool isValueType(uint8_t code) { return code <= kUuid && (kValueTypes >> code & 1) != 0; }

constexpr bool isNesting(TType type) { return type >= kStruct && type <= kList; }

// Something by wire type.
struct ByType {
  uint8_t of[kUuid + 1];
  constexpr uint8_t operator[](uint8_t type) const { return of[type]; }
};

}  // namespace scrimp
