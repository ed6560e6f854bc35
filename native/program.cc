#include "program.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "output.h"

namespace scrimp {

namespace {

constexpr uint32_t kMagic = 0x50524353;
constexpr uint32_t kVersion = 1;

constexpr uint32_t kHeaderWords = 32;
constexpr uint32_t kStructWords = 12;
constexpr uint32_t kFieldWords = 16;
constexpr uint32_t kTypeWords = 12;
constexpr uint32_t kEnumWords = 8;
constexpr uint32_t kMemberWords = 8;

// Records of one kind.
struct Section {
  uint32_t start;
  uint32_t count;
  uint32_t words;

  uint32_t at(uint32_t index) const { return start + index * words; }
  uint64_t end() const { return start + static_cast<uint64_t>(count) * words; }

  // Index of the record that starts at a word. False where none does.
  bool indexOf(uint32_t word, uint32_t* index) const {
    if (word < start || (word - start) % words != 0) return false;
    *index = (word - start) / words;
    return *index < count;
  }
};

uint32_t hashName(Span name) {
  uint32_t hash = 0x811c9dc5;
  for (uint32_t i = 0; i < name.size; i++) hash = (hash ^ name.data[i]) * 0x01000193;
  return hash;
}

bool isSame(Span a, Span b) { return a.size == b.size && (a.size == 0 || std::memcmp(a.data, b.data, a.size) == 0); }

uint32_t saturated(double limit) { return limit >= 4294967295.0 ? 4294967295u : static_cast<uint32_t>(limit); }

}  // namespace

template <typename Record>
const Record* NameTable<Record>::find(Span name) const {
  for (uint32_t slot = hashName(name) & mask;; slot = (slot + 1) & mask) {
    const Record* record = slots[slot];
    if (record == nullptr || isSame(record->name, name)) return record;
  }
}

template struct NameTable<Field>;
template struct NameTable<Member>;

const Field* Struct::find(int16_t id) const {
  const Field* const* end = byId + count;
  const Field* const* found =
      std::lower_bound(byId, end, id, [](const Field* field, int16_t wanted) { return field->id < wanted; });
  return found != end && (*found)->id == id ? *found : nullptr;
}

const Member* Enum::find(int32_t number) const {
  const Member* end = members + count;
  const Member* found = std::lower_bound(members, end, number,
                                         [](const Member& member, int32_t wanted) { return member.number < wanted; });
  return found != end && found->number == number ? found : nullptr;
}

class ProgramLoader {
 public:
  ProgramLoader(const uint8_t* bytes, size_t size, Program* program) : bytes_(bytes), size_(size), program_(program) {}

  bool load() {
    return loadHeader() && loadBlob() && loadMembers() && loadEnums() && loadTypes() && loadFields() && loadStructs() &&
           bindStructs();
  }

 private:
  // The word is within the program: sections are checked before they are read.
  uint32_t word(uint32_t at) const {
    uint32_t value;
    std::memcpy(&value, bytes_ + static_cast<size_t>(at) * 4, sizeof value);
    return value;
  }

  double limit(uint32_t at) const {
    double value;
    std::memcpy(&value, bytes_ + static_cast<size_t>(at) * 4, sizeof value);
    return value;
  }

  bool loadHeader() {
    if (size_ < kHeaderWords * 4 || size_ > 0x7fffffff || word(0) != kMagic || word(1) != kVersion) return false;
    if (word(2) > static_cast<uint32_t>(Protocol::kJson) || word(3) > static_cast<uint32_t>(Protocol::kNone))
      return false;
    program_->from = static_cast<Protocol>(word(2));
    program_->to = static_cast<Protocol>(word(3));
    program_->flags = word(4);
    structs_ = {word(6), word(7), kStructWords};
    fields_ = {word(8), word(9), kFieldWords};
    types_ = {word(10), word(11), kTypeWords};
    enums_ = {word(12), word(13), kEnumWords};
    members_ = {word(14), word(15), kMemberWords};
    tables_ = {word(16), word(17), 1};
    for (const Section* section : {&structs_, &fields_, &types_, &enums_, &members_, &tables_}) {
      if (section->end() > size_ / 4) return false;
    }
    return loadLimits();
  }

  bool loadLimits() {
    for (uint32_t at = 20; at < 30; at += 2) {
      if (!(limit(at) > 0)) return false;
    }
    program_->limits = {limit(20), limit(22), saturated(limit(24)), saturated(limit(26)), limit(28)};
    return true;
  }

  bool loadBlob() {
    const uint64_t start = word(18), count = word(19);
    if (start + count > size_) return false;
    program_->blob_.assign(bytes_ + start, bytes_ + start + count);
    // Output::putShort() reads so much.
    blobBytes_ = static_cast<uint32_t>(count);
    program_->blob_.resize(count + Output::kShortBytes);
    return true;
  }

