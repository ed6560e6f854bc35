#include "output.h"

namespace scrimp {

bool Output::grow(size_t count) {
  const size_t used = written();
  isFull_ = true;
  if (used > limit_ || count > limit_ - used) return false;
  size_t capacity = static_cast<size_t>(end_ - begin_);
  capacity = capacity > limit_ / 2 ? limit_ : capacity * 2;
  if (capacity < used + count) capacity = used + count;
  void* memory = std::realloc(owned_, capacity);
  if (memory == nullptr) return false;
  if (owned_ == nullptr && used > 0) std::memcpy(memory, begin_, used);
  owned_ = static_cast<uint8_t*>(memory);
  begin_ = owned_;
  end_ = begin_ + capacity;
  at = begin_ + used;
  isFull_ = false;
  return true;
}

}  // namespace scrimp
