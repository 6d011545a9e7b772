// memory.h: counted allocation and a growable array of plain values.
#pragma once
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace sinter {

// Every buffer and scratch block has this many readable and writable bytes behind its end, so that kernels may touch whole vectors.
constexpr int64_t kPadding = 64;
constexpr int64_t kAlignment = 64;

// 64-byte aligned memory of bytes + kPadding, null when the system has none. Counted as one system allocation.
void *aligned_allocate(uint64_t bytes);
void aligned_release(void *memory);

// Plain memory for plans and tables, counted as well.
void *plain_resize(void *memory, uint64_t bytes);
void plain_release(void *memory);

int64_t system_allocations();

// Scratch memory that belongs to the run in progress: one growing block per slot, kept between runs. Only the thread that runs may call it,
// outside of parallel work. Null when the system has no memory.
char *run_scratch(int slot, uint64_t bytes);
// Slots: what asks for it. kScratchSlots is their number.
constexpr int kScratchTiles = 0, kScratchPartials = 1, kScratchSort = 2, kScratchBinding = 3, kScratchWindows = 4, kScratchMatrices = 5,
              kScratchAttention = 6, kScratchRecurrent = 7, kScratchSlots = 8;

// A growable array of trivially copyable values. Operations that grow return false when memory is short.
template <class T>
class Array {
  static_assert(std::is_trivially_copyable<T>::value, "plain values only");

 public:
  Array() = default;
  Array(const Array &) = delete;
  Array &operator=(const Array &) = delete;
  ~Array() { plain_release(data_); }

  T *data() { return data_; }
  const T *data() const { return data_; }
  int64_t size() const { return size_; }
  T &operator[](int64_t index) { return data_[index]; }
  const T &operator[](int64_t index) const { return data_[index]; }
  T *begin() { return data_; }
  T *end() { return data_ + size_; }
  const T *begin() const { return data_; }
  const T *end() const { return data_ + size_; }

  bool resize(int64_t size) {
    if (size > capacity_) {
      const int64_t capacity = size > capacity_ * 2 ? size : capacity_ * 2;
      void *grown = plain_resize(data_, uint64_t(capacity) * sizeof(T));
      if (!grown) return false;
      data_ = static_cast<T *>(grown);
      capacity_ = capacity;
    }
    if (size > size_) memset(static_cast<void *>(data_ + size_), 0, uint64_t(size - size_) * sizeof(T));
    size_ = size;
    return true;
  }

  bool push(const T &value) {
    const T copy = value;
    if (!resize(size_ + 1)) return false;
    data_[size_ - 1] = copy;
    return true;
  }

 private:
  T *data_ = nullptr;
  int64_t size_ = 0, capacity_ = 0;
};

}  // namespace sinter