  // Bytes of the blob, by the two words that say which.
  bool loadSpan(uint32_t at, Span* span) const {
    const uint32_t offset = word(at), count = word(at + 1);
    if (offset > blobBytes_ || count > blobBytes_ - offset) return false;
    *span = {program_->blob_.data() + offset, count};
    return true;
  }

  bool loadMembers() {
    program_->members_.resize(members_.count);
    for (uint32_t i = 0; i < members_.count; i++) {
      const uint32_t at = members_.at(i);
      Member& member = program_->members_[i];
      member.number = static_cast<int32_t>(word(at));
      if (!loadSpan(at + 1, &member.name) || !loadSpan(at + 3, &member.quoted)) return false;
    }
    return true;
  }

  bool loadEnums() {
    program_->enums_.resize(enums_.count);
    // No table may move when the next is appended.
    program_->memberTables_.reserve(static_cast<size_t>(tables_.count) * (enums_.count > 0));
    for (uint32_t i = 0; i < enums_.count; i++) {
      const uint32_t at = enums_.at(i);
      Enum& enumeration = program_->enums_[i];
      enumeration.count = word(at + 3);
      enumeration.members = nullptr;
      if (!isRun(members_, word(at + 2), enumeration.count, program_->members_, &enumeration.members)) return false;
      if (!loadTable(word(at + 4), word(at + 5), members_, program_->members_, &program_->memberTables_,
                     &enumeration.byName)) {
        return false;
      }
    }
    return true;
  }

  // Records that stand together. None may be anywhere.
  template <typename Record>
  static bool isRun(const Section& section, uint32_t start, uint32_t count, const std::vector<Record>& records,
                    const Record** first) {
    if (count == 0) return true;
    uint32_t index;
    if (!section.indexOf(start, &index) || count > section.count - index) return false;
    *first = &records[index];
    return true;
  }

  template <typename Record>
  bool loadTable(uint32_t start, uint32_t mask, const Section& section, const std::vector<Record>& records,
                 std::vector<const Record*>* tables, NameTable<Record>* table) {
    const uint64_t slots = static_cast<uint64_t>(mask) + 1;
    if ((slots & mask) != 0 || !hasWords(start, slots) || tables->capacity() - tables->size() < slots) return false;
    table->slots = tables->data() + tables->size();
    table->mask = mask;
    bool hasEmpty = false;
    for (uint32_t i = 0; i < slots; i++) {
      const uint32_t reference = word(start + i);
      uint32_t index;
      if (reference != 0 && !section.indexOf(reference, &index)) return false;
      hasEmpty |= reference == 0;
      tables->push_back(reference == 0 ? nullptr : &records[index]);
    }
    // A search ends at an empty slot.
    return hasEmpty;
  }

  bool hasWords(uint32_t start, uint64_t count) const {
    return start >= tables_.start && start + count <= tables_.end();
  }

  bool loadTypes() {
    program_->types_.resize(types_.count);
    program_->structs_.resize(structs_.count);
    for (uint32_t i = 0; i < types_.count; i++) {
      if (!loadType(types_.at(i), &program_->types_[i])) return false;
    }
    return true;
  }

  bool loadType(uint32_t at, Type* type) {
    if (word(at) > static_cast<uint32_t>(Kind::kStruct) || word(at + 1) > kUuid) return false;
    type->kind = static_cast<Kind>(word(at));
    type->ttype = static_cast<TType>(word(at + 1));
    type->flags = static_cast<uint8_t>(word(at + 2));
    type->minimumBytes = word(at + 5);
    type->mostElements = word(at + 6);
    type->ownCost = word(at + 7);
    type->elementCost = word(at + 8);
    type->fixedBytes = word(at + 9);
    type->copiedBytes = word(at + 10);
    return type->ttype == ttypeOf(type->kind) && bindType(word(at + 3), word(at + 4), type);
  }

  static TType ttypeOf(Kind kind) {
    constexpr TType kTypes[] = {kBool,   kI8,   kI16, kI32,  kI64, kDouble, kString,
                                kString, kUuid, kI32, kList, kSet, kMap,    kStruct};
    return kTypes[static_cast<size_t>(kind)];
  }

  bool bindType(uint32_t reference, uint32_t value, Type* type) {
    uint32_t index, second;
    switch (type->kind) {
      case Kind::kMap:
        if (!types_.indexOf(value, &second)) return false;
        type->value = &program_->types_[second];
        [[fallthrough]];
      case Kind::kList:
      case Kind::kSet:
        if (!types_.indexOf(reference, &index) || type->minimumBytes == 0) return false;
        type->element = &program_->types_[index];
        return true;
      case Kind::kStruct:
        if (!structs_.indexOf(reference, &index)) return false;
        type->structure = &program_->structs_[index];
        return true;
      case Kind::kEnum:
        if (!enums_.indexOf(reference, &index)) return false;
        type->enumeration = &program_->enums_[index];
        return true;
      default: return true;
    }
  }

