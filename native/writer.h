// What every writer has, and the one that writes nothing.
//
// A writer is told what comes: fields with their values, containers, scalars. Sizes that are not known when a container
// is opened are given when it is closed. Each function returns false when there is no room, or no spelling for a value.

#pragma once

#include <cstddef>
#include <cstdint>

#include "conversion.h"

namespace scrimp {

// Where a scalar stands: plain JSON has numbers in quotes where they are the name of a member.
enum class Place : uint8_t { kValue, kName };

// Checks the input alone.
class NullWriter {
 public:
  static constexpr bool kWrites = false;
  // Something is left to do when a container ends whose size was known.
  static constexpr bool kClosesContainers = false;

  explicit NullWriter(Conversion&) {}

  struct Nothing {};
  using Outer = Nothing;
  using List = Nothing;
  using Map = Nothing;

  size_t mark() const { return 0; }
  Outer beginStruct() { return {}; }
  bool endStruct(Outer, size_t) { return true; }
  bool beginField(const Field&) { return true; }
  bool endField() { return true; }
  bool writeUnknown(TType, int16_t, Span) { return true; }
  bool openList(const Type&, uint32_t, List*) { return true; }
  bool beginElement() { return true; }
  bool closeList(const Type&, uint32_t, List) { return true; }
  bool openMap(const Type&, uint32_t, Map*) { return true; }
  bool beginKey(const Type&) { return true; }
  bool beginValue(const Type&) { return true; }
  bool endEntry(const Type&) { return true; }
  bool closeMap(const Type&, uint32_t, Map) { return true; }
  bool writeBool(bool, Place) { return true; }
  bool writeI8(const Type&, int8_t, Place) { return true; }
  bool writeI16(const Type&, int16_t, Place) { return true; }
  bool writeI32(const Type&, int32_t, Place) { return true; }
  bool writeI64(const Type&, int64_t, Place) { return true; }
  bool writeDouble(const Type&, uint64_t, Place) { return true; }
  bool writeEnum(const Type&, int32_t, Place) { return true; }
  bool writeUuid(const uint8_t*) { return true; }
  bool writeString(Span) { return true; }
  bool writeBinary(Span) { return true; }
  bool copyValues(Span) { return true; }
};

}  // namespace scrimp
