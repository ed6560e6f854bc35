// TBinaryProtocol: src/protocol/binary.ts draws it.

#pragma once

#include "conversion.h"
#include "reader.h"
#include "writer.h"

namespace scrimp {

class BinaryReader : public ByteReader {
 public:
  // Fewest bytes of a value, never 0 for a type that exists.
  static constexpr ByType kMinimum = {{0, 0, 1, 1, 8, 0, 2, 0, 4, 0, 8, 4, 1, 6, 5, 5, 16}};
  // Bytes of every value where they are always the same, else 0.
  static constexpr ByType kFixed = {{0, 0, 1, 1, 8, 0, 2, 0, 4, 0, 8, 0, 0, 0, 0, 0, 16}};

  using ByteReader::ByteReader;

  // Field ids are absolute in this protocol: nothing to save.
  struct Outer {};
  bool beginStruct(Outer*) { return true; }
  bool endStruct(Outer) { return true; }

  // Reads a field header, or STOP.
  [[nodiscard]] bool readField(FieldHeader* header) {
    if (left() < 1) return false;
    const uint8_t type = *at_++;
    header->type = static_cast<TType>(type);
    if (type == kStop) return true;
    if (!isValueType(type) || left() < 2) return false;
    header->id = static_cast<int16_t>(loadBigEndian<uint16_t>(at_));
    at_ += 2;
    return true;
  }

  // A bool has bytes like any other value.
  const uint8_t* foldedBool() const { return nullptr; }

  [[nodiscard]] bool readList(ContainerHeader* header) {
    if (left() < 5) return false;
    header->element = static_cast<TType>(at_[0]);
    header->size = loadBigEndian<uint32_t>(at_ + 1);
    at_ += 5;
    return header->size <= kGreatestSize;
  }

  [[nodiscard]] bool readMap(ContainerHeader* header) {
    if (left() < 6) return false;
    header->key = static_cast<TType>(at_[0]);
    header->element = static_cast<TType>(at_[1]);
    header->size = loadBigEndian<uint32_t>(at_ + 2);
    at_ += 6;
    return header->size <= kGreatestSize;
  }

  // The size in the header of a map that starts and ends there.
  static MapSize sizeOfMap(int32_t start, int32_t end, uint32_t) { return {start + 2, end}; }

  [[nodiscard]] bool readBool(bool* value) {
    if (left() < 1) return false;
    // What else is not 1 is false, as in Apache's Go and Java.
    *value = *at_++ == 1;
    return true;
  }

  [[nodiscard]] bool readI16(int16_t* value) { return read<uint16_t>(value); }
  [[nodiscard]] bool readI32(int32_t* value) { return read<uint32_t>(value); }
  [[nodiscard]] bool readI64(int64_t* value) { return read<uint64_t>(value); }

  // The bits of a double.
  [[nodiscard]] bool readDouble(uint64_t* bits) { return read<uint64_t>(bits); }

  [[nodiscard]] bool readString(Span* text) { return readBytes(text); }
  [[nodiscard]] bool readBinary(Span* bytes) { return readBytes(bytes); }

  [[nodiscard]] bool readBytes(Span* span) {
    if (left() < 4) return false;
    const uint32_t length = loadBigEndian<uint32_t>(at_);
    at_ += 4;
    return take(length, span);
  }

  [[nodiscard]] bool skipScalar(TType type) {
    Span ignored;
    return type == kString ? readBytes(&ignored) : advance(kFixed[type]);
  }

 private:
  static constexpr uint32_t kGreatestSize = 0x7fffffff;

  template <typename Bits, typename T>
  [[nodiscard]] bool read(T* value) {
    if (left() < sizeof(Bits)) return false;
    *value = static_cast<T>(loadBigEndian<Bits>(at_));
    at_ += sizeof(Bits);
    return true;
  }
};

class BinaryWriter {
 public:
  static constexpr bool kWrites = true;
  // Something is left to do when a container ends whose size was known.
  static constexpr bool kClosesContainers = false;

  explicit BinaryWriter(Conversion& conversion) : output_(conversion.output) {}

  size_t mark() const { return output_.written(); }

  // Field ids are absolute in this protocol: nothing to save.
  struct Outer {};
  Outer beginStruct() { return {}; }
  void restartStruct() {}
  [[nodiscard]] bool endStruct(Outer, size_t) { return output_.put(kStop); }

