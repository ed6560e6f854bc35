// A program, as src/transcode/program.ts draws it, checked once and turned into records that point to each other.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "span.h"
#include "ttype.h"

namespace scrimp {

enum class Protocol : uint8_t { kBinary, kCompact, kTJson, kJson, kNone };

enum class Kind : uint8_t {
  kBool,
  kI8,
  kI16,
  kI32,
  kI64,
  kDouble,
  kString,
  kBinary,
  kUuid,
  kEnum,
  kList,
  kSet,
  kMap,
  kStruct,
};

// What to do at the end of a struct whose input lacks a field.
enum class Absent : uint8_t { kSkip, kRefuse, kWrite, kFail };

struct Struct;
struct Enum;

struct Type {
  // How plain JSON has the value.
  static constexpr uint8_t kReadsText = 1;
  static constexpr uint8_t kWritesText = 2;
  static constexpr uint8_t kObject = 4;

  Kind kind;
  TType ttype;
  uint8_t flags;
  // Element of a list or set, key of a map.
  const Type* element;
  // Value of a map.
  const Type* value;
  const Struct* structure;
  const Enum* enumeration;
  // Fewest bytes of an element, or of key and value, never 0; most elements.
  uint32_t minimumBytes;
  uint32_t mostElements;
  // What a container charges to the heap budget, for itself and for each element.
  double ownCost;
  double elementCost;
  // Bytes of every value in the input, and those that may be copied; 0 where values differ.
  uint32_t fixedBytes;
  uint32_t copiedBytes;

  bool readsText() const { return (flags & kReadsText) != 0; }
  bool writesText() const { return (flags & kWritesText) != 0; }
  bool isObject() const { return (flags & kObject) != 0; }
};

struct Field {
  int16_t id;
  TType ttype;
  Absent absent;
  const Type* type;
  // Its place in the output, from 0.
  uint32_t place;
  // The field that follows in the input, as a rule; nullptr for none.
  const Field* next;
  // The name of its member, and the same as JSON, with quotes.
  Span name;
  Span key;
  // What the output has before its value.
  Span head;
  Span defaultValue;
  uint32_t defaultDepth;
};

// Names in open addressing, at most half of the slots taken.
template <typename Record>
struct NameTable {
  const Record* const* slots;
  uint32_t mask;

  const Record* find(Span name) const;
};

struct Struct {
  bool isUnion;
  bool countsDepth;
  const Field* fields;
  uint32_t count;
  double heapBytes;
  // The field that the input has first, as a rule.
  const Field* first;
  // In ascending order of ids; for inputs that go by id.
  const Field* const* byId;
  // For inputs that go by name.
  NameTable<Field> byName;

  const Field* find(int16_t id) const;
};

struct Member {
  int32_t number;
  Span name;
  Span quoted;
};

struct Enum {
  const Member* members;
  uint32_t count;
  NameTable<Member> byName;

  // The first declared of those that have the number; nullptr where none has.
  const Member* find(int32_t number) const;
};

struct Limits {
  double maxMessageBytes;
  double maxDepth;
  uint32_t maxSkipDepth;
  uint32_t maxStringBytes;
  double maxHeapBytes;
};

class Program {
 public:
  static constexpr uint32_t kStrictUtf8 = 0x1;
  static constexpr uint32_t kIgnoreTrailing = 0x2;
  static constexpr uint32_t kRefuseUnknown = 0x4;
  static constexpr uint32_t kKeepUnknown = 0x8;
  static constexpr uint32_t kTextBinary = 0x10;
  static constexpr uint32_t kUnsignedI8 = 0x20;
  static constexpr uint32_t kNonFiniteText = 0x40;
  static constexpr uint32_t kNonFiniteNull = 0x80;
  static constexpr uint32_t kEnumNames = 0x100;

  // Copies and checks a program. nullptr when it is not one of this version, or refers to what it does not hold.
  static std::unique_ptr<const Program> load(const uint8_t* bytes, size_t size);

  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  Protocol from;
  Protocol to;
  uint32_t flags;
  Limits limits;
  const Struct* root;

  bool has(uint32_t flag) const { return (flags & flag) != 0; }

 private:
  friend class ProgramLoader;
  Program() = default;

  std::vector<Struct> structs_;
  std::vector<Field> fields_;
  std::vector<Type> types_;
  std::vector<Enum> enums_;
  std::vector<Member> members_;
  // The tables of structs and enums, one after the other.
  std::vector<const Field*> fieldTables_;
  std::vector<const Member*> memberTables_;
  std::vector<uint8_t> blob_;
};

}  // namespace scrimp
