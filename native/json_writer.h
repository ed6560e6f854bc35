// Plain JSON: src/codec/json/closure-encode.ts has the mapping.
//
// Every member, element and entry is written with a comma before it. The first comma of a struct or container becomes
// its opening bracket when it is closed, so nothing depends on what comes first, and fields may be put in another
// order.

#pragma once

#include <bit>
#include <cmath>

#include "base64.h"
#include "json_number.h"
#include "json_text.h"
#include "uuid.h"
#include "writer.h"

namespace scrimp {

class JsonWriter {
 public:
  static constexpr bool kWrites = true;
  // Something is left to do when a container ends whose size was known.
  static constexpr bool kClosesContainers = true;

  explicit JsonWriter(Conversion& conversion) : output_(conversion.output), program_(conversion.program) {}

  size_t mark() const { return output_.written(); }

  struct Outer {};
  Outer beginStruct() { return {}; }
  void restartStruct() {}
  [[nodiscard]] bool endStruct(Outer, size_t start) { return close(start, '{', '}'); }

  [[nodiscard]] bool beginField(const Field& field) {
    return output_.put(',') && output_.putShort(field.head.data, field.head.size);
  }
  bool endField() { return true; }
  // Plain JSON keeps no unknown fields.
  [[nodiscard]] bool writeUnknown(TType, int16_t, Span) { return false; }
  [[nodiscard]] bool writeDefault(const Field& field) {
    return beginField(field) && output_.put(field.defaultValue.data, field.defaultValue.size);
  }
  [[nodiscard]] bool copyField(int16_t, size_t mark, size_t size) { return output_.copy(mark, size); }

  // Where a container starts.
  using List = size_t;
  [[nodiscard]] bool openList(const Type&, uint32_t, List* list) {
    *list = mark();
    return true;
  }
  [[nodiscard]] bool beginElement() { return output_.put(','); }
  [[nodiscard]] bool closeList(const Type&, uint32_t, List list) { return close(list, '[', ']'); }

  using Map = size_t;
  [[nodiscard]] bool openMap(const Type&, uint32_t, Map* map) {
    *map = mark();
    return true;
  }
  [[nodiscard]] bool beginKey(const Type& type) { return output_.put(',') && (type.isObject() || output_.put('[')); }
  [[nodiscard]] bool beginValue(const Type& type) { return output_.put(type.isObject() ? ':' : ','); }
  [[nodiscard]] bool endEntry(const Type& type) { return type.isObject() || output_.put(']'); }
  [[nodiscard]] bool closeMap(const Type& type, uint32_t, Map map) {
    return type.isObject() ? close(map, '{', '}') : close(map, '[', ']');
  }

  [[nodiscard]] bool writeBool(bool value, Place place) {
    if (place == Place::kName) return value ? output_.put("\"true\"", 6) : output_.put("\"false\"", 7);
    return value ? output_.put("true", 4) : output_.put("false", 5);
  }
  [[nodiscard]] bool writeI8(const Type& type, int8_t value, Place place) {
    return writeInteger(program_.has(Program::kUnsignedI8) ? value & 0xff : value, isQuoted(type, place));
  }
  [[nodiscard]] bool writeI16(const Type& type, int16_t value, Place place) {
    return writeInteger(value, isQuoted(type, place));
  }
  [[nodiscard]] bool writeI32(const Type& type, int32_t value, Place place) {
    return writeInteger(value, isQuoted(type, place));
  }
  [[nodiscard]] bool writeI64(const Type& type, int64_t value, Place place) {
    constexpr int64_t kSafe = 9007199254740991;
    return writeInteger(value, value > kSafe || value < -kSafe || isQuoted(type, place));
  }

  [[nodiscard]] bool writeDouble(const Type& type, uint64_t bits, Place place) {
    const double value = std::bit_cast<double>(bits);
    if (!std::isfinite(value)) return writeNonFinite(value, place);
    if (!output_.reserve(kDoubleRoom + 2)) return false;
    const bool quoted = isQuoted(type, place);
    if (quoted) *output_.at++ = '"';
    output_.at = scrimp::writeDouble(value, output_.at);
    if (quoted) *output_.at++ = '"';
    return true;
  }

  [[nodiscard]] bool writeEnum(const Type& type, int32_t value, Place place) {
    const Member* member = program_.has(Program::kEnumNames) ? type.enumeration->find(value) : nullptr;
    if (member != nullptr) return output_.putShort(member->quoted.data, member->quoted.size);
    return writeInteger(value, place == Place::kName);
  }

  [[nodiscard]] bool writeUuid(const uint8_t* bytes) {
    if (!output_.reserve(kUuidText + 2)) return false;
    *output_.at++ = '"';
    output_.at = formatUuid(bytes, output_.at);
    *output_.at++ = '"';
    return true;
  }

  [[nodiscard]] bool writeString(Span text) {
    const bool isStrict = program_.has(Program::kStrictUtf8);
    return writeJsonString(text.data, text.size, isStrict ? Utf8::kRefuse : Utf8::kReplace, output_);
  }

  [[nodiscard]] bool writeBinary(Span bytes) {
    if (program_.has(Program::kTextBinary)) return writeJsonString(bytes.data, bytes.size, Utf8::kRefuse, output_);
    if (!output_.reserve(base64Room(bytes.size) + 2)) return false;
    *output_.at++ = '"';
    output_.at = writeBase64(bytes.data, bytes.size, true, output_.at);
    *output_.at++ = '"';
    return true;
  }

  // No value looks in plain JSON as it does elsewhere.
  [[nodiscard]] bool copyValues(Span) { return false; }

 private:
  static bool isQuoted(const Type& type, Place place) { return place == Place::kName || type.writesText(); }

  [[nodiscard]] bool writeInteger(int64_t value, bool quoted) {
    if (!output_.reserve(kIntegerRoom + 2)) return false;
    if (quoted) *output_.at++ = '"';
    output_.at = scrimp::writeInteger(value, output_.at);
    if (quoted) *output_.at++ = '"';
    return true;
  }

  [[nodiscard]] bool writeNonFinite(double value, Place place) {
    if (program_.has(Program::kNonFiniteText)) {
      if (std::isnan(value)) return output_.put("\"NaN\"", 5);
      return value > 0 ? output_.put("\"Infinity\"", 10) : output_.put("\"-Infinity\"", 11);
    }
    return program_.has(Program::kNonFiniteNull) && place != Place::kName && output_.put("null", 4);
  }

  [[nodiscard]] bool close(size_t start, char open, char shut) {
    if (!output_.reserve(2)) return false;
    if (output_.written() == start) output_.at++;
    *output_.from(start) = static_cast<uint8_t>(open);
    *output_.at++ = static_cast<uint8_t>(shut);
    return true;
  }

  Output& output_;
  const Program& program_;
};

}  // namespace scrimp
