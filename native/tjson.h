// TJSONProtocol: src/protocol/tjson.ts draws it.

#pragma once

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "base64.h"
#include "json_number.h"
#include "json_reader.h"
#include "json_text.h"
#include "reader.h"
#include "uuid.h"
#include "writer.h"

namespace scrimp {

// What the types are called, by code of TBinaryProtocol; empty where there is none.
constexpr char kTJsonNames[kUuid + 1][4] = {"", "",    "tf",  "i8",  "dbl", "",    "i16", "",   "i32",
                                            "", "i64", "str", "rec", "map", "set", "lst", "uid"};

class TJsonReader {
 public:
  // Each with the comma or colon before the value.
  static constexpr ByType kMinimum = {{0, 0, 2, 2, 2, 0, 2, 0, 2, 0, 2, 3, 3, 17, 9, 9, 35}};
  static constexpr ByType kFixed = {};

  TJsonReader(Conversion& conversion, const uint8_t* at, const uint8_t* end)
      : json_(conversion, at, end, JsonReader::Grammar::kLax) {}

  const uint8_t* at() const { return json_.at(); }
  size_t left() const { return json_.left(); }
  bool holds(uint32_t count, uint32_t minimumBytes) const { return count <= left() / minimumBytes; }
  const uint8_t* foldedBool() const { return nullptr; }
  // Nothing has a fixed width.
  bool advance(uint64_t) { return false; }
  // Blanks behind a value belong to it.
  void skipBlanks() { json_.skipSpace(); }

  // Whether a field of the struct around has come.
  using Outer = bool;
  [[nodiscard]] bool beginStruct(Outer* outer) {
    isKey_ = false;
    *outer = hasField_;
    hasField_ = false;
    return json_.take('{');
  }
  [[nodiscard]] bool endStruct(Outer outer) {
    hasField_ = outer;
    return json_.take('}');
  }

  [[nodiscard]] bool readField(FieldHeader* header) {
    if (json_.peek() == '}') {
      header->type = kStop;
      return true;
    }
    if (hasField_ && !json_.take(',')) return false;
    hasField_ = true;
    int64_t id;
    if (!json_.take('"') || !json_.readInteger(-0x8000, 0x7fff, &id) || !json_.takeQuote()) return false;
    header->id = static_cast<int16_t>(id);
    return json_.take(':') && json_.take('{') && readType(&header->type) && json_.take(':');
  }
  [[nodiscard]] bool endField() { return json_.take('}'); }

  [[nodiscard]] bool readList(ContainerHeader* header) {
    isKey_ = false;
    return json_.take('[') && readType(&header->element) && readSize(&header->size);
  }
  [[nodiscard]] bool beginElement() { return json_.take(','); }
  [[nodiscard]] bool endList() { return json_.take(']'); }

  [[nodiscard]] bool readMap(ContainerHeader* header) {
    isKey_ = false;
    return json_.take('[') && readType(&header->key) && json_.take(',') && readType(&header->element) &&
           readSize(&header->size) && json_.take(',') && json_.take('{');
  }
  [[nodiscard]] bool beginKey(uint32_t index) {
    isKey_ = true;
    return index == 0 || json_.take(',');
  }
  [[nodiscard]] bool beginValue() {
    isKey_ = false;
    return json_.take(':');
  }
  [[nodiscard]] bool endMap() { return json_.take('}') && json_.take(']'); }

  [[nodiscard]] bool readBool(bool* value) {
    int32_t number;
    if (!readI32(&number)) return false;
    *value = number != 0;
    return true;
  }
  [[nodiscard]] bool readI8(int8_t* value) { return readInteger(value); }
  [[nodiscard]] bool readI16(int16_t* value) { return readInteger(value); }
  [[nodiscard]] bool readI32(int32_t* value) { return readInteger(value); }
  [[nodiscard]] bool readI64(int64_t* value) { return readInteger(value); }

  [[nodiscard]] bool readDouble(uint64_t* bits) {
    const bool isKey = takeKey();
    const bool isQuoted = json_.take('"');
    double value;
    if (!readWord(&value) && (isQuoted != isKey || !json_.readDouble(&value))) return false;
    *bits = std::bit_cast<uint64_t>(value);
    return !isQuoted || json_.takeQuote();
  }

  [[nodiscard]] bool readString(Span* text) {
    isKey_ = false;
    return json_.readText(text);
  }
  [[nodiscard]] bool readBinary(Span* bytes) {
    isKey_ = false;
    return json_.readBase64(bytes);
  }
  [[nodiscard]] bool readUuid(const uint8_t** bytes) {
    Span text;
    *bytes = uuid_;
    return readString(&text) && parseUuid(text.data, text.size, uuid_);
  }

