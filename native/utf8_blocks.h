// Whether text is UTF-8, sixteen bytes at a time.

#pragma once

#include <cstddef>
#include <cstdint>

namespace scrimp {

// Below this many bytes it takes longer to begin than to go byte by byte.
constexpr ptrdiff_t kFewestBlockBytes = 32;

// True when the text is well-formed UTF-8; false also where the processor cannot tell this way.
bool areBlocksValid(const uint8_t* at, const uint8_t* end);

}  // namespace scrimp
