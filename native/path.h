// The way to a value inside a message, as src/transcode/lower-path.ts draws it, checked once.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "span.h"
#include "ttype.h"

namespace scrimp {

enum class StepKind : uint32_t { kField, kIndex, kKey };

// One part of a path.
struct Step {
  StepKind kind;
  // Wire type of the value that it leads to, and of the keys beside it.
  TType type;
  TType keyType;
  // Id of a field; index of an element.
  int32_t number;
  // The key: an integer or bool, or the bytes of text or a UUID.
  int64_t key;
  Span text;
};

class Path {
 public:
  // The stack of a thread holds so many and what is skipped beside them.
  static constexpr size_t kMostSteps = 100;

  // Copies and checks a path. nullptr for what is none, or one that is too long.
  static std::unique_ptr<const Path> load(const uint8_t* bytes, size_t size);

  Path(const Path&) = delete;
  Path& operator=(const Path&) = delete;

  size_t size() const { return steps_.size(); }
  const Step& operator[](size_t depth) const { return steps_[depth]; }

 private:
  Path() = default;

  [[nodiscard]] bool loadStep(size_t at);
  bool isConnected() const;

  std::vector<Step> steps_;
  std::vector<uint8_t> bytes_;
};

}  // namespace scrimp
