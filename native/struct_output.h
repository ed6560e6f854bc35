// The fields of a struct, put in the order of the output.
//
// As a rule they come in that order, and each is written where it belongs: what is absent between two of them has its
// default written then, and nothing moves. Where a field comes late, comes again, or is withdrawn, the struct is put in
// order when it ends, out of the events that were noted on the way:
//
//     output   | ... | field 1 | field 3 | field 2 | field 3 again |
//     events           ╰ 1       ╰ 3       ╰ 2       ╰ 3                       the last of each place counts
//     settled  | ... | field 1 | field 2 | field 3 |

#pragma once

#include "conversion.h"

namespace scrimp {

template <typename Writer>
class StructOutput {
 public:
  StructOutput(Conversion& conversion, Writer& writer, const Struct& type)
      : conversion_(conversion),
        writer_(writer),
        type_(type),
        first_(conversion.events.size()),
        start_(writer.mark()),
        outer_(writer.beginStruct()) {}

  // Before the value of a field is written.
  [[nodiscard]] bool beginField(const Field& field) {
    if (field.place == next_) [[likely]] {
      next_++;
    } else if (field.place > next_) {
      if (!fillGap(field.place)) return false;
      next_ = field.place + 1;
    } else {
      isOrdered_ = false;
    }
    return note(field.place) && writer_.beginField(field);
  }

  // The field is absent, whatever came before.
  [[nodiscard]] bool withdrawField(const Field& field) {
    // It has not come yet.
    if (field.place >= next_) return true;
    isOrdered_ = false;
    return note(field.place | kWithdrawn);
  }

  // An unknown field that is kept: it goes behind the known ones.
  [[nodiscard]] bool keepUnknown(TType type, int16_t id, Span value) {
    hasUnknown_ = true;
    return note(kUnknown | static_cast<uint16_t>(id)) && writer_.writeUnknown(type, id, value);
  }

  [[nodiscard]] bool end() {
    if (type_.isUnion) {
      // One field and nothing else is what a union should be.
      if (!isOrdered_ || hasUnknown_ || conversion_.events.size() != first_ + 1) {
        if (!settle()) return false;
      }
    } else {
      if (next_ < type_.count && !fillGap(type_.count)) return false;
      if (!(isOrdered_ && !lacks_ && !(hasUnknown_ && !unknownAreLast())) && !settle()) return false;
    }
    conversion_.events.shrink(first_);
    return writer_.endStruct(outer_, start_);
  }

 private:
  // Parts of Event::place. Fields of a struct are fewer than 2^16.
  static constexpr uint32_t kUnknown = 0x80000000;
  static constexpr uint32_t kWithdrawn = 0x40000000;
  static constexpr uint32_t kPlace = 0xffff;
  static constexpr uint32_t kNone = 0xffffffff;

  [[nodiscard]] bool note(uint32_t place) {
    if (conversion_.events.push({place, static_cast<uint32_t>(writer_.mark())})) return true;
    conversion_.failure = Status::kDeclined;
    return false;
  }

  // What is absent before a place, as far as is known now.
  [[nodiscard]] bool fillGap(uint32_t place) {
    for (uint32_t i = next_; i < place; i++) {
      const Field& field = type_.fields[i];
      if (field.absent == Absent::kSkip) continue;
      if (field.absent != Absent::kWrite || isTooDeep(field)) {
        // It may still come.
        lacks_ = true;
      } else if constexpr (Writer::kWrites) {
        if (!note(i) || !writer_.writeDefault(field)) return false;
      }
    }
    next_ = place;
    return true;
  }

  bool isTooDeep(const Field& field) const {
    return type_.countsDepth &&
           static_cast<double>(conversion_.depth) + field.defaultDepth > conversion_.program.limits.maxDepth;
  }

  bool unknownAreLast() {
    bool seen = false;
    for (size_t i = first_; i < conversion_.events.size(); i++) {
      const bool isUnknown = (conversion_.events[i].place & kUnknown) != 0;
      if (seen && !isUnknown) return false;
      seen |= isUnknown;
    }
    return true;
  }

  // Writes the struct again behind itself, in order, and moves that to where it belongs.
  [[nodiscard]] bool settle() {
    const size_t end = writer_.mark();
    const size_t eventCount = conversion_.events.size();
    const size_t base = conversion_.last.size();
    if (!conversion_.last.reserve(type_.count)) {
      conversion_.failure = Status::kDeclined;
      return false;
    }
    conversion_.last.extend(type_.count);
    uint32_t* last = conversion_.last.data() + base;
    for (uint32_t i = 0; i < type_.count; i++) last[i] = kNone;
    uint32_t unknownCount = 0;
    for (size_t i = first_; i < eventCount; i++) {
      const uint32_t place = conversion_.events[i].place;
      if ((place & kUnknown) != 0) {
        unknownCount++;
      } else {
        last[place & kPlace] = (place & kWithdrawn) != 0 ? kNone : static_cast<uint32_t>(i);
      }
    }
    if constexpr (Writer::kWrites) writer_.restartStruct();
    uint32_t present = 0;
    for (uint32_t i = 0; i < type_.count; i++) {
      if (last[i] == kNone) {
        if (!writeAbsent(type_.fields[i])) return false;
      } else {
        present++;
        if (!writeAgain(last[i], end)) return false;
      }
    }
    conversion_.last.shrink(base);
    if (type_.isUnion && !checkUnion(present, unknownCount)) return false;
    if constexpr (Writer::kWrites) {
      if (!type_.isUnion || present == 0) {
        for (size_t i = first_; i < eventCount; i++) {
          if ((conversion_.events[i].place & kUnknown) != 0 && !writeAgain(i, end)) return false;
        }
      }
      conversion_.output.moveBack(start_, end);
    }
    return true;
  }

  // Of one that is written exactly one field is set, or, where none is known, unknown. One that is only read may lack
  // it.
  bool checkUnion(uint32_t present, uint32_t unknownCount) const {
    if (present > 1) return false;
    return !Writer::kWrites || present == 1 || unknownCount == 1;
  }

  [[nodiscard]] bool writeAbsent(const Field& field) {
    switch (field.absent) {
      case Absent::kSkip: return true;
      case Absent::kWrite:
        if constexpr (Writer::kWrites) return !isTooDeep(field) && writer_.writeDefault(field);
        return true;
      default: return false;
    }
  }

  // Writes again what an event wrote; the last one wrote up to `end`.
  [[nodiscard]] bool writeAgain(size_t index, size_t end) {
    if constexpr (Writer::kWrites) {
      const Event event = conversion_.events[index];
      const size_t stop = index + 1 < conversion_.events.size() ? conversion_.events[index + 1].start : end;
      const bool isUnknown = (event.place & kUnknown) != 0;
      const int16_t id = isUnknown ? static_cast<int16_t>(event.place) : type_.fields[event.place].id;
      return writer_.copyField(id, event.start, stop - event.start);
    }
    return true;
  }

  Conversion& conversion_;
  Writer& writer_;
  const Struct& type_;
  // Its first event.
  const size_t first_;
  // Where its output starts.
  const size_t start_;
  const typename Writer::Outer outer_;
  // The place behind those that have come or have been passed over.
  uint32_t next_ = 0;
  bool isOrdered_ = true;
  // Something is absent that may not be.
  bool lacks_ = false;
  bool hasUnknown_ = false;
};

}  // namespace scrimp
