// sort_table.h: loops that sort unsigned keys with vectors, where the instruction set can pack the chosen lanes of one (AVX-512); null where it cannot.
#pragma once
#include <cstdint>

namespace sinter {

// Keys that may be written behind the spare keys that are asked for, whole vectors at a time.
constexpr int64_t kSortSlack = 16;
// A range of keys is split at up to kSplitters of them.
constexpr int kSplitters = 31;

template <class K>
struct SortLoops {
  // Sorts keys[0..n-1]; spare: n + kSortSlack keys.
  void (*sort)(K *keys, K *spare, int64_t n);

  // Adds to counts[b] how many of the keys are at or above b of the ascending splitters.
  void (*count)(const K *keys, int64_t n, const K *splitters, int splits, int64_t *counts);

  // Appends every key to to[b], which moves on, where it is at or above b of the splitters. Writes nothing at ends[b] and behind.
  void (*deal)(const K *keys, int64_t n, const K *splitters, int splits, K **to, K *const *ends);
};

struct SortTable {
  SortLoops<uint32_t> narrow;
  SortLoops<uint64_t> wide;
};

// That of the instruction set in use.
const SortTable &sort_table();

#define SINTER_SORT_VARIANT(isa) \
  namespace isa {                \
  extern const SortTable sort_table; \
  }
SINTER_SORT_VARIANT(base)
SINTER_SORT_VARIANT(avx2)
SINTER_SORT_VARIANT(avx512)
SINTER_SORT_VARIANT(neon)
#undef SINTER_SORT_VARIANT

}  // namespace sinter
