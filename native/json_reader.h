// JSON (RFC 8259) a token at a time: src/protocol/json/scanner.ts has the rules.

#pragma once

#include <cstring>

#include "conversion.h"
#include "json_number.h"
#include "json_text.h"

namespace scrimp {

class JsonReader {
 public:
  // Where TJSONProtocol deviates from RFC 8259, as some libraries write it: control characters in strings, zeros before
  // the digits of a number.
  enum class Grammar : uint8_t { kStrict, kLax };

  JsonReader(Conversion& conversion, const uint8_t* at, const uint8_t* end, Grammar grammar = Grammar::kStrict)
      : conversion_(conversion), at_(at), end_(end), isLax_(grammar == Grammar::kLax) {}

  const uint8_t* at() const { return at_; }
  size_t left() const { return static_cast<size_t>(end_ - at_); }

  void skipSpace() {
    while (at_ < end_ && isBlank(*at_)) at_++;
  }

  // The first byte that is no blank, 0 at the end of the input.
  uint8_t peek() {
    skipSpace();
    return at_ < end_ ? *at_ : 0;
  }

  // Steps over a character where it comes next.
  [[nodiscard]] bool take(uint8_t character) {
    if (peek() != character) return false;
    at_++;
    return true;
  }

  // Steps over bytes where they stand right here.
  [[nodiscard]] bool takeBytes(Span bytes) {
    if (static_cast<size_t>(end_ - at_) < bytes.size || std::memcmp(at_, bytes.data, bytes.size) != 0) return false;
    at_ += bytes.size;
    return true;
  }

  bool isAtEnd() const { return at_ == end_; }

  [[nodiscard]] bool readBool(bool* value) {
    *value = peek() == 't';
    return *value ? takeWord("true", 4) : peek() == 'f' && takeWord("false", 5);
  }

  // True where the next value is null, which is stepped over when it is well formed.
  bool isNull() { return peek() == 'n'; }
  [[nodiscard]] bool readNull() { return takeWord("null", 4); }

  // Numbers stand right here: no blanks before, as they may be in quotes.
  [[nodiscard]] bool readInteger(int64_t least, int64_t greatest, int64_t* value) {
    const uint8_t* behind = scrimp::readInteger(at_, end_, isLax_, value);
    if (behind == nullptr || *value < least || *value > greatest) return false;
    at_ = behind;
    return true;
  }

  [[nodiscard]] bool readDouble(double* value) {
    const uint8_t* behind = scrimp::readDouble(at_, end_, isLax_, value);
    if (behind == nullptr) return false;
    at_ = behind;
    return true;
  }

  // True at text that spells digits, not a word.
  bool spellsDigits() const {
    const uint8_t* at = at_ + 1;
    if (at < end_ && *at == '-') at++;
    return at < end_ && *at >= '0' && *at <= '9';
  }

  [[nodiscard]] bool takeQuote() {
    if (at_ == end_ || *at_ != '"') return false;
    at_++;
    return true;
  }

  // The bytes of a string without its escapes, good until the next one is read.
  [[nodiscard]] bool readContent(Span* content, bool* hasLoneSurrogate);

  // The text of a value: no longer than the limit, and UTF-8, which lossy text is made.
  [[nodiscard]] bool readText(Span* text);

  // The bytes of a value that is text: as they are, but UTF-8 in strict mode.
  [[nodiscard]] bool readTextBytes(Span* bytes);

  // The name of a member, which no limit bounds.
  [[nodiscard]] bool readName(Span* name);

  // The bytes that base64 stands for, good until the next string is read.
  [[nodiscard]] bool readBase64(Span* bytes);

  // Steps over a string that is a value.
  [[nodiscard]] bool skipString();

  // Steps over a value in which at most `maxDepth` objects and arrays stand inside each other.
  [[nodiscard]] bool skipValue(uint32_t maxDepth);

 private:
  static bool isBlank(uint8_t byte) { return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t'; }

  [[nodiscard]] bool takeWord(const char* word, size_t size) {
    if (static_cast<size_t>(end_ - at_) < size || std::memcmp(at_, word, size) != 0) return false;
    at_ += size;
    return true;
  }

  // So much text is unescaped at a time, for which there is room.
  static constexpr size_t kTextChunk = 1024;

  // A string with escapes, whose opening quote has been taken.
  [[nodiscard]] bool readEscaped(Span* content, bool* hasLoneSurrogate);
  [[nodiscard]] bool reserveText(size_t size);

  [[nodiscard]] bool skipScalar(uint8_t first);
  [[nodiscard]] bool skipName();
  [[nodiscard]] bool isWithinLimit(Span content) const {
    return content.size <= conversion_.program.limits.maxStringBytes;
  }
  [[nodiscard]] bool makeSound(Span* text);

  Conversion& conversion_;
  const uint8_t* at_;
  const uint8_t* const end_;
  const bool isLax_;
};

}  // namespace scrimp
