// TCompactProtocol: src/protocol/compact.ts draws it.

#pragma once

#include "conversion.h"
#include "reader.h"
#include "writer.h"

namespace scrimp {

constexpr uint8_t kCompactTrue = 1;
constexpr uint8_t kCompactFalse = 2;

// By code of TBinaryProtocol. A bool as element, key or value has the type of true.
constexpr ByType kCompactCodes = {{0, 0, kCompactTrue, 3, 7, 0, 4, 0, 5, 0, 6, 8, 12, 11, 10, 9, 13}};

// By the four bits of a header, where a bool has either code.
constexpr TType kCompactTypes[16] = {kStop,   kBool, kBool, kI8,  kI16,    kI32,  kI64,    kDouble,
                                     kString, kList, kSet,  kMap, kStruct, kUuid, kNoType, kNoType};

// Sizes from this one on follow the header of a list or set instead of standing in it.
constexpr uint32_t kLongSize = 15;

constexpr size_t kVarint32Bytes = 5;
constexpr size_t kVarint64Bytes = 10;

inline uint32_t zigzag(int32_t value) { return static_cast<uint32_t>(value) << 1 ^ static_cast<uint32_t>(value >> 31); }
inline uint64_t zigzag(int64_t value) { return static_cast<uint64_t>(value) << 1 ^ static_cast<uint64_t>(value >> 63); }
inline int32_t unzigzag(uint32_t bits) { return static_cast<int32_t>(bits >> 1 ^ (0 - (bits & 1))); }
inline int64_t unzigzag(uint64_t bits) { return static_cast<int64_t>(bits >> 1 ^ (0 - (bits & 1))); }

// Writes where there is room for the most bytes of the type.
template <typename Bits>
inline uint8_t* writeVarint(Bits bits, uint8_t* to) {
  while (bits > 0x7f) {
    *to++ = static_cast<uint8_t>(bits | 0x80);
    bits >>= 7;
  }
  *to++ = static_cast<uint8_t>(bits);
  return to;
}

class CompactReader : public ByteReader {
 public:
  static constexpr ByType kMinimum = {{0, 0, 1, 1, 8, 0, 1, 0, 1, 0, 1, 1, 1, 1, 1, 1, 16}};
  static constexpr ByType kFixed = {{0, 0, 1, 1, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 16}};

  using ByteReader::ByteReader;

  // The id of the last field of the struct around.
  using Outer = int16_t;
  bool beginStruct(Outer* outer) {
    *outer = lastId_;
    lastId_ = 0;
    return true;
  }
  bool endStruct(Outer outer) {
    lastId_ = outer;
    return true;
  }

  [[nodiscard]] bool readField(FieldHeader* header) {
    if (left() < 1) return false;
    const uint8_t byte = *at_++;
    const uint8_t code = byte & 0x0f;
    header->type = kCompactTypes[code];
    // Peers do not look at the delta of a STOP.
    if (code == kStop) return true;
    if (header->type == kNoType) return false;
    const int delta = byte >> 4;
    int16_t id;
    if (delta == 0) {
      if (!readI16(&id)) return false;
    } else {
      if (lastId_ + delta > 0x7fff) return false;
      id = static_cast<int16_t>(lastId_ + delta);
    }
    folded_ = header->type == kBool ? code : 0;
    lastId_ = id;
    header->id = id;
    return true;
  }

  // Of a field that is a bool the code in its header, until the value is read; else 0.
  const uint8_t* foldedBool() const { return folded_ == 0 ? nullptr : &folded_; }

  [[nodiscard]] bool readList(ContainerHeader* header) {
    if (left() < 1) return false;
    const uint8_t byte = *at_++;
    header->element = kCompactTypes[byte & 0x0f];
    header->size = byte >> 4;
    return header->size < kLongSize || readSize(&header->size);
  }

  [[nodiscard]] bool readMap(ContainerHeader* header) {
    if (!readSize(&header->size)) return false;
    if (header->size == 0) return true;
    if (left() < 1) return false;
    const uint8_t types = *at_++;
    header->key = kCompactTypes[types >> 4];
    header->element = kCompactTypes[types & 0x0f];
    return true;
  }

  // The size in the header of a map that starts and ends there: the byte of types is there when the map is not empty.
  static MapSize sizeOfMap(int32_t start, int32_t end, uint32_t size) { return {start, size == 0 ? end : end - 1}; }

  [[nodiscard]] bool readBool(bool* value) {
    uint8_t code = takeFolded();
    if (code == 0) {
      if (left() < 1) return false;
      code = *at_++;
    }
    *value = code == kCompactTrue;
    return true;
  }

  [[nodiscard]] bool readI16(int16_t* value) {
    int32_t wide;
    if (!readI32(&wide)) return false;
    *value = static_cast<int16_t>(wide);
    return *value == wide;
  }

  [[nodiscard]] bool readI32(int32_t* value) {
    uint32_t bits;
    if (!readVarint32(&bits)) return false;
    *value = unzigzag(bits);
    return true;
  }

  [[nodiscard]] bool readI64(int64_t* value) {
    uint64_t bits;
    if (!readVarint64(&bits)) return false;
    *value = unzigzag(bits);
    return true;
  }

