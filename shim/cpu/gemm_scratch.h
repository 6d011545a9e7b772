// gemm_scratch.h: working memory of matrix products, kept between calls.
#pragma once
#include <cstddef>
#include <cstdint>

namespace sinter {

// A block of at least `bytes`, 64-byte aligned and not cleared; null if the system has none. Any thread may take and give.
void *scratch_take(size_t bytes);
void scratch_give(void *block);

// How often the system was asked for memory so far.
int64_t scratch_allocations();

}  // namespace sinter
