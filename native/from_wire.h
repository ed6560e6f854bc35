// Reads a protocol of bytes by a program and tells a writer what it reads: src/codec/closure/decode.ts and
// src/protocol/skip.ts have the rules.

#pragma once

#include "conversion.h"
#include "skip.h"
#include "struct_output.h"
#include "utf8.h"
#include "writer.h"

namespace scrimp {

template <typename Reader, typename Writer>
class FromWire {
 public:
  FromWire(Conversion& conversion, const uint8_t* begin, const uint8_t* end)
      : conversion_(conversion), program_(conversion.program), reader_(conversion, begin, end), writer_(conversion) {}

  [[nodiscard]] bool run() {
    if (!convertStruct(*program_.root)) return false;
    reader_.skipBlanks();
    return reader_.left() == 0 || program_.has(Program::kIgnoreTrailing);
  }

 private:
  [[nodiscard]] bool convertStruct(const Struct& type) {
    if (!conversion_.enterStruct(type)) return false;
    typename Reader::Outer outer;
    if (!reader_.beginStruct(&outer)) return false;
    StructOutput<Writer> output(conversion_, writer_, type);
    if (!convertFields(type, output) || !reader_.endStruct(outer) || !output.end()) return false;
    conversion_.leaveStruct(type);
    return true;
  }

  [[nodiscard]] bool convertFields(const Struct& type, StructOutput<Writer>& output) {
    const Field* expected = type.first;
    const Field* last = nullptr;
    FieldHeader header;
    for (;;) {
      if (!reader_.readField(&header)) return false;
      if (header.type == kStop) return true;
      const Field* field = expected != nullptr && expected->id == header.id ? expected : type.find(header.id);
      if (field == nullptr || field->ttype != header.type) {
        if (!passUnknown(header, output) || !reader_.endField()) return false;
        continue;
      }
      if (type.isUnion && last != nullptr && last != field) return false;
      last = field;
      expected = field->next;
      if (!output.beginField(*field) || !convertValue(*field->type, Place::kValue)) return false;
      if (!reader_.endField() || !writer_.endField()) return false;
    }
  }

  // A field that the schema does not have, or has with another type.
  [[nodiscard]] bool passUnknown(const FieldHeader& header, StructOutput<Writer>& output) {
    const bool isKept = program_.has(Program::kKeepUnknown);
    if (isKept && !conversion_.charge(kUnknownCost)) return false;
    const uint8_t* start = reader_.at();
    const uint8_t* folded = reader_.foldedBool();
    const uint8_t code = folded == nullptr ? 0 : *folded;
    if (!skipValue(header.type)) return false;
    if (!isKept) return true;
    const Span value = folded == nullptr ? Span{start, static_cast<uint32_t>(reader_.at() - start)} : Span{&code, 1};
    return output.keepUnknown(header.type, header.id, value);
  }

  [[nodiscard]] bool skipValue(TType type) {
    const uint32_t left = kMostNesting - conversion_.nesting;
    const uint32_t limit = program_.limits.maxSkipDepth;
    if (skip(reader_, type, limit < left ? limit : left)) return true;
    // It may have been too deep for the stack alone.
    if (limit > left) conversion_.failure = Status::kDeclined;
    return false;
  }

  [[nodiscard]] bool convertValue(const Type& type, Place place) {
    switch (type.kind) {
      case Kind::kBool: {
        bool value;
        return reader_.readBool(&value) && writer_.writeBool(value, place);
      }
      case Kind::kI8: {
        int8_t value;
        return reader_.readI8(&value) && writer_.writeI8(type, value, place);
      }
      case Kind::kI16: {
        int16_t value;
        return reader_.readI16(&value) && writer_.writeI16(type, value, place);
      }
      case Kind::kI32: {
        int32_t value;
        return reader_.readI32(&value) && writer_.writeI32(type, value, place);
      }
      case Kind::kI64: {
        int64_t value;
        return reader_.readI64(&value) && writer_.writeI64(type, value, place);
      }
      case Kind::kDouble: {
        uint64_t bits;
        return reader_.readDouble(&bits) && writer_.writeDouble(type, bits, place);
      }
      case Kind::kEnum: {
        int32_t value;
        return reader_.readI32(&value) && writer_.writeEnum(type, value, place);
      }
      case Kind::kString: {
        Span text;
        return reader_.readString(&text) && isSound(text) && writer_.writeString(text);
      }
      case Kind::kBinary: {
        Span bytes;
        return reader_.readBinary(&bytes) && writer_.writeBinary(bytes);
      }
      case Kind::kUuid: {
        const uint8_t* bytes;
        return reader_.readUuid(&bytes) && writer_.writeUuid(bytes);
      }
      case Kind::kList:
      case Kind::kSet: return convertElements(type);
      case Kind::kMap: return convertEntries(type);
      case Kind::kStruct: return convertStruct(*type.structure);
    }
    return false;
  }

