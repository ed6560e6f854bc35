// The target of fuzz.ts. An input is | what, program 2 | ... |; programs come from the file that SCRIMP_FUZZ_PROGRAMS
// names: | size 4 | program ... | and so on, little-endian. The two highest bits of the first two bytes say what it is:
//
//     0  | program 2 | message ... |                             converted
//     1  | program 2 | path size 2 | path ... | message ... |    searched
//     2  | program 2 | what to change ... | message ... |        converted by a changed program

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "../../native/convert.h"
#include "../../native/find.h"

namespace {

using scrimp::Found;
using scrimp::FoundKind;
using scrimp::Output;
using scrimp::Path;
using scrimp::Program;
using scrimp::Status;

constexpr size_t kMostOutput = 64 * 1024 * 1024;

std::vector<std::string> programTexts;
std::vector<std::unique_ptr<const Program>> programs;

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

void loadPrograms() {
  const char* path = std::getenv("SCRIMP_FUZZ_PROGRAMS");
  if (path == nullptr) fail("SCRIMP_FUZZ_PROGRAMS names no file");
  std::ifstream file(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  for (size_t at = 0; at + 4 <= text.size();) {
    uint32_t size;
    std::memcpy(&size, text.data() + at, 4);
    programTexts.push_back(text.substr(at + 4, size));
    at += 4 + size;
    const std::string& program = programTexts.back();
    programs.push_back(Program::load(reinterpret_cast<const uint8_t*>(program.data()), program.size()));
    if (programs.back() == nullptr) fail("a program does not load");
  }
  if (programs.empty()) fail("there are no programs");
}

// The same whatever memory it is lent: all of it, a little, none.
void convertTwice(const Program& program, const uint8_t* bytes, size_t size) {
  static std::vector<uint8_t> lent(1 << 20);
  Output first(lent.data(), lent.size(), kMostOutput);
  const Status status = scrimp::convert(program, bytes, size, first);
  uint8_t little[8];
  Output second(little, size % 8, kMostOutput);
  if (scrimp::convert(program, bytes, size, second) != status) fail("the memory decides about success");
  if (status != Status::kOk) return;
  if (first.written() != second.written()) fail("the memory decides about the size");
  if (first.written() > 0 && std::memcmp(first.begin(), second.begin(), first.written()) != 0) {
    fail("the memory decides about the output");
  }
}

// Places follow each other within the message, and JavaScript may slice it there.
void checkPlaces(const Found& found, size_t size) {
  const auto [start, second, third, fourth, fifth, sixth] = found.places;
  const int32_t end = static_cast<int32_t>(size);
  bool isRight = found.kind == FoundKind::kNowhere;
  switch (found.kind) {
    case FoundKind::kNowhere: break;
    case FoundKind::kValue: isRight = 0 <= start && start < second && second <= end; break;
    case FoundKind::kFolded: isRight = 0 <= start && second == start + 1 && second <= end; break;
    case FoundKind::kFieldGap:
      isRight = 0 <= start && start <= second && second < end && (third == 1) == (start == second);
      break;
    case FoundKind::kEntryGap:
      isRight = 0 <= start && start <= third && third < fourth && fourth <= sixth && sixth <= second && second <= end &&
                fifth >= 0;
      break;
  }
  if (!isRight) fail("what was found stands beside the message");
}

void findByPath(const Program& program, const uint8_t* bytes, size_t size) {
  if (size < 2) return;
  const size_t pathSize = std::min<size_t>(bytes[0] | bytes[1] << 8, size - 2);
  // Memory of their own, so that reading beyond the end is seen.
  const std::vector<uint8_t> pathBytes(bytes + 2, bytes + 2 + pathSize);
  const std::vector<uint8_t> message(bytes + 2 + pathSize, bytes + size);
  size_t end = 0;
  const size_t offset = message.empty() ? 0 : message[0] % (message.size() + 1);
  if (scrimp::skipStruct(program, message.data(), message.size(), offset, &end) &&
      !(offset < end && end <= message.size())) {
    fail("stepped over more than the message");
  }
  const auto path = Path::load(pathBytes.data(), pathBytes.size());
  Found found;
  if (path == nullptr || !scrimp::find(program, *path, message.data(), message.size(), &found)) return;
  checkPlaces(found, message.size());
}

// Words of a program are overwritten: | place 2 | word 4 | each.
void loadChanged(std::string program, const uint8_t* changes, size_t size, const uint8_t* message, size_t messageSize) {
  for (; size >= 6; changes += 6, size -= 6) {
    const size_t words = program.size() / 4;
    const size_t place = (changes[0] | changes[1] << 8) % words;
    std::memcpy(&program[place * 4], changes + 2, 4);
  }
  const auto changed = Program::load(reinterpret_cast<const uint8_t*>(program.data()), program.size());
  if (changed == nullptr) return;
  Output output(nullptr, 0, 1 << 20);
  (void)scrimp::convert(*changed, message, messageSize, output);
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  loadPrograms();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const unsigned number = data[0] | data[1] << 8;
  const size_t index = (number & 0x3fff) % programs.size();
  data += 2;
  size -= 2;
  const unsigned what = number >> 14;
  if (what == 0) {
    convertTwice(*programs[index], data, size);
  } else if (what == 1) {
    findByPath(*programs[index], data, size);
  } else if (size > 0) {
    const size_t changes = std::min<size_t>(size - 1, data[0] % 8 * 6);
    loadChanged(programTexts[index], data + 1, changes, data + 1 + changes, size - 1 - changes);
  }
  return 0;
}
