#include "json_reader.h"

#include <algorithm>

#include "base64.h"
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
  if (!take('"')) return false;
  *hasLoneSurrogate = false;
  const uint8_t* const stop = findStringEnd(at_, end_);
  if (stop == end_) return false;
  if (*stop == '"') {
    *content = {at_, static_cast<uint32_t>(stop - at_)};
    at_ = stop + 1;
    return true;
  }
  return (*stop == '\\' || isLax_) && readEscaped(content, hasLoneSurrogate);
}

bool JsonReader::readEscaped(Span* content, bool* hasLoneSurrogate) {
  Stack<uint8_t, kInlineText>& room = conversion_.text;
  room.shrink(0);
  for (;;) {
    const size_t size = std::min(static_cast<size_t>(end_ - at_), kTextChunk);
    if (!reserveText(size + kUnescapeSlack)) return false;
    TextCursor cursor{at_, room.data() + room.size()};
    const uint8_t* const stop = at_ + size;
    if (!unescape(cursor, stop, end_, hasLoneSurrogate)) return false;
    room.shrink(static_cast<size_t>(cursor.to - room.data()));
    at_ = cursor.at;
    if (at_ >= stop && at_ < end_) continue;
    if (isLax_ && at_ < end_ && *at_ < 0x20) {
      // There is room, as not all of the slack is used.
      room.data()[room.size()] = *at_++;
      room.extend(1);
      continue;
    }
    *content = {room.data(), static_cast<uint32_t>(room.size())};
    return takeQuote();
  }
}

bool JsonReader::reserveText(size_t size) {
  if (conversion_.text.reserve(size)) return true;
  conversion_.failure = Status::kDeclined;
  return false;
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
  Stack<uint8_t, kInlineText>& room = conversion_.text;
  // The text may stand there itself: the copy goes behind it.
  const bool isInRoom = text->data == room.data();
  const size_t used = isInRoom ? text->size : 0;
  room.shrink(used);
  if (!reserveText(static_cast<size_t>(text->size) * kLossyGrowth)) return false;
  if (isInRoom) text->data = room.data();
  uint8_t* const to = room.data() + used;
  const uint8_t* const end = copyUtf8Lossy(text->data, text->end(), to);
  // Sizes are of 32 bits: the greatest input becomes more than that.
  if (static_cast<size_t>(end - to) > 0x7fffffff) {
    conversion_.failure = Status::kDeclined;
    return false;
  }
  *text = {to, static_cast<uint32_t>(end - to)};
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

bool JsonReader::skipString() {
  Span ignored;
  bool hasLoneSurrogate;
  return readContent(&ignored, &hasLoneSurrogate) && isWithinLimit(ignored);
}

bool JsonReader::readBase64(Span* bytes) {
  Span text;
  bool hasLoneSurrogate;
  if (!readContent(&text, &hasLoneSurrogate)) return false;
  const ptrdiff_t length = base64Length(text.data, text.size);
  if (length < 0 || static_cast<size_t>(length) > conversion_.program.limits.maxStringBytes) return false;
  // Behind the text, which may stand in the same memory.
  Stack<uint8_t, kInlineText>& room = conversion_.text;
  const bool isInRoom = text.data == room.data();
  room.shrink(isInRoom ? text.size : 0);
  if (!reserveText(static_cast<size_t>(length))) return false;
  uint8_t* const to = room.data() + room.size();
  if (!scrimp::readBase64(isInRoom ? room.data() : text.data, text.size, to)) return false;
  *bytes = {to, static_cast<uint32_t>(length)};
  return true;
}

bool JsonReader::skipScalar(uint8_t first) {
  if (first == '"') return skipString();
  bool value;
  if (first == 't' || first == 'f') return readBool(&value);
  if (first == 'n') return readNull();
  const uint8_t* behind = skipNumber(at_, end_);
  if (behind == nullptr) return false;
  at_ = behind;
  return true;
}

}  // namespace scrimp
