// gemm_scratch.cpp: a few blocks wait in slots; a caller takes one out, so that two callers never share.
#include "gemm_scratch.h"

#include <stdlib.h>
#if defined(__linux__)
#include <sys/mman.h>
#endif

#include <atomic>

namespace sinter {
namespace {

// What is kept is bounded by the number of slots times the largest request, which the blocking of the product bounds.
constexpr int slot_count = 2;
constexpr size_t header = 64;
constexpr size_t huge_page = 2u << 20;

std::atomic<void *> slots[slot_count];
std::atomic<int64_t> allocations{0};

size_t &size_of(void *block) { return *reinterpret_cast<size_t *>(static_cast<char *>(block) - header); }

void release(void *block) { free(static_cast<char *>(block) - header); }

// Sizes are rounded up by at most a quarter, so that slowly growing requests do not allocate each time.
size_t rounded(size_t bytes) {
  size_t step = 4096;
  while (step * 8 < bytes) step *= 2;
  return (bytes + step - 1) / step * step;
}

}  // namespace

void *scratch_take(size_t bytes) {
  for (std::atomic<void *> &slot : slots) {
    if (!slot.load(std::memory_order_relaxed)) continue;
    void *block = slot.exchange(nullptr, std::memory_order_acquire);
    if (!block) continue;
    if (size_of(block) >= bytes) return block;
    release(block);
  }
  size_t size = rounded(bytes + header);
  void *memory = nullptr;
  if (size < bytes || posix_memalign(&memory, size >= huge_page ? huge_page : header, size) != 0) return nullptr;
#if defined(__linux__)
  if (size >= huge_page) madvise(memory, size, MADV_HUGEPAGE);
#endif
  allocations.fetch_add(1, std::memory_order_relaxed);
  void *block = static_cast<char *>(memory) + header;
  size_of(block) = size - header;
  return block;
}

void scratch_give(void *block) {
  if (!block) return;
  for (std::atomic<void *> &slot : slots) {
    void *empty = nullptr;
    if (slot.compare_exchange_strong(empty, block, std::memory_order_release, std::memory_order_relaxed)) return;
  }
  release(block);
}

int64_t scratch_allocations() { return allocations.load(std::memory_order_relaxed); }

}  // namespace sinter
