// What one conversion carries along.

#pragma once

#include <cstdint>

#include "output.h"
#include "program.h"
#include "stack.h"

namespace scrimp {

enum class Status : int32_t {
  kOk = 0,
  // Input or output break a rule: the JavaScript codecs say which.
  kRefused = -1,
  // The output does not fit into memory that may not grow.
  kNoRoom = -2,
  // Nothing is wrong but that it is not for native code: too deep for the stack, too long, or memory is short.
  kDeclined = -3,
};

// Structs, containers and unknown values that may stand inside each other: what the stack of any thread holds.
constexpr uint32_t kMostNesting = 1000;

// Offsets, lengths and sizes of the input fit 31 bits.
constexpr size_t kMostInput = 0x7fffffff;

// Text of JSON up to this size needs no memory from the heap.
constexpr size_t kInlineText = 2048;

// A field of a struct that is being written: where its output starts. The next one starts where it ends.
struct Event {
  uint32_t place;
  uint32_t start;
};

struct Conversion {
  Conversion(const Program& program, Output& output)
      : program(program), output(output), heap(program.limits.maxHeapBytes) {}

  const Program& program;
  Output& output;
  // What is left of the heap budget.
  double heap;
  // Structs open at this point, of those that count.
  uint32_t depth = 0;
  // Everything open at this point.
  uint32_t nesting = 0;
  // Why a function returned false.
  Status failure = Status::kRefused;
  // Of all structs that are open.
  Stack<Event, 128> events;
  // For a struct that is put in order: by place the last event, or none.
  Stack<uint32_t, 64> last;
  // Text without its escapes.
  Stack<uint8_t, kInlineText> text;

  bool isStrict() const { return program.has(Program::kStrictUtf8); }

  // Charges to the budget.
  [[nodiscard]] bool charge(double bytes) { return (heap -= bytes) >= 0; }

  [[nodiscard]] bool enter() {
    if (++nesting <= kMostNesting) return true;
    failure = Status::kDeclined;
    return false;
  }
  void leave() { nesting--; }

  [[nodiscard]] bool enterStruct(const Struct& type) {
    if (!enter()) return false;
    if (type.countsDepth && ++depth > program.limits.maxDepth) return false;
    return charge(type.heapBytes);
  }
  void leaveStruct(const Struct& type) {
    leave();
    if (type.countsDepth) depth--;
  }
};

}  // namespace scrimp