  [[nodiscard]] bool readDouble(uint64_t* bits) {
    if (left() < 8) return false;
    *bits = loadLittleEndian<uint64_t>(at_);
    at_ += 8;
    return true;
  }

  [[nodiscard]] bool readString(Span* text) { return readBytes(text); }
  [[nodiscard]] bool readBinary(Span* bytes) { return readBytes(bytes); }

  [[nodiscard]] bool readBytes(Span* span) {
    uint32_t length;
    return readVarint32(&length) && length <= kGreatestSize && take(length, span);
  }

  [[nodiscard]] bool skipScalar(TType type) {
    if (type == kBool && takeFolded() != 0) return true;
    if (type == kString) {
      Span ignored;
      return readBytes(&ignored);
    }
    int16_t narrow;
    uint32_t bits;
    uint64_t wide;
    switch (type) {
      case kI16: return readI16(&narrow);
      case kI32: return readVarint32(&bits);
      case kI64: return readVarint64(&wide);
      default: return advance(kFixed[type]);
    }
  }

 private:
  static constexpr uint32_t kGreatestSize = 0x7fffffff;

  [[nodiscard]] bool readSize(uint32_t* size) { return readVarint32(size) && *size <= kGreatestSize; }

  uint8_t takeFolded() {
    const uint8_t code = folded_;
    folded_ = 0;
    return code;
  }

  // Forms that are longer than need be are accepted, as by all peers, up to the most bytes that the bits take.
  [[nodiscard]] bool readVarint32(uint32_t* bits) {
    if (left() > 0 && *at_ < 0x80) [[likely]] {
      *bits = *at_++;
      return true;
    }
    uint64_t wide = 0;
    if (!readVarint<kVarint32Bytes>(&wide) || wide > 0xffffffff) return false;
    *bits = static_cast<uint32_t>(wide);
    return true;
  }

  [[nodiscard]] bool readVarint64(uint64_t* bits) { return readVarint<kVarint64Bytes>(bits); }

  template <size_t kMostBytes>
  [[nodiscard]] bool readVarint(uint64_t* bits) {
    const uint8_t* const stop = left() > kMostBytes ? at_ + kMostBytes : end_;
    uint64_t value = 0;
    int shift = 0;
    for (const uint8_t* p = at_; p < stop; p++, shift += 7) {
      const uint64_t low = *p & 0x7f;
      // The tenth byte holds the last bit.
      if (shift == 63 && low > 1) return false;
      value |= low << shift;
      if (*p < 0x80) {
        at_ = p + 1;
        *bits = value;
        return true;
      }
    }
    return false;
  }

  int16_t lastId_ = 0;
  // What the header of a bool field said, until the value is asked for.
  uint8_t folded_ = 0;
};

class CompactWriter {
 public:
  static constexpr bool kWrites = true;
  // Something is left to do when a container ends whose size was known.
  static constexpr bool kClosesContainers = false;

  explicit CompactWriter(Conversion& conversion) : output_(conversion.output) {}

  size_t mark() const { return output_.written(); }

  // The id of the last field of the struct around.
  using Outer = int16_t;
  Outer beginStruct() {
    const int16_t outer = lastId_;
    lastId_ = 0;
    return outer;
  }
  void restartStruct() { lastId_ = 0; }
  [[nodiscard]] bool endStruct(Outer outer, size_t) {
    lastId_ = outer;
    return output_.put(kStop);
  }

  // The header of a bool waits for the value.
  [[nodiscard]] bool beginField(const Field& field) {
    if (field.ttype != kBool) return writeHeader(kCompactCodes[field.ttype], field.id);
    awaitsBool_ = true;
    boolId_ = field.id;
    return true;
  }
  bool endField() { return true; }
  [[nodiscard]] bool writeUnknown(TType type, int16_t id, Span value) {
    if (type == kBool) return writeHeader(*value.data == kCompactTrue ? kCompactTrue : kCompactFalse, id);
    return writeHeader(kCompactCodes[type], id) && output_.put(value.data, value.size);
  }
  [[nodiscard]] bool writeDefault(const Field& field) {
    if (field.ttype == kBool) return writeHeader(*field.defaultValue.data & 0x0f, field.id);
    return beginField(field) && output_.put(field.defaultValue.data, field.defaultValue.size);
  }
  // The header is made anew: it has the distance from another field now.
  [[nodiscard]] bool copyField(int16_t id, size_t mark, size_t size) {
    const uint8_t* old = output_.from(mark);
    size_t headerSize = 1;
    if (*old >> 4 == 0) {
      while (old[headerSize] >= 0x80) headerSize++;
      headerSize++;
    }
    return writeHeader(*old & 0x0f, id) && output_.copy(mark + headerSize, size - headerSize);
  }

