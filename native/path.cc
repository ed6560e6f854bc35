#include "path.h"

#include <cstring>
#include <utility>

namespace scrimp {

namespace {

constexpr size_t kWordBytes = 4;
constexpr size_t kStepWords = 8;
constexpr size_t kStepBytes = kStepWords * kWordBytes;

uint32_t wordAt(const uint8_t* at) {
  uint32_t word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

bool isKeyType(uint32_t type) {
  constexpr uint32_t kKeyTypes =
      1u << kBool | 1u << kI8 | 1u << kI16 | 1u << kI32 | 1u << kI64 | 1u << kString | 1u << kUuid;
  return type <= kUuid && (kKeyTypes >> type & 1) != 0;
}

}  // namespace

bool Path::loadStep(size_t at) {
  uint32_t words[kStepWords];
  for (size_t i = 0; i < kStepWords; i++) words[i] = wordAt(bytes_.data() + at + i * kWordBytes);
  const auto [kind, type, keyType, number, low, high, offset, length] = words;
  if (kind > static_cast<uint32_t>(StepKind::kKey) || type > kUuid || !isValueType(static_cast<uint8_t>(type))) {
    return false;
  }
  if (offset > bytes_.size() || length > bytes_.size() - offset) return false;
  if (kind == static_cast<uint32_t>(StepKind::kKey)) {
    if (!isKeyType(keyType) || (keyType == kUuid && length != kUuidBytes)) return false;
  } else if (keyType != kStop) {
    return false;
  }
  steps_.push_back({static_cast<StepKind>(kind),
                    static_cast<TType>(type),
                    static_cast<TType>(keyType),
                    static_cast<int32_t>(number),
                    static_cast<int64_t>(static_cast<uint64_t>(high) << 32 | low),
                    {bytes_.data() + offset, length}});
  return true;
}

// A message is a struct, and so is what has fields; maps alone have keys, lists and sets indices.
bool Path::isConnected() const {
  TType around = kStruct;
  for (const Step& step : steps_) {
    const bool fits = step.kind == StepKind::kField ? around == kStruct
                      : step.kind == StepKind::kKey ? around == kMap
                                                    : around == kList || around == kSet;
    if (!fits) return false;
    around = step.type;
  }
  return true;
}

std::unique_ptr<const Path> Path::load(const uint8_t* bytes, size_t size) {
  if (size < kWordBytes) return nullptr;
  const size_t count = wordAt(bytes);
  if (count == 0 || count > kMostSteps || count > (size - kWordBytes) / kStepBytes) return nullptr;
  std::unique_ptr<Path> path(new Path());
  path->bytes_.assign(bytes, bytes + size);
  for (size_t i = 0; i < count; i++) {
    if (!path->loadStep(kWordBytes + i * kStepBytes)) return nullptr;
  }
  return path->isConnected() ? std::move(path) : nullptr;
}

}  // namespace scrimp
