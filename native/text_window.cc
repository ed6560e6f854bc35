#include "text_window.h"

#include <cstring>

#include "simd.h"
#include "utf8.h"

namespace scrimp {

namespace {

class Window {
 public:
  Window(const uint8_t* bytes, size_t size, uint16_t* units, uint16_t* index)
      : at_(bytes), end_(bytes + size), unit_(units), units_(units), index_(index) {}

  size_t decode() {
    while (at_ < end_) {
      if (*at_ < 0x80) {
        takeAscii();
      } else if (end_ - at_ >= 4 && isThreeBytes()) {
        do takeThreeBytes();
        while (end_ - at_ >= 4 && isThreeBytes());
      } else {
        takeOther();
      }
    }
    *index_ = count();
    return count();
  }

 private:
  uint16_t count() const { return static_cast<uint16_t>(unit_ - units_); }

  void takeAscii() {
    while (end_ - at_ >= 16) {
      const Mask16 high = Block16::load(at_).high();
      const int count = high.any() ? high.first() : 16;
      const uint16_t first = this->count();
      // Plain loops: compilers make vector code of them. What is written beyond the count is written again.
      for (int i = 0; i < 16; i++) unit_[i] = at_[i];
      for (int i = 0; i < 16; i++) index_[i] = static_cast<uint16_t>(first + i);
      at_ += count;
      unit_ += count;
      index_ += count;
      if (count < 16) return;
    }
    while (at_ < end_ && *at_ < 0x80) {
      *index_++ = count();
      *unit_++ = *at_++;
    }
  }

  // A well-formed character of three bytes. Below U+0800 the form is overlong; U+D800 to U+DFFF are surrogates.
  bool isThreeBytes() const {
    if ((at_[0] & 0xf0) != 0xe0 || ((at_[1] ^ 0x80) | (at_[2] ^ 0x80)) > 0x3f) return false;
    const uint16_t unit = threeBytes();
    return unit >= 0x800 && (unit & 0xf800) != 0xd800;
  }

  uint16_t threeBytes() const {
    return static_cast<uint16_t>((at_[0] & 0x0f) << 12 | (at_[1] & 0x3f) << 6 | (at_[2] & 0x3f));
  }

  void takeThreeBytes() {
    index_[0] = count();
    index_[1] = index_[2] = kNoCut;
    *unit_++ = threeBytes();
    index_ += 3;
    at_ += 3;
  }

  void takeOther() {
    const Utf8Character character = readUtf8Character(at_, end_);
    *index_++ = count();
    for (int i = 1; i < character.length; i++) *index_++ = kNoCut;
    if (!character.isValid) {
      *unit_++ = 0xfffd;
    } else if (character.length == 2) {
      *unit_++ = static_cast<uint16_t>((at_[0] & 0x1f) << 6 | (at_[1] & 0x3f));
    } else if (character.length == 3) {
      *unit_++ = threeBytes();
    } else {
      const uint32_t point = (at_[0] & 0x07u) << 18 | (at_[1] & 0x3fu) << 12 | (at_[2] & 0x3fu) << 6 | (at_[3] & 0x3fu);
      *unit_++ = static_cast<uint16_t>(0xd7c0 + (point >> 10));
      *unit_++ = static_cast<uint16_t>(0xdc00 | (point & 0x3ff));
    }
    at_ += character.length;
  }

  const uint8_t* at_;
  const uint8_t* const end_;
  uint16_t* unit_;
  uint16_t* const units_;
  uint16_t* index_;
};

}  // namespace

size_t decodeWindow(const uint8_t* bytes, size_t size, uint16_t* units, uint16_t* index) {
  return Window(bytes, size, units, index).decode();
}

}  // namespace scrimp
