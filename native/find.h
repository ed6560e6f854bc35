// Where a value stands in a message: the twin of src/transcode/find-thrift.ts.

#pragma once

#include <cstddef>
#include <cstdint>

#include "path.h"
#include "program.h"

namespace scrimp {

// What places mean, in bytes from the start of the message unless they say otherwise: see src/transcode/find.ts.
enum class FoundKind : int32_t {
  // The message does not have what the path leads through.
  kNowhere = 0,
  // | start | end |
  kValue = 1,
  // The same of a compact bool that is all field header.
  kFolded = 2,
  // A struct lacks the field: | start | end | whether it has no field | id of its last field, 0 for none |
  kFieldGap = 3,
  // A map lacks the key: | start | stop | start of its count | end of that | count | end of its last entry |
  kEntryGap = 4,
};

constexpr size_t kMostPlaces = 6;

struct Found {
  FoundKind kind;
  // Those that the kind has.
  int32_t places[kMostPlaces];
};

// True for programs that read binary or compact.
bool canFind(const Program& program);

// Follows a path through a message of the protocol that a program reads. False where the message is refused, or must be
// left to JavaScript: it is too long, nested too deep, of a protocol that cannot be read here.
[[nodiscard]] bool find(const Program& program, const Path& path, const uint8_t* bytes, size_t size, Found* found);

// Steps over the struct that starts at an offset within the bytes. False as above.
[[nodiscard]] bool skipStruct(const Program& program, const uint8_t* bytes, size_t size, size_t offset, size_t* end);

}  // namespace scrimp
