#include "json_reader.h"

#include "utf8.h"

namespace scrimp {

namespace {

// Brackets of objects and arrays that are open, a bit each.
class OpenBrackets {
 public:
  uint32_t size() const { return size_; }

  void push(bool isObject) {
    uint64_t& word = words_[size_ / 64];
    const uint64_t bit = uint64_t{1} << size_ % 64;
    word = isObject ? word | bit : word & ~bit;
    size_++;
  }
  void pop() { size_--; }
  bool isObject() const { return (words_[(size_ - 1) / 64] >> (size_ - 1) % 64 & 1) != 0; }

 private:
  uint64_t words_[kMostNesting / 64 + 1];
  uint32_t size_ = 0;
};

}  // namespace

bool JsonReader::readContent(Span* content, bool* hasLoneSurrogate) {
  skipSpace();
  StringToken token;
  const uint8_t* behind = scanString(at_, end_, false, &token);
  if (behind == nullptr) return false;
  at_ = behind;
  *hasLoneSurrogate = false;
  *content = {token.start, static_cast<uint32_t>(token.size())};
  if (!token.hasEscapes) return true;
  conversion_.text.shrink(0);
  if (!conversion_.text.reserve(token.size())) {
    conversion_.failure = Status::kDeclined;
    return false;
  }
  uint8_t* const to = conversion_.text.data();
  const uint8_t* const end = unescape(token, to, hasLoneSurrogate);
  if (end == nullptr) return false;
  *content = {to, static_cast<uint32_t>(end - to)};
  conversion_.text.extend(content->size);
  return true;
}

bool JsonReader::readText(Span* text) {
  bool hasLoneSurrogate;
  if (!readContent(text, &hasLoneSurrogate) || !isWithinLimit(*text)) return false;
  if (!conversion_.isStrict()) return makeSound(text);
  return !hasLoneSurrogate && findMalformed(text->data, text->end()) == text->end();
}

bool JsonReader::readTextBytes(Span* bytes) {
  bool hasLoneSurrogate;
  if (!readContent(bytes, &hasLoneSurrogate) || !isWithinLimit(*bytes)) return false;
  return !conversion_.isStrict() || (!hasLoneSurrogate && findMalformed(bytes->data, bytes->end()) == bytes->end());
}

bool JsonReader::readName(Span* name) {
  bool hasLoneSurrogate;
  return readContent(name, &hasLoneSurrogate) && makeSound(name);
}

// Replaces what is malformed.
bool JsonReader::makeSound(Span* text) {
  if (findMalformed(text->data, text->end()) == text->end()) return true;
  Stack<uint8_t, 512>& room = conversion_.text;
  // The text may stand there itself: the copy goes behind it.
  const bool isInRoom = text->data == room.data();
  const size_t used = isInRoom ? text->size : 0;
  room.shrink(used);
  const size_t most = static_cast<size_t>(text->size) * kLossyGrowth;
  if (most > 0x7fffffff || !room.reserve(most)) {
    conversion_.failure = Status::kDeclined;
    return false;
  }
  if (isInRoom) text->data = room.data();
  uint8_t* const to = room.data() + used;
  const uint8_t* const end = copyUtf8Lossy(text->data, text->end(), to);
  *text = {to, static_cast<uint32_t>(end - to)};
  room.extend(text->size);
  return true;
}

bool JsonReader::skipValue(uint32_t maxDepth) {
  OpenBrackets open;
  do {
    const uint8_t first = peek();
    if (first == '{' || first == '[') {
      if (open.size() >= maxDepth) return false;
      if (open.size() == kMostNesting) {
        conversion_.failure = Status::kDeclined;
        return false;
      }
      at_++;
      const bool isObject = first == '{';
      if (!take(isObject ? '}' : ']')) {
        open.push(isObject);
        if (isObject && !skipName()) return false;
        continue;
      }
    } else if (!skipScalar(first)) {
      return false;
    }
    // Behind a value: closes what ends here, or steps to the next value.
    while (open.size() > 0) {
      if (take(',')) {
        if (open.isObject() && !skipName()) return false;
        break;
      }
      if (!take(open.isObject() ? '}' : ']')) return false;
      open.pop();
    }
  } while (open.size() > 0);
  return true;
}

bool JsonReader::skipName() {
  Span ignored;
  bool hasLoneSurrogate;
  return readContent(&ignored, &hasLoneSurrogate) && take(':');
}

bool JsonReader::skipScalar(uint8_t first) {
  if (first == '"') {
    Span ignored;
    bool hasLoneSurrogate;
    return readContent(&ignored, &hasLoneSurrogate) && isWithinLimit(ignored);
  }
  bool value;
  if (first == 't' || first == 'f') return readBool(&value);
  if (first == 'n') return readNull();
  const uint8_t* behind = skipNumber(at_, end_);
  if (behind == nullptr) return false;
  at_ = behind;
  return true;
}

}  // namespace scrimp