  bool loadFields() {
    program_->fields_.resize(fields_.count);
    for (uint32_t i = 0; i < fields_.count; i++) {
      if (!loadField(fields_.at(i), &program_->fields_[i])) return false;
    }
    return true;
  }

  bool loadField(uint32_t at, Field* field) {
    uint32_t type, next = 0;
    if (!types_.indexOf(word(at + 1), &type) || word(at + 4) > static_cast<uint32_t>(Absent::kFail)) return false;
    if (word(at + 3) != 0 && !fields_.indexOf(word(at + 3), &next)) return false;
    field->id = static_cast<int16_t>(word(at));
    field->type = &program_->types_[type];
    field->ttype = field->type->ttype;
    field->place = word(at + 2);
    field->next = word(at + 3) == 0 ? nullptr : &program_->fields_[next];
    field->absent = static_cast<Absent>(word(at + 4));
    field->defaultDepth = word(at + 13);
    if (!loadSpan(at + 5, &field->name) || !loadSpan(at + 7, &field->key) || !loadSpan(at + 9, &field->head))
      return false;
    if (!loadSpan(at + 11, &field->defaultValue)) return false;
    // A compact bool that is written is the code of its header.
    return field->absent != Absent::kWrite || program_->to != Protocol::kCompact || field->ttype != kBool ||
           field->defaultValue.size == 1;
  }

  bool loadStructs() {
    program_->fieldTables_.reserve(tables_.count);
    for (uint32_t i = 0; i < structs_.count; i++) {
      if (!loadStruct(structs_.at(i), &program_->structs_[i])) return false;
    }
    uint32_t root;
    if (!structs_.indexOf(word(5), &root)) return false;
    program_->root = &program_->structs_[root];
    return true;
  }

  bool loadStruct(uint32_t at, Struct* record) {
    record->isUnion = (word(at) & 1) != 0;
    record->countsDepth = (word(at) & 2) != 0;
    record->count = word(at + 2);
    record->heapBytes = word(at + 3);
    if (!isRun(fields_, word(at + 1), record->count, program_->fields_, &record->fields)) return false;
    uint32_t first = 0;
    if (word(at + 4) != 0 && !fields_.indexOf(word(at + 4), &first)) return false;
    record->first = word(at + 4) == 0 ? nullptr : &program_->fields_[first];
    if (program_->from == Protocol::kJson) {
      return loadTable(word(at + 6), word(at + 7), fields_, program_->fields_, &program_->fieldTables_,
                       &record->byName);
    }
    return loadIds(word(at + 5), record);
  }

  bool loadIds(uint32_t start, Struct* record) {
    std::vector<const Field*>& tables = program_->fieldTables_;
    if (record->count == 0) return true;
    if (!hasWords(start, record->count) || tables.capacity() - tables.size() < record->count) return false;
    record->byId = tables.data() + tables.size();
    for (uint32_t i = 0; i < record->count; i++) {
      uint32_t index;
      if (!fields_.indexOf(word(start + i), &index)) return false;
      tables.push_back(&program_->fields_[index]);
    }
    return true;
  }

  // A field that a struct leads to is one of its own, and its place the one where it stands.
  bool bindStructs() {
    for (const Struct& record : program_->structs_) {
      const auto isOwn = [&record](const Field* field) {
        return field == nullptr || (field >= record.fields && field < record.fields + record.count);
      };
      if (!isOwn(record.first)) return false;
      for (uint32_t i = 0; i < record.count; i++) {
        if (record.fields[i].place != i || !isOwn(record.fields[i].next)) return false;
        if (record.byId != nullptr && !isOwn(record.byId[i])) return false;
      }
      for (uint32_t i = 0; record.byName.slots != nullptr && i <= record.byName.mask; i++) {
        if (!isOwn(record.byName.slots[i])) return false;
      }
    }
    return true;
  }

  const uint8_t* const bytes_;
  const size_t size_;
  Program* const program_;
  Section structs_, fields_, types_, enums_, members_, tables_;
  uint32_t blobBytes_ = 0;
};

std::unique_ptr<const Program> Program::load(const uint8_t* bytes, size_t size) {
  std::unique_ptr<Program> program(new Program());
  if (!ProgramLoader(bytes, size, program.get()).load()) return nullptr;
  return program;
}

}  // namespace scrimp
