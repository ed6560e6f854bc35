// A stack of plain records that starts in memory of its own and grows on the heap; memory that it has it keeps.

#pragma once

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <type_traits>

namespace scrimp {

template <typename T, size_t kInline>
class Stack {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  Stack() = default;
  ~Stack() {
    if (items_ != inline_) std::free(items_);
  }
  Stack(const Stack&) = delete;
  Stack& operator=(const Stack&) = delete;

  size_t size() const { return size_; }
  T& operator[](size_t index) { return items_[index]; }
  T* data() { return items_; }

  [[nodiscard]] bool push(T item) {
    if (!reserve(1)) return false;
    items_[size_++] = item;
    return true;
  }

  // Makes room for more items, which then stand at data() + size().
  [[nodiscard]] bool reserve(size_t count) {
    if (count <= capacity_ - size_) [[likely]]
      return true;
    return grow(count);
  }

  void shrink(size_t size) { size_ = size; }
  // To items that have been put into reserved room.
  void extend(size_t count) { size_ += count; }

 private:
  [[nodiscard]] bool grow(size_t count) {
    size_t capacity = capacity_ * 2;
    if (capacity < size_ + count) capacity = size_ + count;
    void* memory = std::realloc(items_ == inline_ ? nullptr : items_, capacity * sizeof(T));
    if (memory == nullptr) return false;
    if (items_ == inline_) std::memcpy(memory, inline_, size_ * sizeof(T));
    items_ = static_cast<T*>(memory);
    capacity_ = capacity;
    return true;
  }

  T inline_[kInline];
  T* items_ = inline_;
  size_t size_ = 0;
  size_t capacity_ = kInline;
};

}  // namespace scrimp
