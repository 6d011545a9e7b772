// gemm_simd.h: vector types and blocking of the instruction set being compiled. Included only by per-ISA files; everything is in its
// namespace, because an inline function that two instruction sets shared would be merged by the linker and could run on the wrong machine.
#pragma once
#include <cstdint>

#ifndef SINTER_ISA
#error "compile with -DSINTER_ISA=base|avx2|avx512|neon"
#endif

// Products are accumulated with fused multiply-add whatever the rest of the library is compiled with.
#if defined(__clang__)
#pragma clang fp contract(fast)
#elif defined(__GNUC__)
#pragma GCC optimize("O2", "fp-contract=fast")  // -O3 makes packing slower by a fifth
#endif

#pragma GCC diagnostic ignored "-Wpsabi"  // vectors are passed between static functions only

namespace sinter {
namespace SINTER_ISA {

// Vector bytes, and the accumulator tile: `tile_rows` x `tile_vectors` registers, which leaves room for one row of B and a broadcast.
#if defined(__AVX512F__)
constexpr int vector_bytes = 64, tile_rows = 12, tile_vectors = 2;
constexpr int64_t depth_bytes = 2048, block_rows = 240;
#elif defined(__AVX2__)
constexpr int vector_bytes = 32, tile_rows = 6, tile_vectors = 2;
constexpr int64_t depth_bytes = 1536, block_rows = 144;
#elif defined(__aarch64__)
constexpr int vector_bytes = 16, tile_rows = 8, tile_vectors = 3;
constexpr int64_t depth_bytes = 1536, block_rows = 144;
#else
constexpr int vector_bytes = 16, tile_rows = 6, tile_vectors = 2;
constexpr int64_t depth_bytes = 1536, block_rows = 144;
#endif

template <class T>
struct Simd {
  typedef T Vector __attribute__((vector_size(vector_bytes)));
  typedef T Quad __attribute__((vector_size(4 * sizeof(T))));
  static constexpr int lanes = vector_bytes / sizeof(T);
  static constexpr int width = tile_vectors * lanes;
};

template <class V, class T>
static inline V load(const T *from) {
  V value;
  __builtin_memcpy(&value, from, sizeof value);
  return value;
}

template <class V, class T>
static inline void store(T *to, V value) {
  __builtin_memcpy(to, &value, sizeof value);
}

// Division of the rows of a block into panels of at most tile_rows, as even as possible, in units of 4 rows where tiles are that high
// (packing transposes 4 x 4).
struct Panels {
  static constexpr int64_t unit = tile_rows % 4 == 0 ? 4 : 2;
  int64_t rows, count, small, extra;
  explicit Panels(int64_t block) : rows(block) {
    int64_t units = (block + unit - 1) / unit;
    count = (block + tile_rows - 1) / tile_rows;
    small = units / count;
    extra = units % count;
  }
  int64_t start(int64_t panel) const {
    int64_t row = (panel * small + (panel < extra ? panel : extra)) * unit;
    return row < rows ? row : rows;
  }
  int64_t height(int64_t panel) const { return start(panel + 1) - start(panel); }
};

}  // namespace SINTER_ISA
}  // namespace sinter
