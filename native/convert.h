// Runs a program over a message.

#pragma once

#include "conversion.h"

namespace scrimp {

// Converts a message into `output`. Whatever it says but kOk, what was written is worth nothing.
Status convert(const Program& program, const uint8_t* bytes, size_t size, Output& output);

}  // namespace scrimp
