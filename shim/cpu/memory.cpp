#include "memory.h"

#include <sys/mman.h>

#include <atomic>
#include <cstdlib>

namespace sinter {

namespace {
std::atomic<int64_t> allocations{0};

// Memory streamed over at this size and above misses the address translation cache often enough that large pages pay for being cleared.
constexpr uint64_t kHugePage = 2 << 20, kHugeBytes = 16 << 20;

struct Scratch {
  char *memory = nullptr;
  uint64_t bytes = 0;
};
Scratch scratch[kScratchSlots];
}  // namespace

void *aligned_allocate(uint64_t bytes) {
  if (bytes > (uint64_t(1) << 46)) return nullptr;
  void *memory = nullptr;
  // Larger blocks start on a page. A load whose address agrees in the low 12 bits with an earlier store's waits for it; where all blocks agree, a
  // loop over several of them meets that only for the element it has just left, not for those ahead.
  const bool huge = bytes >= kHugeBytes;
  const uint64_t alignment = huge ? kHugePage : bytes >= 4096 ? 4096 : uint64_t(kAlignment);
  const uint64_t total = (bytes + kPadding + kAlignment - 1) / kAlignment * kAlignment;
  if (posix_memalign(&memory, alignment, total) != 0) return nullptr;
#if defined(MADV_HUGEPAGE)
  if (huge) madvise(memory, total / kHugePage * kHugePage, MADV_HUGEPAGE);  // only a hint
#endif
  allocations.fetch_add(1, std::memory_order_relaxed);
  return memory;
}

void aligned_release(void *memory) { free(memory); }

void *plain_resize(void *memory, uint64_t bytes) {
  void *result = realloc(memory, bytes ? bytes : 1);
  if (result) allocations.fetch_add(1, std::memory_order_relaxed);
  return result;
}

void plain_release(void *memory) { free(memory); }

int64_t system_allocations() { return allocations.load(std::memory_order_relaxed); }

char *run_scratch(int slot, uint64_t bytes) {
  Scratch &block = scratch[slot];
  if (!block.memory || block.bytes < bytes) {
    aligned_release(block.memory);
    block.memory = static_cast<char *>(aligned_allocate(bytes));
    block.bytes = block.memory ? bytes : 0;
  }
  return block.memory;
}

}  // namespace sinter