  [[nodiscard]] bool beginField(const Field& field) { return output_.putShort(field.head.data, field.head.size); }
  bool endField() { return true; }
  [[nodiscard]] bool writeUnknown(TType type, int16_t id, Span value) {
    if (!output_.reserve(3)) return false;
    *output_.at = type;
    storeBigEndian(output_.at + 1, static_cast<uint16_t>(id));
    output_.at += 3;
    return output_.put(value.data, value.size);
  }
  [[nodiscard]] bool writeDefault(const Field& field) {
    return beginField(field) && output_.put(field.defaultValue.data, field.defaultValue.size);
  }
  // Writes a field again that stands in the output, header and all.
  [[nodiscard]] bool copyField(int16_t, size_t mark, size_t size) { return output_.copy(mark, size); }

  // Where the header of a container starts, as its size may not be known when it is written.
  using List = size_t;
  [[nodiscard]] bool openList(const Type& type, uint32_t size, List* list) {
    *list = mark();
    if (!output_.reserve(5)) return false;
    *output_.at = type.element->ttype;
    storeBigEndian(output_.at + 1, size);
    output_.at += 5;
    return true;
  }
  [[nodiscard]] bool beginElement() { return true; }
  [[nodiscard]] bool closeList(const Type&, uint32_t size, List list) {
    storeBigEndian(output_.from(list) + 1, size);
    return true;
  }

  using Map = size_t;
  [[nodiscard]] bool openMap(const Type& type, uint32_t size, Map* map) {
    *map = mark();
    if (!output_.reserve(6)) return false;
    output_.at[0] = type.element->ttype;
    output_.at[1] = type.value->ttype;
    storeBigEndian(output_.at + 2, size);
    output_.at += 6;
    return true;
  }
  [[nodiscard]] bool beginKey(const Type&) { return true; }
  [[nodiscard]] bool beginValue(const Type&) { return true; }
  [[nodiscard]] bool endEntry(const Type&) { return true; }
  [[nodiscard]] bool closeMap(const Type&, uint32_t size, Map map) {
    storeBigEndian(output_.from(map) + 2, size);
    return true;
  }

  [[nodiscard]] bool writeBool(bool value, Place) { return output_.put(value ? 1 : 0); }
  [[nodiscard]] bool writeI8(const Type&, int8_t value, Place) { return output_.put(static_cast<uint8_t>(value)); }
  [[nodiscard]] bool writeI16(const Type&, int16_t value, Place) { return write(static_cast<uint16_t>(value)); }
  [[nodiscard]] bool writeI32(const Type&, int32_t value, Place) { return write(static_cast<uint32_t>(value)); }
  [[nodiscard]] bool writeI64(const Type&, int64_t value, Place) { return write(static_cast<uint64_t>(value)); }
  [[nodiscard]] bool writeDouble(const Type&, uint64_t bits, Place) { return write(bits); }
  [[nodiscard]] bool writeEnum(const Type&, int32_t value, Place) { return write(static_cast<uint32_t>(value)); }
  [[nodiscard]] bool writeUuid(const uint8_t* bytes) { return output_.put(bytes, kUuidBytes); }
  [[nodiscard]] bool writeString(Span text) { return writeBytes(text); }
  [[nodiscard]] bool writeBinary(Span bytes) { return writeBytes(bytes); }

  // Values that look alike in input and output.
  [[nodiscard]] bool copyValues(Span values) { return output_.put(values.data, values.size); }

 private:
  [[nodiscard]] bool writeBytes(Span bytes) {
    if (!output_.reserve(4 + static_cast<size_t>(bytes.size))) return false;
    storeBigEndian(output_.at, bytes.size);
    output_.fetchAhead(bytes.size);
    if (bytes.size > 0) std::memcpy(output_.at + 4, bytes.data, bytes.size);
    output_.at += 4 + static_cast<size_t>(bytes.size);
    return true;
  }

  template <typename Bits>
  [[nodiscard]] bool write(Bits bits) {
    if (!output_.reserve(sizeof bits)) return false;
    storeBigEndian(output_.at, bits);
    output_.at += sizeof bits;
    return true;
  }

  Output& output_;
};

}  // namespace scrimp