  // Where the header of a container starts. A size that is not known is written as 0, which has the shortest header.
  using List = size_t;
  [[nodiscard]] bool openList(const Type& type, uint32_t size, List* list) {
    *list = mark();
    if (!output_.reserve(1 + kVarint32Bytes)) return false;
    output_.at = writeListHeader(type, size, output_.at);
    return true;
  }
  [[nodiscard]] bool beginElement() { return true; }
  [[nodiscard]] bool closeList(const Type& type, uint32_t size, List list) {
    uint8_t header[1 + kVarint32Bytes];
    return replace(list, header, writeListHeader(type, size, header));
  }

  using Map = size_t;
  [[nodiscard]] bool openMap(const Type& type, uint32_t size, Map* map) {
    *map = mark();
    if (!output_.reserve(1 + kVarint32Bytes)) return false;
    output_.at = writeMapHeader(type, size, output_.at);
    return true;
  }
  [[nodiscard]] bool beginKey(const Type&) { return true; }
  [[nodiscard]] bool beginValue(const Type&) { return true; }
  [[nodiscard]] bool endEntry(const Type&) { return true; }
  [[nodiscard]] bool closeMap(const Type& type, uint32_t size, Map map) {
    uint8_t header[1 + kVarint32Bytes];
    return replace(map, header, writeMapHeader(type, size, header));
  }

  [[nodiscard]] bool writeBool(bool value, Place) {
    const uint8_t code = value ? kCompactTrue : kCompactFalse;
    if (!awaitsBool_) return output_.put(code);
    awaitsBool_ = false;
    return writeHeader(code, boolId_);
  }
  [[nodiscard]] bool writeI8(const Type&, int8_t value, Place) { return output_.put(static_cast<uint8_t>(value)); }
  [[nodiscard]] bool writeI16(const Type&, int16_t value, Place) { return writeInteger(zigzag(int32_t{value})); }
  [[nodiscard]] bool writeI32(const Type&, int32_t value, Place) { return writeInteger(zigzag(value)); }
  [[nodiscard]] bool writeI64(const Type&, int64_t value, Place) { return writeInteger(zigzag(value)); }
  [[nodiscard]] bool writeEnum(const Type&, int32_t value, Place) { return writeInteger(zigzag(value)); }

  [[nodiscard]] bool writeDouble(const Type&, uint64_t bits, Place) {
    if (!output_.reserve(sizeof bits)) return false;
    storeLittleEndian(output_.at, bits);
    output_.at += sizeof bits;
    return true;
  }

  [[nodiscard]] bool writeUuid(const uint8_t* bytes) { return output_.put(bytes, kUuidBytes); }
  [[nodiscard]] bool writeString(Span text) { return writeBytes(text); }
  [[nodiscard]] bool writeBinary(Span bytes) { return writeBytes(bytes); }

  [[nodiscard]] bool copyValues(Span values) { return output_.put(values.data, values.size); }

 private:
  [[nodiscard]] bool writeHeader(uint8_t code, int16_t id) {
    const int delta = id - lastId_;
    lastId_ = id;
    if (delta > 0 && delta <= 15) return output_.put(static_cast<uint8_t>(delta << 4 | code));
    return output_.put(code) && writeInteger(zigzag(int32_t{id}));
  }

  template <typename Bits>
  [[nodiscard]] bool writeInteger(Bits bits) {
    if (!output_.reserve(kVarint64Bytes)) return false;
    output_.at = writeVarint(bits, output_.at);
    return true;
  }

  [[nodiscard]] bool writeBytes(Span bytes) {
    if (!output_.reserve(kVarint32Bytes + static_cast<size_t>(bytes.size))) return false;
    output_.at = writeVarint(bytes.size, output_.at);
    output_.fetchAhead(bytes.size);
    if (bytes.size > 0) std::memcpy(output_.at, bytes.data, bytes.size);
    output_.at += bytes.size;
    return true;
  }

  static uint8_t* writeListHeader(const Type& type, uint32_t size, uint8_t* to) {
    const uint8_t code = kCompactCodes[type.element->ttype];
    if (size < kLongSize) {
      *to++ = static_cast<uint8_t>(size << 4 | code);
      return to;
    }
    *to++ = static_cast<uint8_t>(kLongSize << 4 | code);
    return writeVarint(size, to);
  }

  static uint8_t* writeMapHeader(const Type& type, uint32_t size, uint8_t* to) {
    to = writeVarint(size, to);
    if (size > 0)
      *to++ = static_cast<uint8_t>(kCompactCodes[type.element->ttype] << 4 | kCompactCodes[type.value->ttype]);
    return to;
  }

  // Puts a header in the place of one of a byte, and moves what stands behind it.
  [[nodiscard]] bool replace(size_t mark, const uint8_t* header, const uint8_t* headerEnd) {
    const size_t size = static_cast<size_t>(headerEnd - header);
    if (size > 1) {
      if (!output_.reserve(size - 1)) return false;
      uint8_t* const behind = output_.from(mark) + 1;
      std::memmove(behind + size - 1, behind, static_cast<size_t>(output_.at - behind));
      output_.at += size - 1;
    }
    std::memcpy(output_.from(mark), header, size);
    return true;
  }

  Output& output_;
  int16_t lastId_ = 0;
  int16_t boolId_ = 0;
  // A bool field has begun: its header waits for the value.
  bool awaitsBool_ = false;
};

}  // namespace scrimp
