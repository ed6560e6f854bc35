#include "find.h"

#include <algorithm>
#include <cstring>

#include "binary.h"
#include "compact.h"
#include "conversion.h"
#include "skip.h"

namespace scrimp {

namespace {

// Structs and containers inside each other that are stepped over. JavaScript goes deeper, where this one refuses.
constexpr uint32_t kMostSkipped = kMostNesting - Path::kMostSteps;

// Of what comes twice the last counts, as for decoders: so all is stepped over.
template <typename Reader>
class Finder {
 public:
  Finder(const Program& program, const Path& path, const uint8_t* begin, const uint8_t* end)
      : path_(path), begin_(begin), reader_(program, begin, end) {}

  [[nodiscard]] bool find(Found* found) { return findInStruct(0, found); }

  size_t left() const { return reader_.left(); }

 private:
  int32_t offset() const { return static_cast<int32_t>(reader_.at() - begin_); }
  bool isLast(size_t depth) const { return depth + 1 == path_.size(); }

  // Passes a value that the path leads to, or through.
  [[nodiscard]] bool findInValue(size_t depth, TType type, Found* found) {
    if (depth < path_.size()) {
      switch (path_[depth].kind) {
        case StepKind::kField: return findInStruct(depth, found);
        case StepKind::kIndex: return findInElements(depth, found);
        case StepKind::kKey: return findInEntries(depth, found);
      }
    }
    const int32_t start = offset();
    if (!skip(reader_, type, kMostSkipped)) return false;
    *found = {FoundKind::kValue, {start, offset()}};
    return true;
  }

  [[nodiscard]] bool findInStruct(size_t depth, Found* found) {
    const Step& step = path_[depth];
    typename Reader::Outer outer;
    if (!reader_.beginStruct(&outer)) return false;
    const int32_t start = offset();
    bool isFound = false;
    bool isEmpty = true;
    // The id stays that of the last field.
    FieldHeader header;
    for (;;) {
      const int32_t at = offset();
      if (!reader_.readField(&header)) return false;
      if (header.type == kStop) break;
      isEmpty = false;
      if (header.id != step.number || header.type != step.type) {
        if (!skip(reader_, header.type, kMostSkipped)) return false;
        continue;
      }
      isFound = true;
      const int32_t behindHeader = offset();
      if (!findInValue(depth + 1, header.type, found)) return false;
      if (isLast(depth) && offset() == behindHeader) *found = {FoundKind::kFolded, {at, at + 1}};
    }
    const int32_t end = offset() - 1;
    if (!isFound) {
      *found = {FoundKind::kNowhere, {}};
      if (isLast(depth)) *found = {FoundKind::kFieldGap, {start, end, isEmpty, header.id}};
    }
    return reader_.endStruct(outer);
  }

  [[nodiscard]] bool findInElements(size_t depth, Found* found) {
    const Step& step = path_[depth];
    ContainerHeader header;
    if (!reader_.readList(&header)) return false;
    *found = {FoundKind::kNowhere, {}};
    if (header.size == 0) return true;
    if (header.element != step.type || !reader_.holds(header.size, Reader::kMinimum[step.type])) return false;
    const uint32_t index = static_cast<uint32_t>(step.number);
    if (index >= header.size) return skipValues(reader_, step.type, header.size, kMostSkipped);
    return skipValues(reader_, step.type, index, kMostSkipped) && findInValue(depth + 1, step.type, found) &&
           skipValues(reader_, step.type, header.size - index - 1, kMostSkipped);
  }

