// Bytes that stand somewhere else.

#pragma once

#include <cstdint>

namespace scrimp {

struct Span {
  const uint8_t* data;
  uint32_t size;

  const uint8_t* end() const { return data + size; }
};

}  // namespace scrimp
