// What a conversion writes: memory that it is lent, and once that is full, memory that grows.
//
// No size of the input is ever allocated for: memory grows by doubling, as bytes are written, up to a limit.

#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace scrimp {

class Output {
 public:
  // Writes into `memory` as long as `size` suffices, and never more than `limit` bytes in all.
  Output(uint8_t* memory, size_t size, size_t limit)
      : at(memory), begin_(memory), end_(memory + size), limit_(limit), owned_(nullptr) {}
  ~Output() { std::free(owned_); }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  // Where the next byte goes. Whoever writes has reserved, and moves it.
  uint8_t* at;

  // Makes room for `count` bytes at `at`. False when memory or the limit does not allow it.
  [[nodiscard]] bool reserve(size_t count) {
    if (count <= static_cast<size_t>(end_ - at)) [[likely]]
      return true;
    return grow(count);
  }

  // Fetches the cache lines that come kDistance behind the next `count` bytes, which are to be written now: fresh
  // memory is far away. Beyond the end that does nothing. A message of 17 KB takes a quarter less time to write so.
  void fetchAhead(size_t count) const {
    constexpr size_t kLine = 64;
    constexpr size_t kDistance = 1024;
    // Of more the processor fetches the rest by itself.
    constexpr size_t kMost = 2048;
    if (count > kMost) count = kMost;
    for (size_t i = 0; i < count; i += kLine) __builtin_prefetch(at + kDistance + i, 1);
  }

  size_t written() const { return static_cast<size_t>(at - begin_); }
  uint8_t* begin() const { return begin_; }
  // Offset of `at`, which stays good when the memory moves.
  size_t mark() const { return written(); }
  uint8_t* from(size_t mark) const { return begin_ + mark; }

  [[nodiscard]] bool put(uint8_t byte) {
    if (!reserve(1)) return false;
    *at++ = byte;
    return true;
  }

  [[nodiscard]] bool put(const void* bytes, size_t count) {
    if (!reserve(count)) return false;
    // Neither pointer may be null for memcpy, even for no bytes.
    if (count > 0) std::memcpy(at, bytes, count);
    at += count;
    return true;
  }

  // As `put`, for a few bytes that stand where kShortBytes may be read: one move instead of a call of memcpy.
  static constexpr size_t kShortBytes = 16;
  [[nodiscard]] bool putShort(const void* bytes, size_t count) {
    if (count > kShortBytes) return put(bytes, count);
    if (!reserve(kShortBytes)) return false;
    std::memcpy(at, bytes, kShortBytes);
    at += count;
    return true;
  }

  // Appends bytes that were written before.
  [[nodiscard]] bool copy(size_t mark, size_t count) {
    if (!reserve(count)) return false;
    std::memcpy(at, begin_ + mark, count);
    at += count;
    return true;
  }

  // Puts what was written from `from` on in the place of what was from `to` on.
  void moveBack(size_t to, size_t from) {
    const size_t count = written() - from;
    std::memmove(begin_ + to, begin_ + from, count);
    at = begin_ + to + count;
  }

  // True when room was asked for that there was not.
  bool isFull() const { return isFull_; }

  // True when what was written is no longer in the memory that was lent.
  bool hasOwnMemory() const { return owned_ != nullptr; }

  // Hands the memory over, to be freed with free(). There is some.
  uint8_t* release() {
    uint8_t* memory = owned_;
    owned_ = nullptr;
    return memory;
  }

 private:
  [[nodiscard]] bool grow(size_t count);

  uint8_t* begin_;
  uint8_t* end_;
  size_t limit_;
  uint8_t* owned_;
  bool isFull_ = false;
};

}  // namespace scrimp
