// Steps over a value whose meaning nobody asked for. Its types come from the input alone, so nothing bounds the nesting
// but the limit; every element consumes at least one byte, so the work is linear in the bytes skipped.

#pragma once

#include "reader.h"

namespace scrimp {

template <typename Reader>
[[nodiscard]] bool skipNested(Reader& reader, TType type, uint32_t maxDepth);

// Moves behind a value of the type. `maxDepth` structs and containers may stand inside each other, the value itself
// included; scalars are free.
template <typename Reader>
[[nodiscard]] inline bool skip(Reader& reader, TType type, uint32_t maxDepth) {
  return isNesting(type) ? skipNested(reader, type, maxDepth) : reader.skipScalar(type);
}

template <typename Reader>
[[nodiscard]] bool skipFields(Reader& reader, uint32_t maxDepth) {
  typename Reader::Outer outer;
  if (!reader.beginStruct(&outer)) return false;
  FieldHeader header;
  for (;;) {
    if (!reader.readField(&header)) return false;
    if (header.type == kStop) break;
    if (!skip(reader, header.type, maxDepth) || !reader.endField()) return false;
  }
  return reader.endStruct(outer);
}

// Moves behind so many values of one type, which the rest of the input may hold.
template <typename Reader>
[[nodiscard]] bool skipValues(Reader& reader, TType type, uint32_t count, uint32_t maxDepth) {
  const uint64_t fixed = Reader::kFixed[type];
  if (fixed > 0) return reader.advance(count * fixed);
  for (uint32_t i = 0; i < count; i++) {
    if (!reader.beginElement() || !skip(reader, type, maxDepth)) return false;
  }
  return true;
}

template <typename Reader>
[[nodiscard]] bool skipElements(Reader& reader, uint32_t maxDepth) {
  ContainerHeader header;
  if (!reader.readList(&header)) return false;
  if (header.size > 0) {
    if (!isValueType(header.element) || !reader.holds(header.size, Reader::kMinimum[header.element])) return false;
    if (!skipValues(reader, header.element, header.size, maxDepth)) return false;
  }
  return reader.endList();
}

template <typename Reader>
[[nodiscard]] bool skipEntries(Reader& reader, uint32_t maxDepth) {
  ContainerHeader header;
  if (!reader.readMap(&header)) return false;
  if (header.size == 0) return reader.endMap();
  if (!isValueType(header.key) || !isValueType(header.element)) return false;
  const uint32_t minimum = Reader::kMinimum[header.key] + Reader::kMinimum[header.element];
  if (!reader.holds(header.size, minimum)) return false;
  const uint64_t fixedKey = Reader::kFixed[header.key], fixedValue = Reader::kFixed[header.element];
  if (fixedKey > 0 && fixedValue > 0) return reader.advance(header.size * (fixedKey + fixedValue)) && reader.endMap();
  for (uint32_t i = 0; i < header.size; i++) {
    if (!reader.beginKey(i) || !skip(reader, header.key, maxDepth)) return false;
    if (!reader.beginValue() || !skip(reader, header.element, maxDepth)) return false;
  }
  return reader.endMap();
}

template <typename Reader>
bool skipNested(Reader& reader, TType type, uint32_t maxDepth) {
  if (maxDepth == 0) return false;
  switch (type) {
    case kStruct: return skipFields(reader, maxDepth - 1);
    case kMap: return skipEntries(reader, maxDepth - 1);
    default: return skipElements(reader, maxDepth - 1);
  }
}

}  // namespace scrimp
