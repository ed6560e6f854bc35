// Reads plain JSON by a program and tells a writer what it reads: src/codec/json/closure-decode.ts has the rules.

#pragma once

#include <bit>
#include <cmath>
#include <limits>

#include "conversion.h"
#include "json_reader.h"
#include "struct_output.h"
#include "uuid.h"
#include "writer.h"

namespace scrimp {

template <typename Writer>
class FromJson {
 public:
  FromJson(Conversion& conversion, const uint8_t* begin, const uint8_t* end)
      : conversion_(conversion), program_(conversion.program), reader_(conversion, begin, end), writer_(conversion) {}

  [[nodiscard]] bool run() {
    if (!convertStruct(*program_.root)) return false;
    reader_.skipSpace();
    return reader_.isAtEnd() || program_.has(Program::kIgnoreTrailing);
  }

 private:
  [[nodiscard]] bool convertStruct(const Struct& type) {
    if (reader_.peek() != '{' || !conversion_.enterStruct(type) || !reader_.take('{')) return false;
    StructOutput<Writer> output(conversion_, writer_, type);
    if (!reader_.take('}') && !convertMembers(type, output)) return false;
    if (!output.end()) return false;
    conversion_.leaveStruct(type);
    return true;
  }

  [[nodiscard]] bool convertMembers(const Struct& type, StructOutput<Writer>& output) {
    const Field* expected = type.first;
    do {
      reader_.skipSpace();
      const Field* field;
      if (expected != nullptr && reader_.takeBytes(expected->key)) {
        field = expected;
      } else {
        Span name;
        if (!reader_.readName(&name)) return false;
        field = type.byName.find(name);
      }
      if (!reader_.take(':')) return false;
      if (field == nullptr) {
        if (program_.has(Program::kRefuseUnknown) || !reader_.skipValue(program_.limits.maxSkipDepth)) return false;
        continue;
      }
      expected = field->next;
      if (!convertMember(*field, output)) return false;
    } while (reader_.take(','));
    return reader_.take('}');
  }

  [[nodiscard]] bool convertMember(const Field& field, StructOutput<Writer>& output) {
    if (reader_.isNull()) return reader_.readNull() && output.withdrawField(field);
    return output.beginField(field) && convertValue(*field.type) && writer_.endField();
  }

  [[nodiscard]] bool convertValue(const Type& type) {
    switch (type.kind) {
      case Kind::kBool: {
        bool value;
        return reader_.readBool(&value) && writer_.writeBool(value, Place::kValue);
      }
      case Kind::kI8:
      case Kind::kI16:
      case Kind::kI32:
      case Kind::kI64:
      case Kind::kDouble:
        if (reader_.peek() != '"') return convertNumber(type, Place::kValue);
        if (type.readsText()) return convertQuoted(type, Place::kValue);
        return type.kind == Kind::kDouble && program_.has(Program::kNonFiniteText) && convertWord(type, Place::kValue);
      case Kind::kEnum:
        if (reader_.peek() == '"') return convertEnumText(type, type.readsText(), Place::kValue);
        return convertNumber(type, Place::kValue);
      case Kind::kString: {
        Span text;
        return reader_.readText(&text) && writer_.writeString(text);
      }
      case Kind::kBinary: return program_.has(Program::kTextBinary) ? convertTextBinary() : convertBase64();
      case Kind::kUuid: return convertUuid();
      case Kind::kList:
      case Kind::kSet: return convertElements(type);
      case Kind::kMap: return type.isObject() ? convertObject(type) : convertPairs(type);
      case Kind::kStruct: return convertStruct(*type.structure);
    }
    return false;
  }

  // The name of a member as the key that it stands for.
  [[nodiscard]] bool convertName(const Type& type) {
    if (reader_.peek() != '"') return false;
    switch (type.kind) {
      case Kind::kBool: return convertBoolText();
      case Kind::kEnum: return convertEnumText(type, true, Place::kName);
      case Kind::kI8:
      case Kind::kI16:
      case Kind::kI32:
      case Kind::kI64:
      case Kind::kDouble: return convertQuoted(type, Place::kName);
      default: return convertValue(type);
    }
  }

  // A number right here, without quotes.
  [[nodiscard]] bool convertNumber(const Type& type, Place place) {
    int64_t value;
    switch (type.kind) {
      case Kind::kI8: return readInteger<int8_t>(&value) && writer_.writeI8(type, static_cast<int8_t>(value), place);
      case Kind::kI16:
        return readInteger<int16_t>(&value) && writer_.writeI16(type, static_cast<int16_t>(value), place);
      case Kind::kI32:
        return readInteger<int32_t>(&value) && writer_.writeI32(type, static_cast<int32_t>(value), place);
      case Kind::kEnum:
        return readInteger<int32_t>(&value) && writer_.writeEnum(type, static_cast<int32_t>(value), place);
      case Kind::kI64: return readInteger<int64_t>(&value) && writer_.writeI64(type, value, place);
      default: {
        double number;
        return reader_.readDouble(&number) && writer_.writeDouble(type, std::bit_cast<uint64_t>(number), place);
      }
    }
  }

  template <typename T>
  [[nodiscard]] bool readInteger(int64_t* value) {
    int64_t greatest = std::numeric_limits<T>::max();
    if (sizeof(T) == 1 && program_.has(Program::kUnsignedI8)) greatest = 0xff;
    return reader_.readInteger(std::numeric_limits<T>::min(), greatest, value);
  }

