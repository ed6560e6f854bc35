// What the protocols of bytes share in reading: the bytes and their end, lengths, sizes.
//
// Every read is preceded by a comparison with `end`. A reader that returned false stands anywhere: the conversion is
// over, and the JavaScript twin finds out what is wrong.

#pragma once

#include <cstddef>
#include <cstdint>

#include "bytes.h"
#include "conversion.h"
#include "span.h"
#include "ttype.h"

namespace scrimp {

struct FieldHeader {
  TType type = kStop;
  int16_t id = 0;
};

// The head of a list, set or map; `key` is for maps. Types may be anything where `size` is 0.
struct ContainerHeader {
  TType key;
  TType element;
  uint32_t size;
};

// Where the size of a map stands, by offsets in the message.
struct MapSize {
  int32_t start;
  int32_t end;
};

class ByteReader {
 public:
  ByteReader(const Program& program, const uint8_t* at, const uint8_t* end)
      : at_(at), end_(end), maxStringBytes_(program.limits.maxStringBytes) {}
  ByteReader(const Conversion& conversion, const uint8_t* at, const uint8_t* end)
      : ByteReader(conversion.program, at, end) {}

  // What stands between values is for protocols that are text.
  bool beginElement() { return true; }
  bool endList() { return true; }
  bool beginKey(uint32_t) { return true; }
  bool beginValue() { return true; }
  bool endMap() { return true; }
  bool endField() { return true; }
  void skipBlanks() {}

  const uint8_t* at() const { return at_; }
  size_t left() const { return static_cast<size_t>(end_ - at_); }

  [[nodiscard]] bool advance(uint64_t count) {
    if (count > left()) return false;
    at_ += count;
    return true;
  }

  // True when the rest of the input can hold so many values of at least so many bytes.
  [[nodiscard]] bool holds(uint32_t count, uint32_t minimumBytes) const { return count <= left() / minimumBytes; }

  [[nodiscard]] bool readI8(int8_t* value) {
    if (left() < 1) return false;
    *value = static_cast<int8_t>(*at_++);
    return true;
  }

  [[nodiscard]] bool readUuid(const uint8_t** bytes) {
    if (left() < kUuidBytes) return false;
    *bytes = at_;
    at_ += kUuidBytes;
    return true;
  }

 protected:
  // Takes bytes whose length was read as 32 bits.
  [[nodiscard]] bool take(uint32_t length, Span* span) {
    // A negative length is above 2^31, which is more than any input of ours has.
    if (length > left() || length > maxStringBytes_) return false;
    *span = {at_, length};
    at_ += length;
    return true;
  }

  const uint8_t* at_;
  const uint8_t* const end_;
  const uint32_t maxStringBytes_;
};

}  // namespace scrimp