  [[nodiscard]] bool findInEntries(size_t depth, Found* found) {
    const Step& step = path_[depth];
    const int32_t start = offset();
    ContainerHeader header;
    if (!reader_.readMap(&header)) return false;
    const MapSize size = Reader::sizeOfMap(start, offset(), header.size);
    bool isFound = false;
    if (header.size > 0) {
      if (header.key != step.keyType || header.element != step.type) return false;
      if (!reader_.holds(header.size, Reader::kMinimum[step.keyType] + Reader::kMinimum[step.type])) return false;
    }
    for (uint32_t i = 0; i < header.size; i++) {
      bool isKey;
      if (!readKey(step, &isKey)) return false;
      isFound |= isKey;
      if (!(isKey ? findInValue(depth + 1, step.type, found) : skip(reader_, step.type, kMostSkipped))) return false;
    }
    if (isFound) return true;
    *found = {FoundKind::kNowhere, {}};
    if (isLast(depth)) {
      const int32_t count = static_cast<int32_t>(header.size);
      *found = {FoundKind::kEntryGap, {start, offset(), size.start, size.end, count, offset()}};
    }
    return true;
  }

  // Reads a key, and tells whether it is the one that the path names.
  [[nodiscard]] bool readKey(const Step& step, bool* isKey) {
    switch (step.keyType) {
      case kBool: return isNumber(&Reader::readBool, step.key, isKey);
      case kI8: return isNumber(&Reader::readI8, step.key, isKey);
      case kI16: return isNumber(&Reader::readI16, step.key, isKey);
      case kI32: return isNumber(&Reader::readI32, step.key, isKey);
      case kI64: return isNumber(&Reader::readI64, step.key, isKey);
      case kUuid: {
        const uint8_t* bytes;
        if (!reader_.readUuid(&bytes)) return false;
        *isKey = std::memcmp(bytes, step.text.data, kUuidBytes) == 0;
        return true;
      }
      default: {
        Span text;
        if (!reader_.readString(&text)) return false;
        *isKey = text.size == step.text.size && std::memcmp(text.data, step.text.data, text.size) == 0;
        return true;
      }
    }
  }

  template <typename Base, typename T>
  [[nodiscard]] bool isNumber(bool (Base::*read)(T*), int64_t number, bool* isNumber) {
    T value;
    if (!(reader_.*read)(&value)) return false;
    *isNumber = value == number;
    return true;
  }

  const Path& path_;
  const uint8_t* const begin_;
  Reader reader_;
};

template <typename Reader>
bool findWith(const Program& program, const Path& path, const uint8_t* bytes, size_t size, Found* found) {
  Finder<Reader> finder(program, path, bytes, bytes + size);
  return finder.find(found) && (finder.left() == 0 || program.has(Program::kIgnoreTrailing));
}

template <typename Reader>
bool skipWith(const Program& program, const uint8_t* at, const uint8_t* bytesEnd, const uint8_t** end) {
  Reader reader(program, at, bytesEnd);
  if (!skip(reader, kStruct, std::min(program.limits.maxSkipDepth, kMostNesting))) return false;
  *end = reader.at();
  return true;
}

}  // namespace

bool canFind(const Program& program) { return program.from == Protocol::kBinary || program.from == Protocol::kCompact; }

bool find(const Program& program, const Path& path, const uint8_t* bytes, size_t size, Found* found) {
  // What is empty may stand nowhere.
  if (size == 0 || size > kMostInput || !(static_cast<double>(size) <= program.limits.maxMessageBytes)) return false;
  switch (program.from) {
    case Protocol::kBinary: return findWith<BinaryReader>(program, path, bytes, size, found);
    case Protocol::kCompact: return findWith<CompactReader>(program, path, bytes, size, found);
    default: return false;
  }
}

bool skipStruct(const Program& program, const uint8_t* bytes, size_t size, size_t offset, size_t* end) {
  if (size > kMostInput || offset >= size) return false;
  const uint8_t* behind = nullptr;
  const bool isSkipped = program.from == Protocol::kBinary
                             ? skipWith<BinaryReader>(program, bytes + offset, bytes + size, &behind)
                             : program.from == Protocol::kCompact &&
                                   skipWith<CompactReader>(program, bytes + offset, bytes + size, &behind);
  *end = static_cast<size_t>(behind - bytes);
  return isSkipped;
}

}  // namespace scrimp