  bool isSound(Span text) const {
    return !conversion_.isStrict() || findMalformed(text.data, text.end()) == text.end();
  }

  // The checks of every container that is not empty.
  [[nodiscard]] bool checkSize(const Type& type, uint32_t size) {
    return size <= type.mostElements && reader_.holds(size, type.minimumBytes);
  }

  [[nodiscard]] bool charge(const Type& type, uint32_t size) {
    return conversion_.charge(type.ownCost + size * type.elementCost);
  }

  // Not inlined, nor are entries: scalars would pay for the frame that containers need, up to a tenth of the time.
  [[nodiscard]] [[gnu::noinline]] bool convertElements(const Type& type) {
    ContainerHeader header;
    if (!reader_.readList(&header)) return false;
    const auto [_, element, size] = header;
    if (size > 0 && (element != type.element->ttype || !checkSize(type, size))) return false;
    if (!charge(type, size) || !conversion_.enter()) return false;
    typename Writer::List list;
    if (!writer_.openList(type, size, &list)) return false;
    if (type.element->copiedBytes > 0) {
      const uint8_t* start = reader_.at();
      const uint64_t bytes = static_cast<uint64_t>(size) * type.element->copiedBytes;
      if (!reader_.advance(bytes) || !writer_.copyValues({start, static_cast<uint32_t>(bytes)})) return false;
    } else {
      for (uint32_t i = 0; i < size; i++) {
        if (!reader_.beginElement() || !writer_.beginElement()) return false;
        if (!convertValue(*type.element, Place::kValue)) return false;
      }
    }
    conversion_.leave();
    return reader_.endList() && closeList(type, size, list);
  }

  [[nodiscard]] [[gnu::noinline]] bool convertEntries(const Type& type) {
    ContainerHeader header;
    if (!reader_.readMap(&header)) return false;
    const auto [key, value, size] = header;
    if (size > 0 && (key != type.element->ttype || value != type.value->ttype || !checkSize(type, size))) return false;
    if (!charge(type, size) || !conversion_.enter()) return false;
    typename Writer::Map map;
    if (!writer_.openMap(type, size, &map)) return false;
    for (uint32_t i = 0; i < size; i++) {
      if (!reader_.beginKey(i) || !writer_.beginKey(type) || !convertValue(*type.element, Place::kName)) return false;
      if (!reader_.beginValue() || !writer_.beginValue(type) || !convertValue(*type.value, Place::kValue)) return false;
      if (!writer_.endEntry(type)) return false;
    }
    conversion_.leave();
    return reader_.endMap() && closeMap(type, size, map);
  }

  // What was opened with its size needs no closing but in plain JSON.
  [[nodiscard]] bool closeList(const Type& type, uint32_t size, typename Writer::List list) {
    if constexpr (Writer::kClosesContainers) return writer_.closeList(type, size, list);
    return true;
  }
  [[nodiscard]] bool closeMap(const Type& type, uint32_t size, typename Writer::Map map) {
    if constexpr (Writer::kClosesContainers) return writer_.closeMap(type, size, map);
    return true;
  }

  // UNKNOWN_FIELD_COST of src/codec/unknown.ts.
  static constexpr double kUnknownCost = 24 + 4 * 8 + 100;

  Conversion& conversion_;
  const Program& program_;
  Reader reader_;
  Writer writer_;
};

}  // namespace scrimp