  [[nodiscard]] bool skipScalar(TType type) {
    uint64_t bits;
    int64_t number;
    const uint8_t* uuid;
    if (type == kDouble) return readDouble(&bits);
    if (type == kUuid) return readUuid(&uuid);
    if (type != kString) return readI64(&number);
    isKey_ = false;
    return json_.skipString();
  }

 private:
  bool takeKey() {
    const bool isKey = isKey_;
    isKey_ = false;
    return isKey;
  }

  template <typename T>
  [[nodiscard]] bool readInteger(T* value) {
    const bool isKey = takeKey();
    if (isKey && !json_.take('"')) return false;
    if (!isKey) json_.skipSpace();
    int64_t number;
    if (!json_.readInteger(std::numeric_limits<T>::min(), std::numeric_limits<T>::max(), &number)) return false;
    *value = static_cast<T>(number);
    return !isKey || json_.takeQuote();
  }

  // How the libraries spell the doubles that JSON has no numbers for. What another one begins with comes later.
  [[nodiscard]] bool readWord(double* value) {
    struct Word {
      const char* spelling;
      double value;
    };
    constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    constexpr Word kWords[] = {
        {"NaN", kNaN},       {"nan", kNaN}, {"Infinity", kInfinity}, {"inf", kInfinity}, {"-Infinity", -kInfinity},
        {"-inf", -kInfinity}};
    for (const auto& [spelling, meant] : kWords) {
      const Span word{reinterpret_cast<const uint8_t*>(spelling), static_cast<uint32_t>(std::strlen(spelling))};
      if (!json_.takeBytes(word)) continue;
      *value = meant;
      return true;
    }
    return false;
  }

  [[nodiscard]] bool readType(TType* type) {
    if (!json_.take('"')) return false;
    for (uint8_t code = kBool; code <= kUuid; code++) {
      const char* name = kTJsonNames[code];
      const Span word{reinterpret_cast<const uint8_t*>(name), static_cast<uint32_t>(std::strlen(name))};
      if (word.size > 0 && json_.takeBytes(word)) {
        *type = static_cast<TType>(code);
        return json_.takeQuote();
      }
    }
    return false;
  }

  [[nodiscard]] bool readSize(uint32_t* size) {
    int64_t number;
    if (!json_.take(',')) return false;
    json_.skipSpace();
    // No input holds more.
    if (!json_.readInteger(0, 0x7fffffff, &number)) return false;
    *size = static_cast<uint32_t>(number);
    return true;
  }

  JsonReader json_;
  bool hasField_ = false;
  // The next value is the key of a map: a number stands in quotes.
  bool isKey_ = false;
  uint8_t uuid_[kUuidBytes];
};

// Fields, elements and entries are written with a comma before them: see json_writer.h.
class TJsonWriter {
 public:
  static constexpr bool kWrites = true;
  static constexpr bool kClosesContainers = true;

  explicit TJsonWriter(Conversion& conversion) : output_(conversion.output), isStrict_(conversion.isStrict()) {}

  size_t mark() const { return output_.written(); }

  struct Outer {};
  Outer beginStruct() { return {}; }
  void restartStruct() {}
  [[nodiscard]] bool endStruct(Outer, size_t start) { return close(start); }

  [[nodiscard]] bool beginField(const Field& field) {
    return output_.put(',') && output_.putShort(field.head.data, field.head.size);
  }
  [[nodiscard]] bool endField() { return output_.put('}'); }
  [[nodiscard]] bool writeUnknown(TType type, int16_t id, Span value) {
    return output_.put(",\"", 2) && writeInteger(id, Place::kValue) && output_.put("\":{", 3) && writeName(type) &&
           output_.put(':') && output_.put(value.data, value.size) && endField();
  }
  [[nodiscard]] bool writeDefault(const Field& field) {
    return beginField(field) && output_.put(field.defaultValue.data, field.defaultValue.size) && endField();
  }
  [[nodiscard]] bool copyField(int16_t, size_t mark, size_t size) { return output_.copy(mark, size); }

  // Where the size stands, which may not be known, and what is written there.
  struct List {
    size_t place;
    uint32_t size;
  };
  [[nodiscard]] bool openList(const Type& type, uint32_t size, List* list) {
    return output_.put('[') && writeName(type.element->ttype) && openSize(size, list);
  }
  [[nodiscard]] bool beginElement() { return output_.put(','); }
  [[nodiscard]] bool closeList(const Type&, uint32_t size, List list) {
    return correctSize(size, list) && output_.put(']');
  }

