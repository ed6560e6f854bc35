#include "convert.h"

#include "binary.h"
#include "compact.h"
#include "from_json.h"
#include "from_wire.h"
#include "json_writer.h"
#include "tjson.h"

namespace scrimp {

namespace {

struct Input {
  const uint8_t* begin;
  const uint8_t* end;
};

template <typename Writer>
bool convertTo(Conversion& conversion, Input input) {
  switch (conversion.program.from) {
    case Protocol::kBinary: return FromWire<BinaryReader, Writer>(conversion, input.begin, input.end).run();
    case Protocol::kCompact: return FromWire<CompactReader, Writer>(conversion, input.begin, input.end).run();
    case Protocol::kTJson: return FromWire<TJsonReader, Writer>(conversion, input.begin, input.end).run();
    case Protocol::kJson: return FromJson<Writer>(conversion, input.begin, input.end).run();
    default: return false;
  }
}

bool run(Conversion& conversion, Input input) {
  switch (conversion.program.to) {
    case Protocol::kBinary: return convertTo<BinaryWriter>(conversion, input);
    case Protocol::kCompact: return convertTo<CompactWriter>(conversion, input);
    case Protocol::kTJson: return convertTo<TJsonWriter>(conversion, input);
    case Protocol::kJson: return convertTo<JsonWriter>(conversion, input);
    case Protocol::kNone: return convertTo<NullWriter>(conversion, input);
    default: return false;
  }
}

}  // namespace

Status convert(const Program& program, const uint8_t* bytes, size_t size, Output& output) {
  if (!(static_cast<double>(size) <= program.limits.maxMessageBytes)) return Status::kRefused;
  if (size > kMostInput) return Status::kDeclined;
  // An empty array may stand nowhere; no pointer of ours is null.
  static constexpr uint8_t kNothing = 0;
  if (bytes == nullptr) bytes = &kNothing;
  Conversion conversion(program, output);
  if (run(conversion, {bytes, bytes + size})) return Status::kOk;
  return output.isFull() ? Status::kNoRoom : conversion.failure;
}

}  // namespace scrimp