  // A number in quotes, or a word in the place of one.
  [[nodiscard]] bool convertQuoted(const Type& type, Place place) {
    const bool hasWords = type.kind == Kind::kDouble && program_.has(Program::kNonFiniteText);
    if (hasWords && !reader_.spellsDigits()) return convertWord(type, place);
    return reader_.takeQuote() && convertNumber(type, place) && reader_.takeQuote();
  }

  [[nodiscard]] bool convertWord(const Type& type, Place place) {
    Span word;
    if (!reader_.readName(&word)) return false;
    double value;
    if (is(word, "NaN")) {
      value = std::numeric_limits<double>::quiet_NaN();
    } else if (is(word, "Infinity")) {
      value = std::numeric_limits<double>::infinity();
    } else if (is(word, "-Infinity")) {
      value = -std::numeric_limits<double>::infinity();
    } else {
      return false;
    }
    return writer_.writeDouble(type, std::bit_cast<uint64_t>(value), place);
  }

  static bool is(Span text, const char* word) {
    return text.size == std::strlen(word) && std::memcmp(text.data, word, text.size) == 0;
  }

  [[nodiscard]] bool convertBoolText() {
    Span text;
    if (!reader_.readText(&text)) return false;
    const bool value = is(text, "true");
    return (value || is(text, "false")) && writer_.writeBool(value, Place::kName);
  }

  [[nodiscard]] bool convertEnumText(const Type& type, bool takesDigits, Place place) {
    Span text;
    if (!reader_.readText(&text)) return false;
    const Member* member = type.enumeration->byName.find(text);
    if (member != nullptr) return writer_.writeEnum(type, member->number, place);
    int64_t number;
    if (!takesDigits || !isNumberText(text, &number)) return false;
    return writer_.writeEnum(type, static_cast<int32_t>(number), place);
  }

  // An i32 in decimal and nothing else, not even -0.
  static bool isNumberText(Span text, int64_t* number) {
    if (is(text, "-0") || scrimp::readInteger(text.data, text.end(), false, number) != text.end()) return false;
    return *number >= std::numeric_limits<int32_t>::min() && *number <= std::numeric_limits<int32_t>::max();
  }

  [[nodiscard]] bool convertTextBinary() {
    Span bytes;
    return reader_.readTextBytes(&bytes) && writer_.writeBinary(bytes);
  }

  [[nodiscard]] bool convertBase64() {
    Span bytes;
    return reader_.readBase64(&bytes) && writer_.writeBinary(bytes);
  }

  [[nodiscard]] bool convertUuid() {
    Span text;
    uint8_t bytes[kUuidBytes];
    return reader_.readText(&text) && parseUuid(text.data, text.size, bytes) && writer_.writeUuid(bytes);
  }

  // Before each element or entry: JSON does not say how many will come.
  [[nodiscard]] bool beginItem(const Type& type, uint32_t index) {
    return index < type.mostElements && conversion_.charge(type.elementCost);
  }

  [[nodiscard]] bool open(const Type& type, uint8_t bracket) {
    return reader_.take(bracket) && conversion_.charge(type.ownCost) && conversion_.enter();
  }

  [[nodiscard]] bool convertElements(const Type& type) {
    typename Writer::List list;
    if (!open(type, '[') || !writer_.openList(type, 0, &list)) return false;
    uint32_t size = 0;
    if (!reader_.take(']')) {
      do {
        if (!beginItem(type, size) || !writer_.beginElement() || !convertValue(*type.element)) return false;
        size++;
      } while (reader_.take(','));
      if (!reader_.take(']')) return false;
    }
    conversion_.leave();
    return writer_.closeList(type, size, list);
  }

  [[nodiscard]] bool convertObject(const Type& type) {
    typename Writer::Map map;
    if (!open(type, '{') || !writer_.openMap(type, 0, &map)) return false;
    uint32_t size = 0;
    if (!reader_.take('}')) {
      do {
        if (!beginItem(type, size) || !writer_.beginKey(type) || !convertName(*type.element)) return false;
        if (!reader_.take(':') || !convertEntryValue(type)) return false;
        size++;
      } while (reader_.take(','));
      if (!reader_.take('}')) return false;
    }
    conversion_.leave();
    return writer_.closeMap(type, size, map);
  }

  [[nodiscard]] bool convertPairs(const Type& type) {
    typename Writer::Map map;
    if (!open(type, '[') || !writer_.openMap(type, 0, &map)) return false;
    uint32_t size = 0;
    if (!reader_.take(']')) {
      do {
        if (!beginItem(type, size) || !reader_.take('[') || !writer_.beginKey(type)) return false;
        if (!convertValue(*type.element) || !reader_.take(',') || !convertEntryValue(type)) return false;
        if (!reader_.take(']')) return false;
        size++;
      } while (reader_.take(','));
      if (!reader_.take(']')) return false;
    }
    conversion_.leave();
    return writer_.closeMap(type, size, map);
  }

  [[nodiscard]] bool convertEntryValue(const Type& type) {
    return writer_.beginValue(type) && convertValue(*type.value) && writer_.endEntry(type);
  }

  Conversion& conversion_;
  const Program& program_;
  JsonReader reader_;
  Writer writer_;
};

}  // namespace scrimp