  // As for lists; the entries begin behind a comma that follows the size.
  using Map = List;
  [[nodiscard]] bool openMap(const Type& type, uint32_t size, Map* map) {
    return output_.put('[') && writeName(type.element->ttype) && output_.put(',') && writeName(type.value->ttype) &&
           openSize(size, map) && output_.put(',');
  }
  [[nodiscard]] bool beginKey(const Type&) { return output_.put(','); }
  [[nodiscard]] bool beginValue(const Type&) { return output_.put(':'); }
  [[nodiscard]] bool endEntry(const Type&) { return true; }
  [[nodiscard]] bool closeMap(const Type&, uint32_t size, Map map) {
    if (!correctSize(size, map)) return false;
    const uint8_t* entries = output_.from(map.place);
    while (*entries != ',') entries++;
    return close(static_cast<size_t>(entries + 1 - output_.begin())) && output_.put(']');
  }

  [[nodiscard]] bool writeBool(bool value, Place place) { return writeInteger(value ? 1 : 0, place); }
  [[nodiscard]] bool writeI8(const Type&, int8_t value, Place place) { return writeInteger(value, place); }
  [[nodiscard]] bool writeI16(const Type&, int16_t value, Place place) { return writeInteger(value, place); }
  [[nodiscard]] bool writeI32(const Type&, int32_t value, Place place) { return writeInteger(value, place); }
  [[nodiscard]] bool writeI64(const Type&, int64_t value, Place place) { return writeInteger(value, place); }
  [[nodiscard]] bool writeEnum(const Type&, int32_t value, Place place) { return writeInteger(value, place); }

  [[nodiscard]] bool writeDouble(const Type&, uint64_t bits, Place place) {
    const double value = std::bit_cast<double>(bits);
    if (std::isnan(value)) return output_.put("\"NaN\"", 5);
    if (std::isinf(value)) return value > 0 ? output_.put("\"Infinity\"", 10) : output_.put("\"-Infinity\"", 11);
    if (!output_.reserve(kDoubleRoom + 2)) return false;
    if (place == Place::kName) *output_.at++ = '"';
    output_.at = scrimp::writeDouble(value, output_.at);
    if (place == Place::kName) *output_.at++ = '"';
    return true;
  }

  [[nodiscard]] bool writeUuid(const uint8_t* bytes) {
    if (!output_.reserve(kUuidText + 2)) return false;
    *output_.at++ = '"';
    output_.at = formatUuid(bytes, output_.at);
    *output_.at++ = '"';
    return true;
  }
  [[nodiscard]] bool writeString(Span text) {
    return writeJsonString(text.data, text.size, isStrict_ ? Utf8::kRefuse : Utf8::kReplace, output_);
  }
  [[nodiscard]] bool writeBinary(Span bytes) {
    if (!output_.reserve(base64Room(bytes.size) + 2)) return false;
    *output_.at++ = '"';
    output_.at = writeBase64(bytes.data, bytes.size, false, output_.at);
    *output_.at++ = '"';
    return true;
  }

  [[nodiscard]] bool copyValues(Span) { return false; }

 private:
  [[nodiscard]] bool writeInteger(int64_t value, Place place) {
    if (!output_.reserve(kIntegerRoom + 2)) return false;
    if (place == Place::kName) *output_.at++ = '"';
    output_.at = scrimp::writeInteger(value, output_.at);
    if (place == Place::kName) *output_.at++ = '"';
    return true;
  }

  [[nodiscard]] bool writeName(TType type) {
    const char* name = kTJsonNames[type];
    return output_.put('"') && output_.put(name, std::strlen(name)) && output_.put('"');
  }

  [[nodiscard]] bool openSize(uint32_t size, List* list) {
    if (!output_.put(',')) return false;
    *list = {mark(), size};
    return writeInteger(size, Place::kValue);
  }

  // A size that was not known stands there as 0.
  [[nodiscard]] bool correctSize(uint32_t size, List list) {
    if (size == list.size) return true;
    uint8_t digits[kIntegerRoom];
    const size_t count = static_cast<size_t>(writeUnsigned(size, digits) - digits);
    if (!output_.reserve(count)) return false;
    uint8_t* const place = output_.from(list.place);
    std::memmove(place + count, place + 1, static_cast<size_t>(output_.at - place) - 1);
    std::memcpy(place, digits, count);
    output_.at += count - 1;
    return true;
  }

  // Puts braces around what was written from `start` on.
  [[nodiscard]] bool close(size_t start) {
    if (!output_.reserve(2)) return false;
    if (output_.written() == start) output_.at++;
    *output_.from(start) = '{';
    *output_.at++ = '}';
    return true;
  }

  Output& output_;
  const bool isStrict_;
};

}  // namespace scrimp
